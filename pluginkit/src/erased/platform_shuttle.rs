//! What [`current`](super::current) needs of the machine, as the model checker has it: see [`crate::sync`].
#![forbid(unsafe_code)]

pub(super) use std::sync::Arc;
pub(super) use std::sync::atomic::Ordering;

use std::cell::Cell;
use std::ptr::null_mut;

use super::Kept;
use super::current::{Record, Records};
use crate::sync::thread_local;
pub(super) use crate::sync::{AtomicBool, AtomicPtr};

/// So few that calls within calls do without, and that the checker has little to search.
pub(super) const SLOTS: usize = 1;

shuttle::lazy_static! {
    static ref RECORDS: Records = Records { first: AtomicPtr::new(null_mut()) };
}

thread_local! {
    static OWN: Own = Own(Cell::new(None));
}

/// The record of a thread, left to others when the thread ends.
struct Own(Cell<Option<&'static Record>>);

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(record) = self.0.take() {
            record.leave();
        }
    }
}

pub(super) fn records() -> &'static Records {
    &RECORDS
}

pub(super) fn own() -> Option<&'static Record> {
    OWN.try_with(|own| own.0.get()).ok().flatten()
}

pub(super) fn enter() -> Option<&'static Record> {
    OWN.try_with(|own| {
        own.0.get().unwrap_or_else(|| {
            let record = records().take();
            own.0.set(Some(record));
            record
        })
    })
    .ok()
}

pub(super) fn announce(slot: &AtomicPtr<Kept>, pointer: *mut Kept) {
    slot.swap(pointer, Ordering::SeqCst);
}

pub(super) fn before_search() {}
