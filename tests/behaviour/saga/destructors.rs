//! Sagas and destructors that panic: each value is dropped, and none aborts the process.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::poll_immediate;
use pluginkit::Settled;
use pluginkit::lifecycle::StateMap;
use pluginkit::prelude::*;
use pluginkit::saga::{AsyncSaga, Saga};
use pluginkit_tests::{block_on, panic_of};

/// Counts its drops and panics in each.
#[derive(Debug)]
struct Panics(&'static str, Arc<AtomicUsize>);

impl Panics {
    /// Takes the whole value, so that a closure captures it whole.
    fn check(&self) {
        assert!(!self.0.is_empty());
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
        panic!("{} is dropped", self.0);
    }
}

impl fmt::Display for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for Panics {}

/// A value whose clones panic in their destructors.
struct Value(Arc<AtomicUsize>, #[expect(dead_code, reason = "it is there to be dropped")] Option<Panics>);

impl Clone for Value {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), Some(Panics("clone", Arc::clone(&self.0))))
    }
}

/// The number of drops, and what makes values that count there.
#[derive(Clone, Default)]
struct Drops(Arc<AtomicUsize>);

impl Drops {
    fn panics(&self, name: &'static str) -> Panics {
        Panics(name, Arc::clone(&self.0))
    }

    fn value(&self) -> Value {
        Value(Arc::clone(&self.0), None)
    }

    fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

fn settled(plugin: &str, result: Result<Panics, CallError<Panics>>) -> Settled<Panics, Panics> {
    Settled::new(plugin, result)
}

#[test]
fn commit_drops_a_compensation_and_its_value_one_by_one() {
    let drops = Drops::default();
    let mut saga = Saga::new();
    let undo = drops.panics("undo");
    saga.step("a", || Ok::<_, BoxError>(drops.value()), move |_| drop(undo)).unwrap();
    assert_eq!(panic_of(|| saga.commit()), "undo is dropped");
    assert_eq!(drops.take(), 2);

    let mut saga = AsyncSaga::new();
    let (undo, made) = (drops.panics("undo"), drops.value());
    let step = saga.step("a", async { Ok::<_, BoxError>(made) }, move |_| {
        drop(undo);
        async {}
    });
    block_on(step).unwrap();
    assert_eq!(panic_of(|| saga.commit()), "undo is dropped");
    assert_eq!(drops.take(), 2);
}

#[test]
fn commit_drops_the_values_of_a_step_of_plugins_one_by_one() {
    let drops = Drops::default();
    let values = |drops: &Drops| {
        let settled = |plugin: &str| Settled::new(plugin, Ok(drops.value()));
        vec![settled("a"), settled("b")] as Vec<Settled<_, Panics>>
    };
    let mut saga = Saga::new();
    let undo = drops.panics("undo");
    saga.each("a", || values(&drops), move |_, _| undo.check()).unwrap();
    panic_of(|| saga.commit());
    assert_eq!(drops.take(), 3);

    let mut saga = AsyncSaga::new();
    let (undo, made) = (drops.panics("undo"), values(&drops));
    let step = saga.each("a", async { made }, move |_, _| {
        undo.check();
        async {}
    });
    block_on(step).unwrap();
    panic_of(|| saga.commit());
    assert_eq!(drops.take(), 3);
}

#[test]
fn commit_drops_remembered_state_one_by_one() {
    struct Other(Panics);
    let (drops, state) = (Drops::default(), StateMap::default());
    let fill = || {
        assert!(state.insert(drops.panics("one")).is_none());
        assert!(state.insert(Other(drops.panics("two"))).is_none_or(|other| other.0.0.is_empty()));
    };
    fill();
    let mut saga = Saga::new();
    saga.remember_all(&state);
    state.clear();
    panic_of(|| saga.commit());
    assert_eq!(drops.take(), 2);

    fill();
    let mut saga = AsyncSaga::new();
    saga.remember_all(&state);
    state.clear();
    panic_of(|| saga.commit());
    assert_eq!(drops.take(), 2);
}

#[test]
fn errors_of_compensations_are_dropped_one_by_one() {
    let drops = Drops::default();
    let fails = |name| {
        let error = drops.panics(name);
        move || Err::<(), _>(error)
    };
    let mut saga = Saga::new();
    saga.on_rollback("a", fails("one"));
    saga.on_rollback("b", fails("two"));
    panic_of(|| drop(saga));
    assert_eq!(drops.take(), 2);

    let mut saga = Saga::new();
    saga.on_rollback("a", fails("one"));
    saga.on_rollback("b", fails("two"));
    let panic = panic_of(|| saga.run("c", || -> Result<(), BoxError> { panic!("the step") }));
    assert_eq!((panic.as_str(), drops.take()), ("the step", 2));

    let mut saga = Saga::new();
    saga.on_rollback("a", fails("one"));
    saga.on_rollback("b", fails("two"));
    let error = saga.run("c", || Err::<(), _>(drops.panics("step"))).unwrap_err();
    assert_eq!(error.not_undone().len(), 2);
    panic_of(|| drop(error));
    assert_eq!(drops.take(), 3);
}

#[test]
fn results_of_a_settled_compensation_are_dropped_one_by_one() {
    let drops = Drops::default();
    let fails = |drops: &Drops| {
        let values = [("a", drops.panics("one")), ("b", drops.panics("two"))];
        let all: Vec<_> = values.map(|(plugin, value)| settled(plugin, Ok(value))).into();
        move || all
    };
    let mut saga = Saga::new();
    saga.on_rollback("settles", fails(&drops));
    let not_undone = saga.rollback();
    assert_eq!(format!("{not_undone:?}"), "[step `settles`: its compensation panicked: one is dropped]");
    assert_eq!(drops.take(), 2);

    let mut saga = AsyncSaga::new();
    saga.on_rollback("settles", fails(&drops));
    drop(saga);
    assert_eq!(drops.take(), 2);
}

#[test]
fn a_rollback_that_is_dropped_under_way_drops_all_it_has() {
    let drops = Drops::default();
    let mut saga = AsyncSaga::new();
    let held = drops.panics("held");
    saga.on_rollback_async("first", move || {
        drop(held);
        async {}
    });
    let awaited = drops.panics("awaited");
    saga.on_rollback_async("waits", move || async move {
        let _held = awaited;
        std::future::pending::<()>().await;
    });
    for name in ["one", "two"] {
        let error = drops.panics(name);
        saga.on_rollback(name, move || Err::<(), _>(error));
    }
    let mut rollback = Box::pin(saga.rollback());
    assert!(block_on(poll_immediate(&mut rollback)).is_none());
    assert_eq!(drops.take(), 0);
    panic_of(|| drop(rollback));
    assert_eq!(drops.take(), 4);
}

#[test]
fn an_heir_is_dropped_with_its_saga() {
    let drops = Drops::default();
    let mut saga = AsyncSaga::new();
    let heir = drops.panics("heir");
    saga.on_drop(move |_| drop(heir));
    let panic = panic_of(|| {
        let _saga = saga;
        panic!("the host's own");
    });
    assert_eq!((panic.as_str(), drops.take()), ("the host's own", 1));
}

#[test]
fn a_clone_that_panics_leaves_nothing() {
    struct Fragile(Panics);
    impl Clone for Fragile {
        fn clone(&self) -> Self {
            panic!("{} is not cloned", self.0);
        }
    }
    let drops = Drops::default();
    let mut saga = Saga::new();
    let undo = drops.panics("undo");
    let panic = panic_of(|| {
        let value = saga.step("a", || Ok::<_, BoxError>(Fragile(drops.panics("value"))), move |_| drop(undo));
        std::mem::forget(value);
    });
    assert_eq!((panic.as_str(), drops.take()), ("value is not cloned", 2));

    let mut saga = AsyncSaga::new();
    let (undo, value) = (drops.panics("undo"), Fragile(drops.panics("value")));
    let panic = panic_of(|| {
        let step = saga.step("a", async { Ok::<_, BoxError>(value) }, move |_| {
            drop(undo);
            async {}
        });
        std::mem::forget(block_on(step));
    });
    assert_eq!((panic.as_str(), drops.take()), ("value is not cloned", 2));
}
