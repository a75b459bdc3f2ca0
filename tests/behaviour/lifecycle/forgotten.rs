//! Futures that are forgotten: neither polled nor dropped any more. Nothing waits for them for ever.

use std::mem::forget;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::PluginState;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error};
use pluginkit_tests::{block_on, panic_of};

use super::tasks::{Woken, gated, poll, state};

/// The outcome of a future that is ready within 1,000 polls.
fn soon<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..1_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
    panic!("it waits for a future that is forgotten");
}

/// Begins `future` and forgets it.
fn begin_and_forget(future: impl Future) {
    let mut future = Box::pin(future);
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    forget(future);
}

#[test]
fn a_start_that_is_forgotten_is_ended_by_the_next_start() {
    let (pm, log, open) = gated(false);
    begin_and_forget(pm.start_all());
    assert_eq!(state(&pm, "a"), PluginState::Starting);
    open.store(true, Ordering::SeqCst);
    soon(pm.start_all()).unwrap();
    assert_eq!(state(&pm, "b"), PluginState::Started);
    assert_eq!(log.take(), ["a.init", "a.start", "b.init", "b.start"]);
}

#[test]
fn a_start_that_is_forgotten_and_fails_has_failed_for_the_next() {
    let (pm, log, open) = gated(true);
    begin_and_forget(pm.start_plugin("a"));
    open.store(true, Ordering::SeqCst);
    let error = soon(pm.start_plugin("a")).unwrap_err();
    assert!(matches!(&error, Error::Start { .. }) && format!("{error:?}").contains("told to"), "{error:?}");
    assert_eq!(state(&pm, "a"), PluginState::Failed);
    assert_eq!(log.take(), ["a.init", "a.start"]);
}

#[test]
fn a_task_that_waits_for_a_forgotten_start_is_woken_when_it_can_go_on() {
    let (pm, _, open) = gated(false);
    let woken = Arc::<Woken>::default();
    let mut first = Box::pin(pm.start_plugin("a"));
    assert!(poll(first.as_mut(), &Arc::default()).is_pending());
    let mut second = pin!(pm.stop_plugin("a"));
    assert!(poll(second.as_mut(), &woken).is_pending());
    forget(first);
    assert!(!woken.0.load(Ordering::SeqCst));
    open.store(true, Ordering::SeqCst);
    let mut polls = 0;
    while woken.0.swap(false, Ordering::SeqCst) {
        polls += 1;
        assert!(polls < 100, "it wakes itself without an end");
        if let Poll::Ready(stopped) = poll(second.as_mut(), &woken) {
            stopped.unwrap();
            assert_eq!(state(&pm, "a"), PluginState::Stopped);
            return;
        }
    }
    panic!("it is pending, and nothing wakes it");
}

#[test]
fn a_stop_that_is_forgotten_is_ended_by_the_next() {
    let (pm, log, open) = gated(false);
    open.store(true, Ordering::SeqCst);
    block_on(pm.start_all()).unwrap();
    open.store(false, Ordering::SeqCst);
    log.take();
    begin_and_forget(pm.stop_all());
    open.store(true, Ordering::SeqCst);
    soon(pm.stop_all()).unwrap();
    assert_eq!(log.take(), ["b.stop", "b.unload", "a.stop", "a.unload"]);
}

#[test]
fn a_removal_that_is_forgotten_is_ended_by_the_next() {
    let (pm, log, open) = gated(false);
    open.store(true, Ordering::SeqCst);
    block_on(pm.start_all()).unwrap();
    open.store(false, Ordering::SeqCst);
    log.take();
    begin_and_forget(pm.remove("b"));
    open.store(true, Ordering::SeqCst);
    assert!(soon(pm.remove("b")).unwrap().is_some());
    assert_eq!(pm.plugin_names(), ["a"]);
    soon(pm.unload_all()).unwrap();
    assert_eq!(log.take(), ["b.stop", "b.unload", "a.stop", "a.unload"]);
}

#[test]
fn a_start_that_is_dropped_while_another_goes_on_with_it_is_cancelled() {
    let (pm, _, open) = gated(false);
    let mut first = Box::pin(pm.start_plugin("a"));
    assert!(poll(first.as_mut(), &Arc::default()).is_pending());
    let mut second = pin!(pm.start_plugin("a"));
    assert!(poll(second.as_mut(), &Arc::default()).is_pending());
    open.store(true, Ordering::SeqCst);
    drop(first);
    assert_eq!(pm.descriptor("a").unwrap().failed_reason.as_deref(), Some("cancelled"));
    assert!(format!("{:?}", soon(second).unwrap_err()).ends_with("cancelled"));
}

/// A waker that panics once it is told to.
#[derive(Default)]
struct Broken(AtomicBool);

impl Wake for Broken {
    fn wake(self: Arc<Self>) {
        assert!(!self.0.load(Ordering::SeqCst), "it cannot wake its task");
    }
}

#[test]
fn a_start_ends_if_an_operation_that_goes_on_with_it_panics() {
    let (pm, _, open) = gated(false);
    let (woken, broken) = (Arc::<Woken>::default(), Arc::<Broken>::default());
    let mut first = Box::pin(pm.start_plugin("a"));
    assert!(poll(first.as_mut(), &Arc::default()).is_pending());
    let mut third = pin!(pm.start_plugin("a"));
    let waker = Waker::from(Arc::clone(&broken));
    assert!(third.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut second = Box::pin(pm.start_plugin("a"));
    assert!(poll(second.as_mut(), &woken).is_pending());
    open.store(true, Ordering::SeqCst);
    broken.0.store(true, Ordering::SeqCst);
    assert_eq!(panic_of(|| drop(soon(second))), "it cannot wake its task");
    assert_eq!(state(&pm, "a"), PluginState::Started);
    drop(soon(first));
    soon(third).unwrap();
}

/// A plugin that starts with work for the pool of the runtime it is started in.
struct Pooled;

#[extension]
impl Lifecycle for Pooled {
    async fn start(&self) -> Result<(), BoxError> {
        tokio::task::yield_now().await;
        tokio::task::spawn_blocking(|| ()).await?;
        Ok(())
    }
}

#[test]
fn a_start_that_is_forgotten_goes_on_in_its_own_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let pm = AsyncPluginManager::new("lives");
    pm.register(Pooled).unwrap();
    {
        let _entered = runtime.enter();
        begin_and_forget(pm.start_all());
    }
    block_on(pm.start_all()).unwrap();
    assert_eq!(state(&pm, "Pooled"), PluginState::Started);
}

#[test]
fn a_guard_that_is_forgotten_leaves_its_observer() {
    let pm = AsyncPluginManager::new("lives");
    let (seen, counted) = std::sync::mpsc::channel();
    let seen = std::sync::Mutex::new(seen);
    forget(pm.observe(move |_: &Event<'_>| seen.lock().unwrap().send(()).unwrap()));
    pm.register(Pooled).unwrap();
    begin_and_forget(pm.start_all());
    assert!(counted.try_iter().count() > 0);
    drop(pm);
}
