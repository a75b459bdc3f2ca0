//! Who runs before whom: buckets, priorities, and places relative to another plugin.

use pluginkit::Options;
use pluginkit::prelude::*;

use crate::host::{self, Document, Outcome, Text, list};

struct Frame;

#[extension]
impl Text for Frame {
    #[extension(trylast)]
    fn format(&self, line: String) -> String {
        format!("[{line}]")
    }
}

struct Plain;

#[extension]
impl Text for Plain {
    fn format(&self, line: String) -> String {
        line.replace('#', "")
    }
}

struct Words;

#[extension]
impl Text for Words {
    #[extension(priority = 10)]
    fn format(&self, line: String) -> String {
        line.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
    }
}

struct Trim;

#[extension]
impl Text for Trim {
    #[extension(tryfirst)]
    fn format(&self, line: String) -> String {
        line.trim().to_owned()
    }
}

struct Capitals;

#[extension]
impl Text for Capitals {
    #[extension(before = "Plain")]
    fn format(&self, line: String) -> String {
        line.to_uppercase()
    }
}

struct Dots;

#[extension]
impl Text for Dots {
    #[extension(after = ["Frame", "Absent"])]
    fn format(&self, line: String) -> String {
        line + "..."
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    let format = pm.caller(Text::format);
    pm.register(Dots)?;
    pm.register(Frame)?;
    pm.register(Plain)?;
    pm.register(Words)?;
    pm.register(Trim)?;
    pm.register(Capitals)?;
    println!("registered: {}", list(pm.plugin_names()));
    for implementation in format.implementations() {
        let options = implementation.options;
        let mut why = vec![format!("{:?}", options.bucket), format!("priority {}", options.priority)];
        why.extend(options.before.iter().map(|plugin| format!("before {plugin}")));
        why.extend(options.after.iter().map(|plugin| format!("after {plugin}")));
        println!("  {:<9}{}", implementation.plugin, why.join(", "));
    }
    println!("{:?} becomes {:?}", document.title(), format.call(80, document.title().into()));

    let between = Options::new().after(["Dots"]).before(["Frame"]);
    match pm.register_fn_with("Between", Text::format, between, |args| args.line) {
        Ok(name) => println!("`{name}` found a place"),
        Err(error) => println!("refused: {error}"),
    }
    println!("`Between` is registered: {}", pm.is_registered("Between"));
    Ok(())
}
