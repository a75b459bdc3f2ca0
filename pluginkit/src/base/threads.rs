//! Numbers that tell threads apart.
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::sync::thread_local;

thread_local! {
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// Returns the number of the current thread. It is never 0, and no other thread has it, even after the end of this one.
#[inline]
pub(crate) fn current() -> u64 {
    match NUMBER.with(Cell::get) {
        0 => number(),
        number => number,
    }
}

/// Gives the current thread a number.
#[cold]
fn number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    NUMBER.with(|own| own.set(number));
    number
}
