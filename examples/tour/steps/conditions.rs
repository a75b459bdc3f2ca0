//! Plugins that take part only sometimes: by predicate, by caller, by switch, or not at all.

use pluginkit::prelude::*;

use crate::host::{self, Document, Outcome, Severity, Text};

/// Knows lines of one component.
struct Component {
    name: &'static str,
}

impl Component {
    fn is_named(&self, line: &str) -> bool {
        line.contains(self.name)
    }
}

#[extension]
impl Text for Component {
    #[extension(when = Self::is_named)]
    fn classify(&self, line: &str) -> Option<Severity> {
        Some(if line.contains("ERROR") { Severity::Error } else { Severity::Note })
    }

    #[extension(when = Self::is_named)]
    fn lint(&self, line: &str) -> Option<String> {
        Some(format!("{} in {} characters", self.name, line.chars().count()))
    }
}

struct Everything;

#[extension]
impl Text for Everything {
    fn lint(&self, number: usize) -> Option<String> {
        Some(format!("line {number}"))
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    pm.register_as("db", Component { name: "db:" })?;
    pm.register_as("web", Component { name: "web:" })?;
    pm.register(Everything)?;

    let classify = pm.caller(Text::classify);
    let known = document.lines().filter(|(number, line)| classify.call(line, *number).is_some()).count();
    println!("when: {known} of {} lines belong to a component", document.text.lines().count());

    let lint = pm.caller(Text::lint);
    let both = "db: and web: in one line";
    println!("all: {:?}", lint.call(both, 1));

    let without = lint.without(["db", "Everything"]);
    println!("without two: {:?}", without.call(both, 1));

    pm.set_enabled("web", false)?;
    println!("web disabled: {:?}", lint.call(both, 1));
    println!("  still registered: {}, enabled: {}", pm.is_registered("web"), pm.is_enabled("web"));
    pm.set_enabled("web", true)?;
    println!("web enabled, at its old place: {:?}", lint.call(both, 1));

    let removed = pm.set_blocked("db");
    println!("db blocked: {:?}, removed: {}", lint.call(both, 1), removed.is_some());
    if let Err(error) = pm.register_as("db", Component { name: "db:" }) {
        println!("  {error}");
    }
    pm.unblock("db");
    pm.register_as("db", Component { name: "db:" })?;
    println!("db unblocked, as the last one: {:?}", lint.call(both, 1));
    Ok(())
}
