//! `StateMap`: values by their types, which threads and tasks share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use pluginkit::lifecycle::StateMap;
use pluginkit_tests::{block_on, panic_of, pending};

#[derive(Debug, PartialEq)]
struct Count(u64);

fn next(count: Option<&Count>) -> Count {
    Count(count.map_or(0, |count| count.0 + 1))
}

#[test]
fn an_update_replaces_a_present_or_an_absent_value() {
    let state = StateMap::default();
    assert_eq!(*state.update(next), Count(0));
    let held = state.get::<Count>().unwrap();
    assert_eq!(*state.update(next), Count(1));
    assert_eq!((held.0, state.get::<Count>().unwrap().0, state.len()), (0, 1, 1));
}

#[test]
fn no_update_is_lost_between_threads() {
    const EACH: u64 = 500;
    let state = StateMap::default();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..EACH).for_each(|_| drop(state.update(next))));
        }
    });
    assert_eq!(*state.get::<Count>().unwrap(), Count(4 * EACH - 1));
}

#[test]
fn an_update_is_repeated_after_another_write() {
    let state = StateMap::default();
    let mut seen = Vec::new();
    let made = state.update(|count: Option<&Count>| {
        seen.push(count.map(|count| count.0));
        match seen.len() {
            // The map is free meanwhile: it can be read and changed.
            1 => drop(state.insert(Count(7))),
            2 => drop(state.remove::<Count>()),
            _ => assert!(state.is_empty()),
        }
        next(count)
    });
    assert_eq!(*made, Count(0));
    assert_eq!(seen, [None, Some(7), None]);
}

#[test]
fn an_update_that_panics_changes_nothing_and_leaves_the_map_usable() {
    let state = StateMap::default();
    state.insert(Count(7));
    assert_eq!(panic_of(|| state.update(|_: Option<&Count>| panic!("boom"))), "boom");
    assert_eq!(*state.update(next), Count(8));
}

/// Looks into the map it was in when it goes.
struct Looks(Arc<StateMap>, Arc<AtomicUsize>);

impl Drop for Looks {
    fn drop(&mut self) {
        self.1.fetch_add(1 + self.0.len(), Ordering::Relaxed);
    }
}

#[test]
fn destructors_of_values_find_the_map_unlocked() {
    let (state, looked) = (Arc::<StateMap>::default(), Arc::<AtomicUsize>::default());
    let looks = || Looks(Arc::clone(&state), Arc::clone(&looked));
    drop(state.insert(looks()));
    drop(state.insert(looks()));
    assert_eq!(looked.load(Ordering::Relaxed), 2, "what was replaced saw one value");
    drop(state.update(|_: Option<&Looks>| looks()));
    assert_eq!(looked.load(Ordering::Relaxed), 4);
    drop(state.get_or_insert_with(looks));
    drop(state.remove::<Looks>());
    assert_eq!(looked.load(Ordering::Relaxed), 5, "what was removed saw none");
    state.insert(looks());
    state.clear();
    assert_eq!(looked.load(Ordering::Relaxed), 6);
}

#[test]
fn a_value_read_before_an_await_stays_valid_while_other_tasks_write() {
    fn sendable<F: Future + Send>(future: F) -> F {
        future
    }
    let state = StateMap::default();
    state.insert(Count(1));
    let read = block_on(sendable(async {
        let count = state.get::<Count>().unwrap();
        let writes = sendable(async {
            pending(1).await;
            state.update(next)
        });
        let written = writes.await;
        (count.0, written.0)
    }));
    assert_eq!(read, (1, 2));
}
