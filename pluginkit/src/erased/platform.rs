//! What [`hazard_cell`](super::hazard_cell) needs of the machine. Its model check in `tests/snapshots` has another
//! version of this file, and so has the model check of the whole registry.

pub(super) use std::sync::Arc;
pub(super) use std::sync::atomic::Ordering;

use std::cell::Cell;

use super::hazard_cell::{Lists, Record, Records};
pub(super) use crate::base::drops::drop_each;
pub(super) use crate::sync::{AtomicBool, AtomicPtr, AtomicUsize, Mutex, MutexGuard};

/// How many slots a thread has for calls within calls. With the rest of a record they fit a cache line. Deeper calls
/// count references.
pub(super) const SLOTS: usize = 5;

static RECORDS: Records = Records { lists: Mutex::new(Lists::EMPTY) };

thread_local! {
    /// The record of the thread. It has no destructor, so that a load reads it without a check.
    static OWN: Cell<Option<&'static Record>> = const { Cell::new(None) };
    static LEAVES: Leaves = const { Leaves };
}

/// Gives the record of a thread back when the thread ends.
struct Leaves;

impl Drop for Leaves {
    fn drop(&mut self) {
        if let Some(record) = OWN.take() {
            RECORDS.leave(record);
        }
    }
}

/// Returns the records of all threads.
pub(super) fn records() -> &'static Records {
    &RECORDS
}

/// Returns the record of this thread, if it has one.
#[inline]
pub(super) fn own() -> Option<&'static Record> {
    OWN.get()
}

/// Returns the record of this thread, which gets one if it has none, unless it is about to end.
pub(super) fn enter() -> Option<&'static Record> {
    LEAVES
        .try_with(|_| match OWN.get() {
            Some(record) => record,
            None => {
                let record = RECORDS.take();
                OWN.set(Some(record));
                record
            }
        })
        .ok()
}

/// Writes `pointer` to `slot` before the thread looks at anything else.
#[inline]
pub(super) fn announce(slot: &AtomicPtr<()>, pointer: *mut ()) {
    slot.swap(pointer, Ordering::SeqCst);
}

/// Stands between a replacement and the search of the slots, whose operations are in order by themselves.
#[inline]
pub(super) fn before_search() {}
