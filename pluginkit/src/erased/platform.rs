//! The platform of [`hazard_cell`](super::hazard_cell). The model checks in `tests/snapshots` and of the whole registry
//! have their own versions of this file.

pub(super) use std::sync::Arc;
pub(super) use std::sync::atomic::Ordering;

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use super::hazard_cell::{Lists, Record, Records};
pub(super) use crate::base::drops::drop_each;
pub(super) use crate::base::sync::{AtomicBool, AtomicPtr, AtomicUsize, Mutex, MutexGuard};

/// The hazard pointers of a thread, for calls within calls. With the rest of a record, they fit a cache line. Deeper calls
/// count references.
pub(super) const HAZARD_POINTERS: usize = 5;

static RECORDS: Records = Records { lists: Mutex::new(Lists::EMPTY) };

thread_local! {
    /// The record of the thread. It has no destructor, so that a load reads it without a check.
    static OWN: Cell<Option<&'static Record>> = const { Cell::new(None) };
    static LEAVES: Leaves = const { Leaves };
}

/// Returns the record of a thread when the thread ends.
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

/// Returns the record of this thread, which gets one if it has none; `None` if the thread is about to end.
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

thread_local! {
    /// The addresses of the values of noted guards. It has no destructor, so that destructors of other thread locals can load.
    /// Between calls it owns no memory.
    static NOTED: ManuallyDrop<RefCell<Vec<usize>>> = const { ManuallyDrop::new(RefCell::new(Vec::new())) };
}

/// Notes that a guard of this thread without a hazard pointer holds the value at `address`.
pub(super) fn note(address: usize) {
    NOTED.with(|noted| noted.borrow_mut().push(address));
}

/// Forgets a note, if there is one.
pub(super) fn forget(address: usize) {
    NOTED.with(|noted| {
        let mut noted = noted.borrow_mut();
        if let Some(at) = noted.iter().rposition(|other| *other == address) {
            noted.swap_remove(at);
            if noted.is_empty() {
                *noted = Vec::new();
            }
        }
    });
}

/// Returns how many notes of this thread are of the value at `address`.
pub(super) fn noted(address: usize) -> usize {
    NOTED.with(|noted| noted.borrow().iter().filter(|other| **other == address).count())
}

/// Writes `pointer` to `hazard`, ordered before all later reads of the thread.
#[inline]
pub(super) fn set_hazard(hazard: &AtomicPtr<()>, pointer: *mut ()) {
    hazard.swap(pointer, Ordering::SeqCst);
}

/// A fence between a replacement and the search of hazard pointers. Their operations need none here.
#[inline]
pub(super) fn before_search() {}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;
    use std::sync::Barrier;
    use std::thread;

    use super::super::hazard_cell::{Guard, HazardCell, held_here};
    use super::{HAZARD_POINTERS, records};

    fn cell(value: u64) -> Arc<HazardCell<u64>> {
        Arc::new(HazardCell::new(Arc::new(value)))
    }

    #[test]
    fn threads_that_have_ended_are_not_searched() {
        const THREADS: usize = 300;
        let (cell, barrier) = (cell(1), Barrier::new(THREADS));
        let before = records().in_use();
        thread::scope(|scope| {
            let spawn = |_| {
                scope.spawn(|| {
                    drop(cell.load());
                    barrier.wait();
                })
            };
            let threads: Vec<_> = (0..THREADS).map(spawn).collect();
            // A scope does not wait for the destructors of thread-locals, which return the records.
            for thread in threads {
                thread.join().unwrap();
            }
        });
        // Other tests run at the same time.
        assert!(records().in_use() < before + THREADS / 2, "{} and {before}", records().in_use());
    }

    #[test]
    fn a_record_is_kept_for_a_guard_that_outlives_its_thread() {
        let cell = cell(1);
        let other = Arc::clone(&cell);
        let guard = thread::spawn(move || other.load()).join().unwrap();
        assert_eq!(*cell.replace(Arc::new(2)), 1);
        assert_eq!((*guard, *cell.load()), (1, 2));
        let kept = guard.into_arc();
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[test]
    fn loads_within_loads_count_references_when_no_hazard_pointer_is_free() {
        let cell = cell(0);
        let mut guards = Vec::new();
        for version in 0..20 * HAZARD_POINTERS as u64 {
            guards.push(cell.load());
            drop(cell.replace(Arc::new(version + 1)));
        }
        for (version, guard) in guards.iter().enumerate() {
            assert_eq!(**guard, version as u64);
        }
        // Neither first in nor last in.
        while !guards.is_empty() {
            drop(guards.swap_remove(guards.len() / 2));
        }
        let last = cell.replace(Arc::new(0));
        assert_eq!(Arc::strong_count(&last), 1);
    }

    #[test]
    fn a_thread_counts_the_guards_that_it_holds() {
        let cell = cell(0);
        let held = |guard: &Guard<u64>| held_here(&raw const **guard);
        let mut guards: Vec<_> = (0..HAZARD_POINTERS + 2).map(|_| cell.load()).collect();
        assert_eq!(held(&guards[0]), HAZARD_POINTERS + 2);
        // The guards get handovers, and are counted still.
        drop(cell.replace(Arc::new(1)));
        assert_eq!(held(&guards[0]), HAZARD_POINTERS + 2);
        let counted = guards.pop().unwrap().into_arc();
        assert_eq!(held(&guards[0]), HAZARD_POINTERS + 1);
        drop(guards.swap_remove(1));
        assert_eq!(held(&guards[0]), HAZARD_POINTERS);
        let other = thread::spawn(move || (held_here(&raw const *counted), counted)).join().unwrap();
        assert_eq!(other.0, 0);
        guards.clear();
        assert_eq!(held_here(&raw const *other.1), 0);
        assert_eq!(Arc::strong_count(&other.1), 1);
    }

    #[test]
    fn a_thread_that_ends_can_load() {
        struct Loads(Arc<HazardCell<u64>>, Arc<std::sync::Mutex<Vec<Guard<u64>>>>);
        impl Drop for Loads {
            fn drop(&mut self) {
                let guard = self.0.load();
                drop(self.0.replace(Arc::new(2)));
                assert_eq!(*guard, 1);
                self.1.lock().unwrap().push(guard);
            }
        }
        thread_local! { static LAST: RefCell<Option<Loads>> = const { RefCell::new(None) } }
        let (cell, kept) = (cell(1), Arc::default());
        let loads = Loads(Arc::clone(&cell), Arc::clone(&kept));
        thread::spawn(move || {
            // Destructors run in reverse order, so that this one runs after the record was returned.
            LAST.with_borrow_mut(|last| *last = Some(loads));
            drop(cell.load());
        })
        .join()
        .unwrap();
        let guard = kept.lock().unwrap().pop().unwrap();
        assert_eq!(*guard, 1);
    }
}
