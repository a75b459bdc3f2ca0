//! An observer sees every call and every plugin, until its guard is dropped.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pluginkit::observe::{End, Event};

use super::collecting::{Lines, Words};
use super::firstresult::{Keywords, Otherwise};
use crate::host::{self, Document, Fault, Outcome, Text};

type Counts = Arc<Mutex<BTreeMap<String, usize>>>;

/// Counts what happens; an observer that keeps times would read the `elapsed` of each event.
fn counter(counts: &Counts) -> impl Fn(&Event<'_>) + Send + Sync + 'static {
    let counts = Arc::clone(counts);
    move |event| {
        let what = match event {
            Event::CallFinished { point, end: End::Returned, .. } => format!("{point} returned"),
            Event::CallFinished { point, end: End::Failed(error), .. } => format!("{point} failed: {error}"),
            Event::ExtensionFinished { plugin, point, .. } => format!("{point} ran {plugin}"),
            _ => return,
        };
        *counts.lock().unwrap().entry(what).or_default() += 1;
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    pm.register(Lines)?;
    pm.register(Words)?;
    pm.register(Keywords)?;
    pm.register(Otherwise::default())?;
    pm.register_fn("Strict", Text::check, |_| Err(Fault("not good enough".into())))?;

    let (counts, other) = (Counts::default(), Counts::default());
    let guard = pm.observe(counter(&counts));
    let second = pm.observe(counter(&other));
    let work = || {
        pm.caller(Text::measure).call(document);
        let _ = pm.caller(Text::check).call(document);
        let classify = pm.caller(Text::classify);
        for (number, line) in document.lines() {
            classify.call(line, number);
        }
    };
    work();
    drop(guard);
    work();
    drop(second);
    work();

    for (what, count) in &*counts.lock().unwrap() {
        println!("{count:>4} {what}");
    }
    let sum = |counts: &Counts| counts.lock().unwrap().values().sum::<usize>();
    println!(
        "the first saw {} events, the second {}, which stayed for two rounds",
        sum(&counts),
        sum(&other)
    );
    Ok(())
}
