//! A stop waits for the calls that are under way with its plugin, also if both are polled on one thread.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::StreamExt;
use pluginkit::BoxError;
use pluginkit::kind::Asynchronous;
use pluginkit::lifecycle::Lifecycle;
use pluginkit::manager::ManagerBuilder;
use pluginkit::metadata::PluginState;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit_tests::{Log, block_on};

use super::tasks::Gate;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

/// Waits for its gate in each call.
struct Gated {
    gate: Arc<Gate>,
    log: Log,
}

#[extension]
impl Specs for Gated {
    async fn fetch(&self, topic: &str) -> String {
        if topic == "slow" {
            self.gate.passed().await;
        }
        self.log.push(format!("fetched {topic}"));
        topic.to_owned()
    }
}

#[extension]
impl Lifecycle for Gated {
    async fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }
    async fn stop(&self) -> Result<(), BoxError> {
        self.log.push("stopped");
        Ok(())
    }
}

fn gated(limit: Option<Duration>) -> (Arc<AsyncPluginManager>, Arc<Gate>, Log) {
    gated_in(AsyncPluginManager::builder("drains").drain_limit(limit))
}

fn gated_in(builder: ManagerBuilder<Asynchronous>) -> (Arc<AsyncPluginManager>, Arc<Gate>, Log) {
    let pm = Arc::new(builder.build());
    pm.add_extension_points(Specs).unwrap();
    let (gate, log) = (Arc::new(Gate::new(false)), Log::new());
    pm.register_as("slow", Gated { gate: Arc::clone(&gate), log: log.clone() }).unwrap();
    pm.register_fn("other", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    block_on(pm.start_all()).unwrap();
    (pm, gate, log)
}

#[test]
fn an_async_stop_waits_for_calls_and_lets_no_new_one_in() {
    type Call = std::pin::Pin<Box<dyn Future<Output = usize> + Send>>;
    let calls: [fn(&AsyncPluginManager) -> Call; 6] = [
        |pm| {
            let call = pm.caller(Specs::fetch).call("slow");
            Box::pin(async move { call.await.len() })
        },
        |pm| {
            let call = pm.caller(Specs::fetch).try_call("slow");
            Box::pin(async move { call.await.unwrap().len() })
        },
        |pm| {
            let call = pm.caller(Specs::fetch).without(["nobody"]).call("slow");
            Box::pin(async move { call.await.len() })
        },
        |pm| {
            let call = pm.caller(Specs::fetch).settle("slow");
            Box::pin(async move { call.await.len() })
        },
        |pm| {
            let call = pm.caller(Specs::fetch).call_concurrent("slow");
            Box::pin(async move { call.await.len() })
        },
        |pm| {
            let call = pm.caller(Specs::fetch).stream("slow");
            Box::pin(async move { call.count().await })
        },
    ];
    for (form, call) in calls.into_iter().enumerate() {
        let (pm, gate, log) = gated(None);
        let mut cx = Context::from_waker(Waker::noop());
        let mut called = call(&pm);
        assert!(called.as_mut().poll(&mut cx).is_pending());
        let mut stopped = pin!(pm.stop_plugin("slow"));
        for _ in 0..3 {
            assert!(stopped.as_mut().poll(&mut cx).is_pending(), "{form}");
        }
        assert_eq!(pm.descriptor("slow").unwrap().state, PluginState::Stopping);
        assert_eq!(block_on(pm.caller(Specs::fetch).call("new")), ["new"]);
        gate.store(true, Ordering::SeqCst);
        assert_eq!(called.as_mut().poll(&mut cx), Poll::Ready(2));
        drop(called);
        assert!(matches!(stopped.as_mut().poll(&mut cx), Poll::Ready(Ok(()))));
        assert_eq!(log.take(), ["fetched slow", "stopped"]);
    }
}

#[test]
fn an_async_stop_ends_at_the_drain_limit() {
    let (pm, gate, log) = gated(Some(Duration::ZERO));
    let mut cx = Context::from_waker(Waker::noop());
    let mut called = pin!(pm.caller(Specs::fetch).call("slow"));
    assert!(called.as_mut().poll(&mut cx).is_pending());
    block_on(pm.stop_all()).unwrap();
    assert_eq!(log.take(), ["stopped"]);
    for name in ["slow", "other"] {
        assert_eq!(pm.descriptor(name).unwrap().calls_left, 1, "{name}");
    }
    gate.store(true, Ordering::SeqCst);
    assert_eq!(called.as_mut().poll(&mut cx), Poll::Ready(vec!["slow".to_owned(); 2]));
}

const HOUR: Duration = Duration::from_secs(3600);
const ALMOST: Duration = Duration::from_secs(3599);

/// Notes how long the drains of a manager took.
fn drained(pm: &AsyncPluginManager) -> Arc<Mutex<Vec<Duration>>> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    pm.observe(move |event: &Event<'_>| {
        if let Event::Drained { elapsed, .. } = event {
            telling.lock().unwrap().push(*elapsed);
        }
    })
    .forget();
    told
}

/// Stops itself in a call.
struct Selfish(std::sync::Weak<AsyncPluginManager>, Log);

#[extension]
impl Specs for Selfish {
    async fn fetch(&self, topic: &str) -> String {
        if topic == "stop" {
            let pm = self.0.upgrade().unwrap();
            pm.stop_plugin("selfish").await.unwrap();
            self.1.push("stopped itself");
        }
        topic.to_owned()
    }
}

#[test]
fn an_async_drain_limit_within_a_call_ends_by_the_clock_of_the_manager() {
    let clock = FakeClock::new();
    let builder = AsyncPluginManager::builder("drains").drain_limit(HOUR).clock(clock.reader());
    let (pm, gate, log) = gated_in(builder);
    pm.register_as("selfish", Selfish(Arc::downgrade(&pm), log.clone())).unwrap();
    block_on(pm.start_all()).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    let mut called = pin!(pm.caller(Specs::fetch).call("slow"));
    assert!(called.as_mut().poll(&mut cx).is_pending());
    let mut stops = Box::pin(pm.caller(Specs::fetch).without(["slow"]).call("stop"));
    assert!(stops.as_mut().poll(&mut cx).is_pending());
    clock.advance(ALMOST);
    assert!(stops.as_mut().poll(&mut cx).is_pending());
    clock.advance(Duration::from_secs(1));
    assert_eq!(block_on(stops), ["stop", "stop"]);
    assert_eq!(
        (log.take(), pm.descriptor("selfish").unwrap().calls_left),
        (vec!["stopped itself".to_owned()], 1)
    );
    gate.store(true, Ordering::SeqCst);
    assert!(called.as_mut().poll(&mut cx).is_ready());
}

#[test]
fn an_async_drain_limit_ends_by_the_clock_of_the_manager() {
    let clock = FakeClock::new();
    let builder = AsyncPluginManager::builder("drains").drain_limit(HOUR).clock(clock.reader());
    let (pm, gate, log) = gated_in(builder);
    let drained = drained(&pm);
    let mut cx = Context::from_waker(Waker::noop());
    let mut called = pin!(pm.caller(Specs::fetch).call("slow"));
    assert!(called.as_mut().poll(&mut cx).is_pending());
    let mut stopped = Box::pin(pm.stop_plugin("slow"));
    assert!(stopped.as_mut().poll(&mut cx).is_pending());
    clock.advance(ALMOST);
    assert!(stopped.as_mut().poll(&mut cx).is_pending());
    clock.advance(Duration::from_secs(1));
    block_on(stopped).unwrap();
    assert_eq!((log.take(), pm.descriptor("slow").unwrap().calls_left), (vec!["stopped".to_owned()], 1));
    assert_eq!(*drained.lock().unwrap(), [HOUR]);
    gate.store(true, Ordering::SeqCst);
    assert_eq!(called.as_mut().poll(&mut cx), Poll::Ready(vec!["slow".to_owned(); 2]));
}

#[test]
fn an_async_stop_that_is_dropped_while_it_waits_has_failed() {
    let (pm, gate, log) = gated(None);
    let mut cx = Context::from_waker(Waker::noop());
    let mut called = Box::pin(pm.caller(Specs::fetch).call("slow"));
    assert!(called.as_mut().poll(&mut cx).is_pending());
    {
        let mut stopped = pin!(pm.stop_plugin("slow"));
        assert!(stopped.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(pm.descriptor("slow").unwrap().state, PluginState::Failed);
    assert_eq!(block_on(pm.caller(Specs::fetch).call("new")), ["new"]);
    // A call that is dropped has ended.
    drop(called);
    block_on(pm.stop_plugin("slow")).unwrap();
    assert_eq!(log.take(), ["stopped"]);
    gate.store(true, Ordering::SeqCst);
    block_on(pm.start_all()).unwrap();
    assert_eq!(block_on(pm.caller(Specs::fetch).call("slow")).len(), 2);
}
