//! What a collecting point makes of `Option`, `Result` and no return value.

use std::sync::Mutex;

use pluginkit::prelude::*;

use crate::host::{self, Document, Fault, Outcome, Text};

struct TrailingSpace;

#[extension]
impl Text for TrailingSpace {
    fn lint(&self, line: &str, number: usize) -> Option<String> {
        line.ends_with([' ', '\t']).then(|| format!("line {number} ends with a space"))
    }
}

struct LongLine;

#[extension]
impl Text for LongLine {
    fn lint(&self, line: &str, number: usize) -> Option<String> {
        let length = line.chars().count();
        (length > 100).then(|| format!("line {number} has {length} characters"))
    }
}

struct NotEmpty;

#[extension]
impl Text for NotEmpty {
    fn check(&self, document: &Document) -> Result<String, Fault> {
        if document.text.is_empty() { Err(Fault("it is empty".into())) } else { Ok("it has a text".into()) }
    }
}

struct NoTabs;

#[extension]
impl Text for NoTabs {
    fn check(&self, document: &Document) -> Result<String, Fault> {
        match document.lines().find(|(_, line)| line.contains('\t')) {
            Some((number, _)) => Err(Fault(format!("line {number} has a tab"))),
            None => Ok("it has no tab".into()),
        }
    }
}

#[derive(Default)]
struct Journal {
    messages: Mutex<Vec<String>>,
}

#[extension]
impl Text for Journal {
    fn notify(&self, message: &str) {
        self.messages.lock().unwrap().push(message.to_owned());
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    pm.register(TrailingSpace)?;
    pm.register(LongLine)?;
    pm.register(NotEmpty)?;
    pm.register(NoTabs)?;
    pm.register(Journal::default())?;

    let lint = pm.caller(Text::lint);
    let remarks: Vec<String> = document.lines().flat_map(|(number, line)| lint.call(line, number)).collect();
    println!("Option: {} remarks, each `None` left out", remarks.len());
    remarks.iter().take(3).for_each(|remark| println!("  {remark}"));

    let checked: Result<Vec<String>, Fault> = pm.caller(Text::check).call(document);
    match checked {
        Ok(met) => println!("Result: all is well: {}", met.join(", ")),
        Err(fault) => println!("Result: stopped at the first error: {fault}"),
    }

    pm.caller(Text::notify).call("linted");
    pm.caller(Text::notify).call("checked");
    let journal = pm.plugin_as::<Journal>("Journal").ok_or("the journal is registered")?;
    println!("unit: the journal noted {:?}", journal.messages.lock().unwrap());
    Ok(())
}
