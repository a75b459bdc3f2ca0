//! What [`current`](super::current) needs of the machine. The model check of that file, in `tests/snapshots`,
//! has its own, and so has that of the whole registry.

pub(super) use std::sync::Arc;
pub(super) use std::sync::atomic::Ordering;

use std::cell::Cell;
use std::ptr::null_mut;

use super::Kept;
use super::current::{Record, Records};
pub(super) use crate::sync::{AtomicBool, AtomicPtr};

/// How many announcements a thread can have, for calls within calls: as fit a cache line. Who has more counts
/// references.
pub(super) const SLOTS: usize = 6;

static RECORDS: Records = Records { first: AtomicPtr::new(null_mut()) };

thread_local! {
    /// The record of the thread. It has no destructor, so that reading it is no more than that.
    static OWN: Cell<Option<&'static Record>> = const { Cell::new(None) };
    /// Has one.
    static LEAVES: Leaves = const { Leaves };
}

/// Leaves the record of a thread to others when the thread ends.
struct Leaves;

impl Drop for Leaves {
    fn drop(&mut self) {
        if let Some(record) = OWN.take() {
            record.leave();
        }
    }
}

/// The records of all threads.
pub(super) fn records() -> &'static Records {
    &RECORDS
}

/// The record of this thread, if it has one.
#[inline]
pub(super) fn own() -> Option<&'static Record> {
    OWN.get()
}

/// The record of this thread, which gets one if it has none, unless it is about to end.
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

/// Puts `pointer` into `slot`, before whatever the thread looks at next.
#[inline]
pub(super) fn announce(slot: &AtomicPtr<Kept>, pointer: *mut Kept) {
    slot.swap(pointer, Ordering::SeqCst);
}

/// Between a replacement and the search for announcements, whose operations are in order by themselves.
#[inline]
pub(super) fn before_search() {}
