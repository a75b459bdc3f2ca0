//! What the file under test needs of the machine, as the model checker has it.

pub(crate) use loom::sync::Arc;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use std::cell::Cell;
use std::ptr::null_mut;

use loom::sync::atomic::fence;

use crate::Kept;
use crate::current::{Record, Records};

/// So few that a call within a call does without.
pub(crate) const SLOTS: usize = 1;

loom::lazy_static! {
    static ref RECORDS: Records = Records { first: AtomicPtr::new(null_mut()) };
}

loom::thread_local! {
    static OWN: Own = Own(Cell::new(None));
}

struct Own(Cell<Option<&'static Record>>);

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(record) = self.0.take() {
            record.leave();
        }
    }
}

pub(crate) fn records() -> &'static Records {
    &RECORDS
}

pub(crate) fn own() -> Option<&'static Record> {
    OWN.try_with(|own| own.0.get()).ok().flatten()
}

pub(crate) fn enter() -> Option<&'static Record> {
    OWN.try_with(|own| {
        own.0.get().unwrap_or_else(|| {
            let record = RECORDS.take();
            own.0.set(Some(record));
            record
        })
    })
    .ok()
}

/// The checker takes only fences for sequentially consistent; elsewhere the operations are.
pub(crate) fn announce(slot: &AtomicPtr<Kept>, pointer: *mut Kept) {
    slot.swap(pointer, Ordering::SeqCst);
    fence(Ordering::SeqCst);
}

pub(crate) fn before_search() {
    fence(Ordering::SeqCst);
}
