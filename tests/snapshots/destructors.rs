//! Values with destructors that load, keep, replace and drop, as those of plugins may.

use loom::sync::{Arc, Mutex};
use loom::thread;

use crate::allocator::Padding;
use crate::hazard_cell::{Guard, HazardCell};
use crate::{Kept, model};

/// A value with a part that notices use after its drop, and a destructor that does something to cells.
struct Busy {
    part: Arc<Kept>,
    on_drop: Box<dyn Fn() + Send + Sync>,
    _padding: Padding,
}

impl Busy {
    fn new(version: u32, on_drop: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { part: Kept::ready(version), on_drop: Box::new(on_drop), _padding: [0; 100] })
    }

    fn idle(version: u32) -> Arc<Self> {
        Self::new(version, || ())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        (self.on_drop)();
    }
}

type Cell = Arc<HazardCell<Busy>>;

fn cell(value: Arc<Busy>) -> Cell {
    Arc::new(HazardCell::new(value))
}

/// What destructors have loaded and kept.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Vec<Guard<Busy>>>>);

impl Store {
    /// Returns a destructor that loads `cell` and keeps the guard.
    fn keeps(&self, cell: &Cell) -> impl Fn() + Send + Sync + use<> {
        let (store, cell) = (self.clone(), Arc::clone(cell));
        move || {
            let guard = cell.load();
            guard.part.read();
            store.0.lock().unwrap().push(guard);
        }
    }

    fn read(&self) {
        self.0.lock().unwrap().iter().for_each(|guard| assert!(guard.part.read() > 0));
    }

    fn clear(&self) {
        let kept = std::mem::take(&mut *self.0.lock().unwrap());
        drop(kept);
    }
}

fn read(cell: &Cell) -> u32 {
    let guard = cell.load();
    let version = guard.part.read();
    assert_eq!(guard.part.read(), version);
    version
}

#[test]
fn a_destructor_that_runs_in_a_load_keeps_what_it_loads() {
    model(3, || {
        let (busy, quiet) = (cell(Busy::idle(1)), cell(Busy::idle(10)));
        let store = Store::default();
        let calls = thread::spawn({
            let busy = Arc::clone(&busy);
            move || {
                read(&busy);
                read(&busy);
            }
        });
        // The load that is late may be what drops it.
        drop(busy.replace(Busy::new(2, store.keeps(&quiet))));
        drop(busy.replace(Busy::idle(3)));
        drop(quiet.replace(Busy::idle(11)));
        store.read();
        calls.join().unwrap();
        store.read();
        store.clear();
        assert_eq!((read(&busy), read(&quiet)), (3, 11));
    });
}

#[test]
fn a_destructor_loads_the_cell_that_it_comes_from() {
    model(3, || {
        let busy = cell(Busy::idle(1));
        let store = Store::default();
        let calls = thread::spawn({
            let busy = Arc::clone(&busy);
            move || read(&busy)
        });
        let held = busy.load();
        drop(busy.replace(Busy::new(2, store.keeps(&busy))));
        drop(held);
        drop(busy.replace(Busy::idle(3)));
        calls.join().unwrap();
        store.read();
        store.clear();
    });
}

#[test]
fn a_destructor_replaces_what_another_cell_has() {
    model(3, || {
        let (busy, other) = (cell(Busy::idle(1)), cell(Busy::idle(10)));
        let calls = thread::spawn({
            let (busy, other) = (Arc::clone(&busy), Arc::clone(&other));
            move || {
                read(&busy);
                assert!(read(&other) >= 10);
            }
        });
        let replaces = {
            let other = Arc::clone(&other);
            move || drop(other.replace(Busy::idle(11)))
        };
        drop(busy.replace(Busy::new(2, replaces)));
        drop(busy.replace(Busy::idle(3)));
        calls.join().unwrap();
        assert_eq!(read(&other), 11);
    });
}

#[test]
fn destructors_of_two_cells_replace_each_others_values() {
    model(2, || {
        let (one, two) = (cell(Busy::idle(1)), cell(Busy::idle(10)));
        let replaces = |cell: &Cell, version| {
            let cell = Arc::clone(cell);
            move || drop(cell.replace(Busy::idle(version)))
        };
        drop(one.replace(Busy::new(2, replaces(&two, 11))));
        drop(two.replace(Busy::new(12, replaces(&one, 3))));
        let calls = thread::spawn({
            let (one, two) = (Arc::clone(&one), Arc::clone(&two));
            move || {
                drop(one.replace(Busy::idle(4)));
                read(&two);
            }
        });
        drop(two.replace(Busy::idle(13)));
        read(&one);
        calls.join().unwrap();
    });
}

#[test]
fn a_destructor_drops_guards_and_a_cell() {
    model(3, || {
        let (busy, other) = (cell(Busy::idle(1)), cell(Busy::idle(10)));
        let held = Mutex::new(Some((other.load(), other.load())));
        let last = Mutex::new(Some(Arc::clone(&other)));
        let drops = move || {
            drop(held.lock().unwrap().take());
            drop(last.lock().unwrap().take());
        };
        let calls = thread::spawn({
            let busy = Arc::clone(&busy);
            move || read(&busy)
        });
        drop(busy.replace(Busy::new(2, drops)));
        drop(other.replace(Busy::idle(11)));
        drop(other);
        drop(busy.replace(Busy::idle(3)));
        calls.join().unwrap();
    });
}

#[test]
fn a_guard_outlives_its_thread_while_another_thread_takes_the_record() {
    model(3, || {
        let busy = cell(Busy::idle(1));
        let guard = thread::spawn({
            let busy = Arc::clone(&busy);
            move || busy.load()
        })
        .join()
        .unwrap();
        let calls = thread::spawn({
            let busy = Arc::clone(&busy);
            move || read(&busy)
        });
        // Its search meets the record of the thread that has ended.
        drop(busy.replace(Busy::idle(2)));
        assert_eq!(guard.part.read(), 1);
        drop(guard);
        drop(busy.replace(Busy::idle(3)));
        calls.join().unwrap();
        assert_eq!(read(&busy), 3);
    });
}
