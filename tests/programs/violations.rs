//! Violations, and the panics that are meant.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use crate::world::{World, provoke};

static VIOLATIONS: AtomicU64 = AtomicU64::new(0);
static PROGRAM: AtomicU64 = AtomicU64::new(0);

/// The text that every injected panic begins with.
pub(crate) const INJECTED: &str = "injected";

/// Reports a violation unless the condition holds.
pub(crate) fn must(holds: bool, text: fmt::Arguments<'_>) {
    if !holds {
        report(&text.to_string());
    }
}

pub(crate) fn report(text: &str) {
    VIOLATIONS.fetch_add(1, SeqCst);
    eprintln!("VIOLATION in program {}: {text}", PROGRAM.load(SeqCst));
}

pub(crate) fn count() -> u64 {
    VIOLATIONS.load(SeqCst)
}

/// Names the program that violations are reported of.
pub(crate) fn begin(program: u64) {
    PROGRAM.store(program, SeqCst);
}

/// The payload of an injected panic: its destructor acts.
pub(crate) struct Payload {
    pub(crate) world: Weak<World>,
    pub(crate) seed: u64,
}

impl Drop for Payload {
    fn drop(&mut self) {
        provoke(&self.world, self.seed, 3);
    }
}

/// Reports panics that were not injected, and is silent about the others.
pub(crate) fn watch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if !is_injected(panic.payload()) {
            let trace = std::backtrace::Backtrace::force_capture();
            report(&format!("a panic: {panic}\n{trace}"));
        }
    }));
}

fn is_injected(payload: &(dyn Any + Send)) -> bool {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    payload.is::<Payload>() || text.is_some_and(|text| text.contains(INJECTED))
}

/// Runs `work` and drops the payload of its panic, if it panics.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => Some(value),
        Err(payload) => {
            drop(payload);
            None
        }
    }
}

/// A value that may be the last owner of plugins, beside others in the same frame: dropped by itself.
pub(crate) struct Quiet<T>(Option<T>);

impl<T> Quiet<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T> Deref for Quiet<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is there until it is dropped")
    }
}

impl<T> Drop for Quiet<T> {
    fn drop(&mut self) {
        quietly(|| drop(self.0.take()));
    }
}
