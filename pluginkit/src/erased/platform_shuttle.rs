//! The platform of [`hazard_cell`](super::hazard_cell) under the model checker: see `base::sync`.
#![forbid(unsafe_code)]

pub(super) use std::sync::Arc;
pub(super) use std::sync::atomic::Ordering;

use std::cell::{Cell, RefCell};

use super::hazard_cell::{Lists, Record, Records};
pub(super) use crate::base::drops::drop_each;
use crate::base::sync::thread_local;
pub(super) use crate::base::sync::{AtomicBool, AtomicPtr, AtomicUsize, Mutex, MutexGuard};

/// One, so that calls within calls count references, and the checker has little to search.
pub(super) const HAZARD_POINTERS: usize = 1;

shuttle::lazy_static! {
    static ref RECORDS: Records = Records { lists: Mutex::new(Lists::EMPTY) };
}

thread_local! {
    static OWN: Own = Own(Cell::new(None));
    static NOTED: RefCell<Vec<usize>> = RefCell::new(Vec::new());
}

/// The record of a thread, returned when the thread ends.
struct Own(Cell<Option<&'static Record>>);

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(record) = self.0.take() {
            RECORDS.leave(record);
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

pub(super) fn set_hazard(hazard: &AtomicPtr<()>, pointer: *mut ()) {
    hazard.swap(pointer, Ordering::SeqCst);
}

pub(super) fn before_search() {}

pub(super) fn note(address: usize) {
    let _ = NOTED.try_with(|noted| noted.borrow_mut().push(address));
}

pub(super) fn forget(address: usize) {
    let _ = NOTED.try_with(|noted| {
        let mut noted = noted.borrow_mut();
        if let Some(at) = noted.iter().rposition(|other| *other == address) {
            noted.swap_remove(at);
        }
    });
}

pub(super) fn noted(address: usize) -> usize {
    NOTED.try_with(|noted| noted.borrow().iter().filter(|other| **other == address).count()).unwrap_or(0)
}
