//! Plugins that run around the others: they see the arguments, the outcome, and decide on the rest.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use pluginkit::prelude::*;

use super::collecting::{Lines, Words};
use super::firstresult::{Keywords, Otherwise};
use super::pipeline::{Cut, Trim};
use crate::host::{self, Document, Fault, Outcome, Severity, Text, list};

#[derive(Default)]
struct Stopwatch {
    laps: Mutex<Vec<Duration>>,
}

#[extension]
impl Text for Stopwatch {
    #[extension(wrapper)]
    fn measure(&self, document: &Document, next: Next<'_>) -> Vec<String> {
        let started = Instant::now();
        let figures = next.run(document);
        self.laps.lock().unwrap().push(started.elapsed());
        figures
    }
}

/// Changes the arguments on the way in and the outcome on the way out.
struct Margin;

#[extension]
impl Text for Margin {
    #[extension(wrapper)]
    fn format(&self, width: usize, line: String, next: Next<'_>) -> String {
        format!("> {}", next.run(width.saturating_sub(2), line))
    }
}

/// Answers a line it has seen without asking anyone.
#[derive(Default)]
struct Cache {
    known: Mutex<HashMap<String, Option<Severity>>>,
    hits: Mutex<usize>,
}

#[extension]
impl Text for Cache {
    #[extension(wrapper)]
    fn classify(&self, line: &str, number: usize, next: Next<'_>) -> Option<Severity> {
        if let Some(severity) = self.known.lock().unwrap().get(line) {
            *self.hits.lock().unwrap() += 1;
            return *severity;
        }
        let severity = next.run(line, number);
        self.known.lock().unwrap().insert(line.to_owned(), severity);
        severity
    }
}

/// Leaves the arguments out, and turns an error into an answer.
struct Lenient;

#[extension]
impl Text for Lenient {
    #[extension(wrapper)]
    fn check(&self, next: Next<'_>) -> Result<Vec<String>, Fault> {
        next.run().or_else(|fault| Ok(vec![format!("forgiven: {fault}")]))
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    pm.register(Lines)?;
    pm.register(Words)?;
    pm.register(Stopwatch::default())?;
    let measure = pm.caller(Text::measure);
    println!("measure runs {}", list(measure.implementations()));
    println!("  {:?}", measure.call(document));
    let stopwatch = pm.plugin_as::<Stopwatch>("Stopwatch").ok_or("it is registered")?;
    println!("  {} call timed", stopwatch.laps.lock().unwrap().len());

    pm.register(Trim)?;
    pm.register(Cut)?;
    let format = pm.caller(Text::format);
    println!("format without `Margin`: {:?}", format.call(12, document.title().into()));
    pm.register(Margin)?;
    println!("format with `Margin`: {:?}", format.call(12, document.title().into()));

    pm.register(Keywords)?;
    pm.register(Otherwise::default())?;
    pm.register(Cache::default())?;
    let classify = pm.caller(Text::classify);
    for (number, line) in document.lines().chain(document.lines()) {
        classify.call(line, number);
    }
    let cache = pm.plugin_as::<Cache>("Cache").ok_or("it is registered")?;
    let (known, hits) = (cache.known.lock().unwrap().len(), *cache.hits.lock().unwrap());
    println!("classify twice over: {known} lines asked for, {hits} answered from the cache");

    pm.register_fn("Strict", Text::check, |_| Err(Fault("nothing is good enough".into())))?;
    let check = pm.caller(Text::check);
    println!("check without `Lenient`: {:?}", check.call(document));
    pm.register(Lenient)?;
    println!("check with `Lenient`: {:?}", check.call(document));
    Ok(())
}
