//! One value passes through every plugin: by value, optionally, fallibly, or edited in place.

use pluginkit::prelude::*;

use crate::host::{self, Document, Fault, Outcome, Text, excerpt};

pub(crate) struct Trim;

#[extension]
impl Text for Trim {
    fn format(&self, line: String) -> String {
        line.trim().to_owned()
    }
    fn tidy(&self, lines: &mut Vec<String>) {
        for line in lines {
            line.truncate(line.trim_end().len());
        }
    }
}

pub(crate) struct Cut;

#[extension]
impl Text for Cut {
    fn format(&self, line: String, width: usize) -> String {
        line.chars().take(width).collect()
    }
}

struct Addresses;

#[extension]
impl Text for Addresses {
    fn redact(&self, line: String) -> Option<String> {
        line.contains('@').then(|| mask(&line, |word| word.contains('@')))
    }
}

struct Tokens;

#[extension]
impl Text for Tokens {
    fn redact(&self, line: String) -> Option<String> {
        line.contains("token=").then(|| mask(&line, |word| word.starts_with("token=")))
    }
}

struct Blank;

#[extension]
impl Text for Blank {
    fn tidy(&self, lines: &mut Vec<String>) {
        lines.retain(|line| !line.is_empty());
    }
}

struct Heading;

#[extension]
impl Text for Heading {
    fn publish(&self, page: String) -> Result<String, Fault> {
        Ok(format!("--- page ---\n{page}"))
    }
}

struct NoSecrets;

#[extension]
impl Text for NoSecrets {
    fn publish(&self, page: String) -> Result<String, Fault> {
        if page.contains("token=") { Err(Fault("it holds a token".into())) } else { Ok(page) }
    }
}

fn mask(line: &str, secret: impl Fn(&str) -> bool) -> String {
    line.split(' ').map(|word| if secret(word) { "[masked]" } else { word }).collect::<Vec<_>>().join(" ")
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    println!("without plugins: {:?}", pm.caller(Text::format).call(40, "  as it was  ".into()));
    pm.register(Trim)?;
    pm.register(Cut)?;
    pm.register(Addresses)?;
    pm.register(Tokens)?;
    pm.register(Blank)?;
    pm.register(Heading)?;
    pm.register(NoSecrets)?;

    let title: String = pm.caller(Text::format).call(24, document.title().into());
    println!("by value: {title:?}");

    let redact = pm.caller(Text::redact);
    let redacted: Vec<String> = document.text.lines().map(|line| redact.call(line.into())).collect();
    let changed = redacted.iter().zip(document.text.lines()).filter(|(new, old)| new != old);
    println!("Option: {} lines changed", changed.clone().count());
    changed.take(2).for_each(|(new, _)| println!("  {}", excerpt(new)));

    let publish = pm.caller(Text::publish);
    for page in [document.title(), "token=abc123"] {
        let published: Result<String, Fault> = publish.call(page.into());
        println!("Result: {:?}", published.map(|page| excerpt(&page)));
    }

    let mut lines: Vec<String> = document.text.lines().map(str::to_owned).collect();
    let before = lines.len();
    pm.caller(Text::tidy).call(&mut lines);
    println!("in place: {before} lines, then {}", lines.len());
    Ok(())
}
