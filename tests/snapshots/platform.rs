//! The machine as the model checker has it, for the file under test.

pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
pub(crate) use loom::sync::{Arc, Mutex, MutexGuard};

use std::cell::Cell;

use loom::sync::atomic::fence;

use crate::hazard_cell::{Lists, Record, Records};

/// So few that a call within a call counts a reference.
pub(crate) const HAZARD_POINTERS: usize = 1;

loom::lazy_static! {
    /// Leaked, as threads use it when the statics of a run are gone.
    static ref RECORDS: &'static Records = Box::leak(Box::new(Records { lists: Mutex::new(Lists::EMPTY) }));
}

loom::thread_local! {
    static OWN: Own = Own(Cell::new(None));
}

struct Own(Cell<Option<(&'static Record, &'static Records)>>);

impl Drop for Own {
    fn drop(&mut self) {
        if let Some((record, records)) = self.0.take() {
            records.leave(record);
        }
    }
}

pub(crate) fn records() -> &'static Records {
    *RECORDS
}

pub(crate) fn own() -> Option<&'static Record> {
    OWN.try_with(|own| own.0.get()).ok().flatten().map(|(record, _)| record)
}

pub(crate) fn enter() -> Option<&'static Record> {
    OWN.try_with(|own| {
        let (record, _) = own.0.get().unwrap_or_else(|| {
            let entered = (records().take(), records());
            own.0.set(Some(entered));
            entered
        });
        record
    })
    .ok()
}

/// The checker takes only fences for sequentially consistent; elsewhere the operations are.
pub(crate) fn set_hazard(hazard: &AtomicPtr<()>, pointer: *mut ()) {
    hazard.swap(pointer, Ordering::SeqCst);
    fence(Ordering::SeqCst);
}

pub(crate) fn before_search() {
    fence(Ordering::SeqCst);
}

pub(crate) fn drop_each<T>(values: impl IntoIterator<Item = T>) {
    values.into_iter().for_each(drop);
}

pub(crate) fn note(_address: usize) {}

pub(crate) fn forget(_address: usize) {}

pub(crate) fn noted(_address: usize) -> usize {
    0
}
