//! Calls that are remembered: a plugin that comes later gets them when it is registered.

use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;

use crate::host::{self, Document, Outcome, Text};

/// A list of what was opened.
#[derive(Default)]
struct Shelf {
    names: Mutex<Vec<String>>,
}

#[extension]
impl Text for Shelf {
    fn opened(&self, name: &str) -> String {
        let mut names = self.names.lock().unwrap();
        names.push(name.to_owned());
        format!("shelf: {name} is number {}", names.len())
    }
}

#[derive(Default)]
struct Total {
    lines: Mutex<usize>,
}

#[extension]
impl Text for Total {
    fn opened(&self, lines: usize) -> String {
        let mut total = self.lines.lock().unwrap();
        *total += lines;
        format!("total: {total} lines")
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    let opened = pm.caller(Text::opened);
    pm.register(Shelf::default())?;

    let notes: Vec<String> = opened.call_historic(&document.name, document.text.lines().count());
    println!("call_historic: {notes:?}");

    // The callback stays: it gets the answers of later plugins too.
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    opened.call_historic_with("appendix.txt", 10, move |note| hear.lock().unwrap().push(note));
    println!("call_historic_with: {:?}", heard.lock().unwrap());

    pm.register(Total::default())?;
    println!("after a late plugin: {:?}", heard.lock().unwrap());
    let total = pm.plugin_as::<Total>("Total").ok_or("it is registered")?;
    println!("the late plugin caught up: {} lines in total", total.lines.lock().unwrap());

    pm.unregister("Total");
    pm.register(Total::default())?;
    println!("registered again, it gets them again: {:?}", heard.lock().unwrap().last());
    Ok(())
}
