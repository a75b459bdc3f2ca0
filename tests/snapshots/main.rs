//! A model check of what calls read their snapshots through while others register and unregister.
//!
//! `cargo test -p pluginkit-tests --test snapshots` runs the library's own file under loom, which tries every
//! interleaving of a few threads, with a bounded number of switches that no thread asked for, and every value that a load
//! may return under the memory model. Snapshots are stood in for by values that notice if they are read after
//! or while they are dropped, and of which none may be left over.

mod allocator;
mod destructors;
#[path = "../../pluginkit/src/erased/hazard_cell.rs"]
#[allow(unsafe_code, dead_code, reason = "the library's own file, of which this uses a part")]
mod hazard_cell;
mod platform;

use loom::cell::UnsafeCell;
use loom::sync::{Arc, Mutex};
use loom::thread;

use hazard_cell::{Guard, HazardCell};

type Cell = HazardCell<Kept>;

/// In the place of a snapshot.
pub(crate) struct Kept {
    version: u32,
    is_ready: bool,
    /// Read by calls and written when it is dropped, so that the checker sees who does so in which order.
    content: UnsafeCell<u32>,
    _padding: allocator::Padding,
}

#[expect(unsafe_code, reason = "the checker watches the cell, not the compiler")]
// SAFETY: the checker fails where two threads use the cell at once.
unsafe impl Sync for Kept {}

impl Kept {
    fn ready(version: u32) -> Arc<Self> {
        Self::new(version, true)
    }

    fn unready(version: u32) -> Arc<Self> {
        Self::new(version, false)
    }

    fn new(version: u32, is_ready: bool) -> Arc<Self> {
        Arc::new(Self { version, is_ready, content: UnsafeCell::new(version), _padding: [0; 100] })
    }

    /// What an extension does during a call.
    fn read(&self) -> u32 {
        #[expect(unsafe_code, reason = "the checker's way to see a read")]
        // SAFETY: it is written when it is dropped, and the checker fails if that is not after this.
        let content = self.content.with(|content| unsafe { *content });
        assert_eq!(content, self.version);
        content
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "the checker's way to see a write")]
        // SAFETY: nobody else can have it.
        self.content.with_mut(|content| unsafe { *content = u32::MAX });
    }
}

/// Tries `check` with up to so many `switches` that no thread asked for.
fn model(switches: usize, check: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(switches);
    model.check(check);
}

/// A call: what it works on, from its start to its end.
fn call(current: &Cell) -> u32 {
    let held = current.load();
    let version = held.read();
    assert_eq!(held.read(), version);
    version
}

/// As [`call`], of a point with so many extensions that changes leave the snapshot to calls.
fn call_ready(current: &Cell) -> u32 {
    let held = current.load();
    if held.is_ready {
        return held.read();
    }
    let ready = Kept::ready(held.read());
    let guard = Guard::from(Arc::clone(&ready));
    drop(current.replace_if_current(&held, ready));
    guard.read()
}

#[test]
fn calls_see_one_snapshot_after_the_other_while_another_thread_registers() {
    model(4, || {
        let current = Arc::new(Cell::new(Kept::ready(1)));
        let calls = thread::spawn({
            let current = Arc::clone(&current);
            move || {
                let first = call(&current);
                assert!(first <= call(&current));
            }
        });
        drop(current.replace(Kept::ready(2)));
        assert_eq!(call(&current), 2);
        drop(current.replace(Kept::ready(3)));
        calls.join().unwrap();
        assert_eq!(call(&current), 3);
    });
}

#[test]
fn two_threads_call_while_a_third_unregisters() {
    model(2, || {
        let current = Arc::new(Cell::new(Kept::ready(1)));
        let calls = [(); 2].map(|()| {
            let current = Arc::clone(&current);
            thread::spawn(move || assert!(call(&current) <= 2))
        });
        drop(current.replace(Kept::ready(2)));
        for calls in calls {
            calls.join().unwrap();
        }
    });
}

#[test]
fn one_registers_and_one_disables_while_a_third_calls() {
    model(2, || {
        let current = Arc::new(Cell::new(Kept::ready(0)));
        let registered = Arc::new(Mutex::new(0));
        let change = |current: &Cell, registered: &Mutex<u32>| {
            let mut registered = registered.lock().unwrap();
            *registered += 1;
            let old = current.replace(Kept::ready(*registered));
            drop(registered);
            drop(old);
        };
        let other = thread::spawn({
            let (current, registered) = (Arc::clone(&current), Arc::clone(&registered));
            move || change(&current, &registered)
        });
        let calls = thread::spawn({
            let current = Arc::clone(&current);
            move || assert!(call(&current) <= 2)
        });
        change(&current, &registered);
        assert!(call(&current) >= 1);
        other.join().unwrap();
        calls.join().unwrap();
        assert_eq!(call(&current), 2);
    });
}

#[test]
fn a_call_within_a_call_sees_what_was_registered_meanwhile() {
    model(4, || {
        let current = Arc::new(Cell::new(Kept::ready(1)));
        let calls = thread::spawn({
            let current = Arc::clone(&current);
            move || {
                let outer = current.load();
                let version = outer.read();
                // The thread's only hazard pointer is in use.
                assert!(call(&current) >= version);
                assert_eq!(outer.read(), version);
            }
        });
        drop(current.replace(Kept::ready(2)));
        // The outer call does not keep the one that goes now.
        drop(current.replace(Kept::ready(3)));
        calls.join().unwrap();
    });
}

#[test]
fn a_plugin_changes_the_manager_inside_its_own_call() {
    model(4, || {
        let current = Arc::new(Cell::new(Kept::ready(1)));
        let calls = thread::spawn({
            let current = Arc::clone(&current);
            move || call(&current)
        });
        let outer = current.load();
        drop(current.replace(Kept::ready(2)));
        assert_eq!(outer.read(), 1);
        assert_eq!(call(&current), 2);
        drop(outer);
        calls.join().unwrap();
    });
}

#[test]
fn a_call_ends_on_another_thread_than_it_started_on() {
    model(3, || {
        let current = Arc::new(Cell::new(Kept::ready(1)));
        let started: Guard<Kept> = thread::spawn({
            let current = Arc::clone(&current);
            move || current.load()
        })
        .join()
        .unwrap();
        // Gets the record that the other thread left, with an announcement in it.
        let calls = thread::spawn({
            let current = Arc::clone(&current);
            move || call(&current)
        });
        let kept = thread::spawn(move || started.into_arc().read());
        drop(current.replace(Kept::ready(2)));
        assert_eq!(kept.join().unwrap(), 1);
        calls.join().unwrap();
    });
}

#[test]
fn the_first_call_after_a_change_makes_the_snapshot_while_another_changes_it() {
    model(4, || {
        let current = Arc::new(Cell::new(Kept::unready(1)));
        let calls = thread::spawn({
            let current = Arc::clone(&current);
            move || {
                let first = call_ready(&current);
                assert!(first <= call_ready(&current));
            }
        });
        drop(current.replace(Kept::unready(2)));
        assert_eq!(call_ready(&current), 2);
        calls.join().unwrap();
        assert_eq!(call_ready(&current), 2);
    });
}

#[test]
fn a_manager_goes_while_a_call_is_under_way() {
    model(4, || {
        let current = Arc::new(Cell::new(Kept::ready(1)));
        let calls = thread::spawn({
            let current = Arc::clone(&current);
            move || {
                let held = current.load();
                drop(current);
                held.read()
            }
        });
        drop(current);
        assert_eq!(calls.join().unwrap(), 1);
    });
}

#[test]
fn a_late_reader_meets_a_snapshot_of_another_point_at_the_same_address() {
    model(4, || {
        let current = Arc::new(Cell::new(Kept::ready(1)));
        let calls = thread::spawn({
            let current = Arc::clone(&current);
            move || assert!(call(&current) <= 2)
        });
        let new = Kept::ready(2);
        drop(current.replace(new));
        // The allocator is likely to give it the memory that was just left.
        let other = Cell::new(Kept::ready(7));
        drop(other.replace(Kept::ready(8)));
        assert_eq!(call(&other), 8);
        calls.join().unwrap();
    });
}
