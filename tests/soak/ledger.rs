//! Operations done and violations found, for the whole run.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// How much wrong is kept; a run that finds this much need not go on.
const ENOUGH: usize = 20;

pub(crate) static CONSTRUCTED: AtomicU64 = AtomicU64::new(0);
pub(crate) static DROPPED: AtomicU64 = AtomicU64::new(0);
/// Bodies and wrappers that have begun, and whose destructors have run.
pub(crate) static ENTERED: AtomicU64 = AtomicU64::new(0);
pub(crate) static LEFT: AtomicU64 = AtomicU64::new(0);

static VIOLATIONS: Mutex<Vec<String>> = Mutex::new(Vec::new());
static DONE: Mutex<BTreeMap<&'static str, u64>> = Mutex::new(BTreeMap::new());
static FAULTS: Mutex<BTreeMap<&'static str, (u64, u64)>> = Mutex::new(BTreeMap::new());

fn open<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes what must not be.
pub(crate) fn violation(text: String) {
    let mut violations = open(&VIOLATIONS);
    if violations.len() < ENOUGH {
        eprintln!("VIOLATION in round {}: {text}", crate::ROUNDS.load(Relaxed));
        violations.push(text);
    }
}

/// Notes that something is not as it must be, if it is not.
pub(crate) fn must(holds: bool, text: fmt::Arguments<'_>) {
    if !holds {
        violation(text.to_string());
    }
}

pub(crate) fn violations() -> usize {
    open(&VIOLATIONS).len()
}

/// What one worker has done; added to the whole when it ends.
#[derive(Default)]
pub(crate) struct Tally {
    done: BTreeMap<&'static str, u64>,
    faults: BTreeMap<&'static str, (u64, u64)>,
}

impl Tally {
    pub(crate) fn did(&mut self, operation: &'static str) {
        *self.done.entry(operation).or_default() += 1;
    }

    /// Something has happened so often.
    pub(crate) fn count(&mut self, operation: &'static str, times: u64) {
        *self.done.entry(operation).or_default() += times;
    }

    /// A fault was injected, and came out as it must, or did not.
    pub(crate) fn fault(&mut self, kind: &'static str, survived: bool) {
        let counts = self.faults.entry(kind).or_default();
        counts.0 += 1;
        counts.1 += u64::from(survived);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let mut done = open(&DONE);
        for (operation, count) in &self.done {
            *done.entry(operation).or_default() += count;
        }
        let mut faults = open(&FAULTS);
        for (kind, (injected, survived)) in &self.faults {
            let counts = faults.entry(kind).or_default();
            counts.0 += injected;
            counts.1 += survived;
        }
    }
}

/// All operations so far.
pub(crate) fn operations() -> u64 {
    open(&DONE).values().sum()
}

/// Those of the operations that were not done at all.
pub(crate) fn missing(operations: &[&'static str]) -> Vec<&'static str> {
    let done = open(&DONE);
    let is_missing = |operation: &&&str| done.get(**operation).is_none_or(|times| *times == 0);
    operations.iter().filter(is_missing).copied().collect()
}

/// The faults injected so far, and how many of them were survived.
pub(crate) fn faults() -> (u64, u64) {
    open(&FAULTS).values().fold((0, 0), |sum, each| (sum.0 + each.0, sum.1 + each.1))
}

/// Tables of all that was done.
pub(crate) fn tables() -> String {
    let mut text = format!("{:<34}{:>14}\n", "operation", "times");
    for (operation, count) in &*open(&DONE) {
        let _ = writeln!(text, "{operation:<34}{count:>14}");
    }
    let _ = writeln!(text, "\n{:<34}{:>14}{:>14}", "fault", "injected", "survived");
    for (kind, (injected, survived)) in &*open(&FAULTS) {
        let _ = writeln!(text, "{kind:<34}{injected:>14}{survived:>14}");
    }
    text
}

/// How many values there are that were made and not dropped.
pub(crate) fn alive() -> u64 {
    let dropped = DROPPED.load(Relaxed);
    CONSTRUCTED.load(Relaxed).saturating_sub(dropped)
}

/// How many bodies are under way.
pub(crate) fn under_way() -> u64 {
    let left = LEFT.load(Relaxed);
    ENTERED.load(Relaxed).saturating_sub(left)
}
