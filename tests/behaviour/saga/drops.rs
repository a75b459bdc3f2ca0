//! Async sagas that are dropped: sync undos run, and a handler gets the others.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::poll_immediate;
use pluginkit::saga::AsyncSaga;
use pluginkit_tests::{Log, block_on, panic_of, pending};

fn fail(text: &str) {
    panic!("{text}");
}

/// A saga with a compensation that is awaited between two that are not.
fn saga(log: &Log) -> AsyncSaga<'static> {
    let mut saga = AsyncSaga::new();
    let [first, awaited, last] = [log.clone(), log.clone(), log.clone()];
    saga.on_rollback("first", move || first.push("first"));
    saga.on_rollback_async("awaited", move || async move {
        pending(1).await;
        awaited.push("awaited");
    });
    saga.on_rollback("last", move || last.push("last"));
    saga
}

#[test]
fn a_dropped_step_is_not_done_and_the_saga_runs_the_sync_undos() {
    let log = Log::new();
    let undone = log.clone();
    let unit = async {
        let mut saga = saga(&log);
        let waits = std::future::pending::<Result<(), String>>();
        saga.step("waits", waits, |()| async move { undone.push("never: it was not done") }).await.unwrap();
    };
    let mut unit = Box::pin(unit);
    assert!(block_on(poll_immediate(&mut unit)).is_none());
    drop(unit);
    assert_eq!(log.line(), "last first");
}

#[test]
fn the_handler_of_a_dropped_saga_gets_the_remaining_undos_and_can_await_them() {
    let (log, left) = (Log::new(), Arc::new(Mutex::new(None)));
    let mut saga = saga(&log);
    let heir = Arc::clone(&left);
    saga.on_drop(move |saga| *heir.lock().unwrap() = Some(saga));
    drop(saga);
    assert_eq!(log.line(), "", "it is up to the heir");
    let saga = left.lock().unwrap().take().unwrap();
    assert!(block_on(saga.rollback()).is_empty());
    assert_eq!(log.line(), "last awaited first");
}

#[test]
fn the_remaining_undos_can_be_spawned() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let log = Log::new();
    runtime.block_on(async {
        let (told, done) = tokio::sync::oneshot::channel();
        let mut saga = saga(&log);
        saga.on_rollback_async("fails", || async { Err::<(), _>("cannot") });
        saga.on_drop(|left| {
            tokio::spawn(async move { told.send(left.rollback().await) });
        });
        drop(saga);
        let not_undone = done.await.unwrap();
        assert_eq!(format!("{not_undone:?}"), "[step `fails`: cannot]");
    });
    assert_eq!(log.line(), "last awaited first");
}

#[test]
fn the_drop_of_an_ended_saga_calls_no_handler() {
    let log = Log::new();
    let watched = || {
        let mut saga = saga(&log);
        saga.on_drop(|_| panic!("there is nothing left"));
        saga
    };
    watched().commit();
    assert_eq!(log.line(), "");
    assert!(block_on(watched().rollback()).is_empty());
    assert_eq!(log.line(), "last awaited first");
    let mut failed = watched();
    block_on(failed.run("fails", async { Err::<(), _>("no") })).unwrap_err();
    drop(failed);
    assert_eq!(log.line(), "last awaited first");
}

#[test]
fn a_dropped_rollback_hands_the_remaining_undos_to_the_handler() {
    let log = Log::new();
    let mut saga = saga(&log);
    saga.on_rollback_async("waits", std::future::pending::<()>);
    let inherited = log.clone();
    saga.on_drop(move |left| {
        inherited.push("left:");
        assert!(block_on(left.rollback()).is_empty());
    });
    let mut rollback = Box::pin(saga.rollback());
    assert!(block_on(poll_immediate(&mut rollback)).is_none());
    drop(rollback);
    assert_eq!(log.line(), "left: last awaited first");
}

#[test]
fn a_panic_of_an_heir_or_of_a_compensation_does_not_leave_the_drop() {
    let log = Log::new();
    let mut heir = saga(&log);
    heir.on_drop(|_left| panic!("boom"));
    drop(heir);
    assert_eq!(log.line(), "last first", "what it let go of is dropped in its turn");
    let mut panics = saga(&log);
    panics.on_rollback("panics", || fail("boom"));
    drop(panics);
    assert_eq!(log.line(), "last first");
}

#[test]
fn compensations_that_panic_before_or_while_they_are_awaited_are_told() {
    let mut saga = AsyncSaga::new();
    saga.on_rollback_async("awaited", || async {
        pending(1).await;
        fail("late");
    });
    saga.on_rollback_async("made", || {
        fail("early");
        async {}
    });
    let not_undone = block_on(saga.rollback());
    assert_eq!(
        format!("{not_undone:?}"),
        "[step `made`: its compensation panicked: early, step `awaited`: its compensation panicked: late]"
    );
}

#[test]
fn a_panic_between_steps_runs_the_sync_undos() {
    let log = Log::new();
    let unit = async {
        let mut saga = saga(&log);
        saga.run("done", async { Ok::<_, String>(()) }).await.unwrap();
        panic!("boom");
    };
    assert_eq!(panic_of(|| unit.now_or_never()), "boom");
    assert_eq!(log.line(), "last first");
}

#[test]
fn sagas_and_their_futures_are_send() {
    fn sendable<T: Send>(value: T) -> T {
        value
    }
    let mut saga = sendable(AsyncSaga::new());
    let step = saga.step("step", async { Ok::<_, String>(1) }, |_| async {});
    assert_eq!(block_on(sendable(step)).unwrap(), 1);
    assert!(block_on(sendable(saga.rollback())).is_empty());
}
