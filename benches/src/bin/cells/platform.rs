//! What the cell under measurement needs of the machine, as in the library.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
pub(crate) use std::sync::{Arc, Mutex, MutexGuard};

use std::cell::Cell;

use crate::hazard_cell::{Lists, Record, Records};

pub(crate) const HAZARD_POINTERS: usize = 5;

static RECORDS: Records = Records { lists: Mutex::new(Lists::EMPTY) };

thread_local! {
    static OWN: Cell<Option<&'static Record>> = const { Cell::new(None) };
    static LEAVES: Leaves = const { Leaves };
}

struct Leaves;

impl Drop for Leaves {
    fn drop(&mut self) {
        if let Some(record) = OWN.take() {
            RECORDS.leave(record);
        }
    }
}

pub(crate) fn records() -> &'static Records {
    &RECORDS
}

#[inline]
pub(crate) fn own() -> Option<&'static Record> {
    OWN.get()
}

pub(crate) fn enter() -> Option<&'static Record> {
    LEAVES
        .try_with(|_| {
            OWN.get().unwrap_or_else(|| {
                let record = RECORDS.take();
                OWN.set(Some(record));
                record
            })
        })
        .ok()
}

#[inline]
pub(crate) fn set_hazard(hazard: &AtomicPtr<()>, pointer: *mut ()) {
    hazard.swap(pointer, Ordering::SeqCst);
}

#[inline]
pub(crate) fn before_search() {}

pub(crate) fn drop_each<T>(values: impl IntoIterator<Item = T>) {
    values.into_iter().for_each(drop);
}

pub(crate) fn note(_address: usize) {}

pub(crate) fn forget(_address: usize) {}

pub(crate) fn noted(_address: usize) -> usize {
    0
}
