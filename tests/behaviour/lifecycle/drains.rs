//! A stop waits for the calls that are under way with its plugin.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures_util::StreamExt;
use pluginkit::kind::{Asynchronous, Synchronous};
use pluginkit::lifecycle::Lifecycle;
use pluginkit::manager::ManagerBuilder;
use pluginkit::metadata::PluginState;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit::{BoxError, Error};
use pluginkit_tests::{Log, block_on};

use super::tasks::Gate;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

/// Tells when a call has reached it, and waits for leave to go on.
struct Slow {
    entered: Mutex<Sender<()>>,
    leave: Mutex<Receiver<()>>,
    log: Log,
}

#[extension]
impl Specs for Slow {
    fn fetch(&self, topic: &str) -> String {
        if topic == "slow" {
            self.entered.lock().unwrap().send(()).unwrap();
            self.leave.lock().unwrap().recv().unwrap();
        }
        self.log.push(format!("fetched {topic}"));
        topic.to_owned()
    }
}

#[extension]
impl Lifecycle for Slow {
    fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }
    fn stop(&self) -> Result<(), BoxError> {
        self.log.push("stopped");
        Ok(())
    }
}

struct Started {
    pm: Arc<PluginManager>,
    log: Log,
    entered: Receiver<()>,
    leave: Sender<()>,
}

fn started(limit: Option<Duration>) -> Started {
    started_in(PluginManager::builder("drains").drain_limit(limit))
}

fn started_in(builder: ManagerBuilder<Synchronous>) -> Started {
    let pm = Arc::new(builder.build());
    pm.add_extension_points(Specs).unwrap();
    let ((entered, seen), (leave, waiting), log) = (channel(), channel(), Log::new());
    let slow = Slow { entered: Mutex::new(entered), leave: Mutex::new(waiting), log: log.clone() };
    pm.register_as("slow", slow).unwrap();
    pm.register_fn("other", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    pm.start_all().unwrap();
    Started { pm, log, entered: seen, leave }
}

/// Waits until a plugin is in this state.
fn reach(pm: &PluginManager, name: &str, state: PluginState) {
    while pm.descriptor(name).unwrap().state != state {
        thread::yield_now();
    }
}

#[test]
fn a_stop_waits_for_calls_and_lets_no_new_one_in() {
    let call: [fn(&PluginManager) -> usize; 5] = [
        |pm| pm.caller(Specs::fetch).call("slow").len(),
        |pm| pm.caller(Specs::fetch).try_call("slow").unwrap().len(),
        |pm| pm.caller(Specs::fetch).without(["nobody"]).call("slow").len(),
        |pm| pm.caller(Specs::fetch).settle("slow").len(),
        |pm| pm.caller(Specs::fetch).iter("slow").count(),
    ];
    for call in call {
        let Started { pm, log, entered, leave } = started(None);
        thread::scope(|scope| {
            let called = scope.spawn(|| call(&pm));
            entered.recv().unwrap();
            let stopped = scope.spawn(|| pm.stop_plugin("slow"));
            reach(&pm, "slow", PluginState::Stopping);
            while pm.caller(Specs::fetch).call("new").len() == 2 {}
            assert!(!log.take().contains(&"stopped".to_owned()));
            leave.send(()).unwrap();
            assert_eq!(called.join().unwrap(), 2);
            stopped.join().unwrap().unwrap();
            assert_eq!(log.take(), ["fetched slow", "stopped"]);
        });
    }
}

#[test]
fn a_stop_does_not_wait_for_calls_that_cannot_have_its_plugin() {
    let Started { pm, log, entered, leave } = started(None);
    thread::scope(|scope| {
        let called = scope.spawn(|| pm.caller(Specs::fetch).call("slow"));
        entered.recv().unwrap();
        // It came after the call.
        pm.register_fn("late", Specs::fetch, |_| "late".to_owned()).unwrap();
        pm.start_plugin("late").unwrap();
        pm.stop_plugin("late").unwrap();
        assert_eq!(log.take(), [""; 0]);
        leave.send(()).unwrap();
        called.join().unwrap();
    });
}

#[test]
fn a_stop_does_not_wait_for_calls_that_start_after_it_and_whose_plugins_change() {
    let Started { pm, entered, leave, .. } = started(None);
    let ((here, seen), (go_on, waiting)) = (channel(), channel());
    let waiting = Arc::new(Mutex::new(waiting));
    pm.register_fn("held", Specs::fetch, move |args| {
        if args.topic == "held" {
            here.send(()).unwrap();
            waiting.lock().unwrap().recv().unwrap();
        }
        String::new()
    })
    .unwrap();
    thread::scope(|scope| {
        scope.spawn(|| pm.caller(Specs::fetch).call("slow"));
        entered.recv().unwrap();
        let stop = scope.spawn(|| pm.stop_plugin("slow").unwrap());
        reach(&pm, "slow", PluginState::Stopping);
        let held = scope.spawn(|| pm.caller(Specs::fetch).call("held"));
        seen.recv().unwrap();
        // The call under way is now on a snapshot that is not current any more.
        pm.register_fn("third", Specs::fetch, |_| String::new()).unwrap();
        leave.send(()).unwrap();
        stop.join().unwrap();
        assert_eq!(pm.descriptor("slow").unwrap().calls_left, 0);
        assert!(!held.is_finished());
        go_on.send(()).unwrap();
    });
}

#[test]
fn a_stop_ends_at_the_drain_limit_and_tells_so() {
    let Started { pm, log, entered, leave } = started(None);
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let _guard = pm.observe(move |event: &Event<'_>| {
        if let Event::Drained { plugin, calls_left, .. } = event {
            telling.lock().unwrap().push((plugin.to_string(), *calls_left));
        }
    });
    pm.set_drain_limit("slow", Duration::ZERO).unwrap();
    assert!(matches!(pm.set_drain_limit("nobody", None), Err(Error::UnknownPlugin { .. })));
    thread::scope(|scope| {
        let calls: Vec<_> = (0..2).map(|_| scope.spawn(|| pm.caller(Specs::fetch).call("slow"))).collect();
        entered.recv().unwrap();
        // The other call waits for the lock of the plugin.
        pm.stop_plugin("slow").unwrap();
        assert_eq!(log.take(), ["stopped"]);
        let left = pm.descriptor("slow").unwrap().calls_left;
        assert!((1..=2).contains(&left), "{left}");
        assert_eq!(*told.lock().unwrap(), [("slow".to_owned(), left)]);
        // No plugin with the same limit waits for calls that were given up.
        pm.set_drain_limit("other", Duration::ZERO).unwrap();
        pm.stop_plugin("other").unwrap();
        leave.send(()).unwrap();
        leave.send(()).unwrap();
        for call in calls {
            call.join().unwrap();
        }
    });
    pm.start_all().unwrap();
    assert_eq!(pm.descriptor("slow").unwrap().calls_left, 0);
}

/// Stops itself in a call.
struct Selfish(Arc<PluginManager>, Log);
#[extension]
impl Specs for Selfish {
    fn fetch(&self, topic: &str) -> String {
        if topic == "stop" {
            self.0.stop_plugin("selfish").unwrap();
            self.1.push("stopped itself");
        }
        topic.to_owned()
    }
}

#[test]
fn a_plugin_that_stops_itself_waits_for_the_other_calls() {
    let Started { pm, log, entered, leave } = started(None);
    let plugin = Selfish(Arc::clone(&pm), log.clone());
    pm.register_as("selfish", plugin).unwrap();
    pm.start_all().unwrap();
    thread::scope(|scope| {
        let called = scope.spawn(|| pm.caller(Specs::fetch).call("slow"));
        entered.recv().unwrap();
        let stops = scope.spawn(|| pm.caller(Specs::fetch).without(["slow"]).call("stop"));
        reach(&pm, "selfish", PluginState::Stopping);
        leave.send(()).unwrap();
        assert_eq!(called.join().unwrap().len(), 3);
        assert_eq!(stops.join().unwrap().len(), 2);
    });
    assert_eq!(log.take(), ["fetched slow", "stopped itself"]);
    pm.unload_all().unwrap();
}

struct Weather;
#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

#[test]
fn views_that_are_kept_hold_neither_a_stop_nor_a_plugin() {
    let pm = PluginManager::builder("drains").drain_limit(None).build();
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("weather", Weather).unwrap();
    let view = pm.caller(Specs::fetch).without(["nobody"]);
    assert_eq!(view.call("x"), ["x"]);
    pm.start_all().unwrap();
    pm.stop_all().unwrap();
    let plugin = pm.unregister("weather").unwrap();
    assert_eq!(Arc::strong_count(&plugin), 1);
    assert_eq!(view.call("x"), [""; 0]);
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
fn drained<K: pluginkit::kind::Kind>(pm: &pluginkit::Manager<K>) -> Arc<Mutex<Vec<Duration>>> {
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

#[test]
fn a_drain_limit_ends_by_the_clock_of_the_manager() {
    let clock = FakeClock::new();
    let builder = PluginManager::builder("drains").drain_limit(HOUR).clock(clock.reader());
    let Started { pm, log, entered, leave } = started_in(builder);
    let drained = drained(&pm);
    thread::scope(|scope| {
        let called = scope.spawn(|| pm.caller(Specs::fetch).call("slow"));
        entered.recv().unwrap();
        let stopped = scope.spawn(|| pm.stop_plugin("slow"));
        reach(&pm, "slow", PluginState::Stopping);
        clock.advance(ALMOST);
        assert!(!stopped.is_finished());
        clock.advance(Duration::from_secs(1));
        stopped.join().unwrap().unwrap();
        assert_eq!(pm.descriptor("slow").unwrap().calls_left, 1);
        leave.send(()).unwrap();
        called.join().unwrap();
    });
    assert_eq!(log.take(), ["stopped", "fetched slow"]);
    assert_eq!(*drained.lock().unwrap(), [HOUR]);
}

#[test]
fn a_drain_limit_within_a_call_ends_by_the_clock_of_the_manager() {
    let clock = FakeClock::new();
    let builder = PluginManager::builder("drains").drain_limit(HOUR).clock(clock.reader());
    let Started { pm, log, entered, leave } = started_in(builder);
    let plugin = Selfish(Arc::clone(&pm), log.clone());
    pm.register_as("selfish", plugin).unwrap();
    pm.start_all().unwrap();
    let drained = drained(&pm);
    thread::scope(|scope| {
        let called = scope.spawn(|| pm.caller(Specs::fetch).call("slow"));
        entered.recv().unwrap();
        let stops = scope.spawn(|| pm.caller(Specs::fetch).without(["slow"]).call("stop"));
        reach(&pm, "selfish", PluginState::Stopping);
        clock.advance(ALMOST);
        assert!(!stops.is_finished());
        clock.advance(Duration::from_secs(1));
        stops.join().unwrap();
        assert_eq!(pm.descriptor("selfish").unwrap().calls_left, 1);
        leave.send(()).unwrap();
        called.join().unwrap();
    });
    assert_eq!(log.take(), ["stopped itself", "fetched slow"]);
    assert_eq!(*drained.lock().unwrap(), [HOUR]);
    pm.unload_all().unwrap();
}

/// Stops itself in an async call.
struct SelfishAsync(std::sync::Weak<AsyncPluginManager>, Log);

#[extension]
impl Specs for SelfishAsync {
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
    pm.register_as("selfish", SelfishAsync(Arc::downgrade(&pm), log.clone())).unwrap();
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
