//! Plugins are asked in turn until one answers; those after it do not run.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use pluginkit::prelude::*;

use crate::host::{self, Document, Fault, Outcome, Severity, Text, excerpt};

pub(crate) struct Keywords;

#[extension]
impl Text for Keywords {
    fn classify(&self, line: &str) -> Option<Severity> {
        let has = |word: &str| line.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
        if has("ERROR") {
            Some(Severity::Error)
        } else if has("WARN") || has("TODO") {
            Some(Severity::Warning)
        } else {
            None
        }
    }
}

/// Whatever nobody else knows is a note.
#[derive(Default)]
pub(crate) struct Otherwise {
    asked: AtomicUsize,
}

#[extension]
impl Text for Otherwise {
    #[extension(trylast)]
    fn classify(&self) -> Option<Severity> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Some(Severity::Note)
    }
}

struct Clock;

#[extension]
impl Text for Clock {
    fn clock(&self, line: &str) -> Result<Option<u32>, Fault> {
        let Some(time) = line.split_whitespace().find(|word| word.len() == 8 && word.contains(':')) else {
            return Ok(None);
        };
        let parts: Vec<u32> = time.split(':').filter_map(|part| part.parse().ok()).collect();
        match parts[..] {
            [hours @ 0..24, minutes @ 0..60, seconds @ 0..60] => {
                Ok(Some(hours * 3600 + minutes * 60 + seconds))
            }
            [_, _, _] => Err(Fault(format!("`{time}` is no time of day"))),
            _ => Ok(None),
        }
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    pm.register(Otherwise::default())?;
    pm.register(Keywords)?;
    pm.register(Clock)?;

    let classify = pm.caller(Text::classify);
    let mut counts = BTreeMap::new();
    for (number, line) in document.lines() {
        let severity: Option<Severity> = classify.call(line, number);
        if let Some(severity) = severity {
            *counts.entry(severity).or_insert(0) += 1;
        }
    }
    for (severity, count) in counts {
        println!("{severity:?}: {count} lines");
    }
    let otherwise = pm.plugin_as::<Otherwise>("Otherwise").ok_or("it is registered")?;
    println!("`Otherwise` ran for {} of them", otherwise.asked.load(Ordering::Relaxed));

    println!("nobody knows: {:?}", classify.without(["Keywords", "Otherwise"]).call("?", 1));

    let clock = pm.caller(Text::clock);
    let times: Result<Vec<Option<u32>>, Fault> = document.text.lines().map(|line| clock.call(line)).collect();
    match times {
        Ok(times) => println!("{} lines tell the time", times.iter().flatten().count()),
        Err(fault) => println!("a line tells no time: {fault}"),
    }
    println!("`{}`: {:?}", excerpt(document.title()), clock.call(document.title()));
    println!("`at 25:00:00`: {:?}", clock.call("at 25:00:00"));
    Ok(())
}
