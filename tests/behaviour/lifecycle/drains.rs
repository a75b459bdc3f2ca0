//! A stop waits for the calls that are under way with its plugin, also if both are polled on one thread.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures_util::StreamExt;
use pluginkit::kind::Asynchronous;
use pluginkit::lifecycle::Lifecycle;
use pluginkit::manager::ManagerBuilder;
use pluginkit::metadata::PluginState;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit::{BoxError, Error};
use pluginkit_tests::{Log, block_on};

use super::tasks::{Gate, Woken, poll, state};
use super::{ALMOST_AN_HOUR, HOUR, drained};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    fn close(&self, at_gate: bool) -> String;
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

/// The number of the answers to a call.
type Call = Pin<Box<dyn Future<Output = usize> + Send>>;

#[test]
fn an_async_stop_waits_for_calls_and_lets_no_new_one_in() {
    let calls: [fn(&AsyncPluginManager) -> Call; 7] = [
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
            let call = pm.caller(Specs::fetch).try_call_concurrent("slow");
            Box::pin(async move { call.await.unwrap().len() })
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

/// Stops itself in a call.
struct Selfish(std::sync::Weak<AsyncPluginManager>, Log);

impl Selfish {
    async fn stop(&self) {
        let pm = self.0.upgrade().unwrap();
        pm.stop_plugin("selfish").await.unwrap();
        self.1.push("stopped itself");
    }
}

#[extension]
impl Specs for Selfish {
    async fn fetch(&self, topic: &str) -> String {
        if topic == "stop" {
            self.stop().await;
        }
        topic.to_owned()
    }
    async fn close(&self) -> String {
        self.stop().await;
        "closed".to_owned()
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
    clock.advance(ALMOST_AN_HOUR);
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
    let mut stopped = Box::pin(pm.stop_all());
    assert!(stopped.as_mut().poll(&mut cx).is_pending());
    clock.advance(ALMOST_AN_HOUR);
    assert!(stopped.as_mut().poll(&mut cx).is_pending());
    clock.advance(Duration::from_secs(1));
    block_on(stopped).unwrap();
    assert_eq!(log.take(), ["stopped"]);
    for name in ["slow", "other"] {
        assert_eq!(pm.descriptor(name).unwrap().calls_left, 1, "{name}");
    }
    // The second plugin does not wait for a call that was given up.
    assert_eq!(*drained.lock().unwrap(), [HOUR, Duration::ZERO]);
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

/// A manager with a plugin that stops itself in calls of `close`, and one more plugin there.
fn closing() -> (Arc<AsyncPluginManager>, Arc<Gate>, Log) {
    let (pm, gate, log) = gated(None);
    pm.register_as("selfish", Selfish(Arc::downgrade(&pm), log.clone())).unwrap();
    pm.register_fn("closer", Specs::close, |_| "too".to_owned()).unwrap();
    block_on(pm.start_all()).unwrap();
    (pm, gate, log)
}

/// All forms of a call of `close`.
const CLOSES: [fn(&AsyncPluginManager) -> Call; 6] = [
    |pm| {
        let call = pm.caller(Specs::close).call(false);
        Box::pin(async move { call.await.len() })
    },
    |pm| {
        let call = pm.caller(Specs::close).try_call(false);
        Box::pin(async move { call.await.unwrap().len() })
    },
    |pm| {
        let call = pm.caller(Specs::close).call_concurrent(false);
        Box::pin(async move { call.await.len() })
    },
    |pm| {
        let call = pm.caller(Specs::close).try_call_concurrent(false);
        Box::pin(async move { call.await.unwrap().len() })
    },
    |pm| {
        let call = pm.caller(Specs::close).settle(false);
        Box::pin(async move { call.await.len() })
    },
    |pm| {
        let call = pm.caller(Specs::close).stream(false);
        Box::pin(async move { call.count().await })
    },
];

#[test]
fn a_call_that_is_dropped_while_it_waits_for_a_drain_holds_no_other_drain() {
    for (form, call) in CLOSES.into_iter().enumerate() {
        let (pm, gate, log) = closing();
        let (idle, woken) = (Arc::<Woken>::default(), Arc::<Woken>::default());
        let mut called = Box::pin(pm.caller(Specs::fetch).call("slow"));
        assert!(poll(called.as_mut(), &idle).is_pending());
        let mut closes = call(&pm);
        assert!(poll(closes.as_mut(), &idle).is_pending());
        assert_eq!(state(&pm, "selfish"), PluginState::Stopping, "{form}");
        let mut stopped = pin!(pm.stop_plugin("closer"));
        assert!(poll(stopped.as_mut(), &woken).is_pending(), "{form}");
        drop(closes);
        assert!(woken.0.load(Ordering::SeqCst), "{form}");
        assert!(matches!(poll(stopped.as_mut(), &woken), Poll::Ready(Ok(()))), "{form}");
        assert_eq!(state(&pm, "selfish"), PluginState::Failed, "{form}");
        // The next stop still waits for the call that the dropped one has waited for.
        let mut stopped = pin!(pm.stop_plugin("selfish"));
        assert!(poll(stopped.as_mut(), &idle).is_pending(), "{form}");
        gate.store(true, Ordering::SeqCst);
        assert_eq!(block_on(called).len(), 3, "{form}");
        block_on(stopped).unwrap();
        assert_eq!(pm.descriptor("selfish").unwrap().calls_left, 0, "{form}");
        assert_eq!(log.take(), ["fetched slow"], "{form}");
    }
}

/// Waits until no new call of `close` has a plugin.
fn leave_calls(pm: &AsyncPluginManager, name: &str) {
    while pm.caller(Specs::close).implementations().iter().any(|each| each.plugin == name) {
        thread::yield_now();
    }
}

/// Runs `work` on a thread of its own.
fn elsewhere<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join().unwrap())
}

#[test]
fn a_stream_that_waits_for_a_drain_and_ends_on_another_thread_lets_a_drain_end() {
    let (pm, gate, log) = closing();
    let idle = Arc::<Woken>::default();
    let mut called = Box::pin(pm.caller(Specs::fetch).call("slow"));
    assert!(poll(called.as_mut(), &idle).is_pending());
    let mut closes = Box::pin(pm.caller(Specs::close).stream(false));
    assert!(poll(pin!(closes.next()), &idle).is_pending());
    thread::scope(|scope| {
        let stopped = scope.spawn(|| block_on(pm.stop_plugin("closer")));
        leave_calls(&pm, "closer");
        assert!(elsewhere(|| poll(pin!(closes.next()), &idle).is_pending()));
        gate.store(true, Ordering::SeqCst);
        assert_eq!(block_on(called).len(), 3);
        let mut answers = elsewhere(|| block_on(closes.by_ref().collect::<Vec<_>>()));
        answers.sort_unstable();
        assert_eq!(answers, ["closed", "too"]);
        // The stream is over, though not dropped.
        stopped.join().unwrap().unwrap();
    });
    drop(closes);
    assert_eq!(log.take(), ["fetched slow", "stopped itself"]);
    for name in ["selfish", "closer"] {
        assert_eq!((state(&pm, name), pm.descriptor(name).unwrap().calls_left), (PluginState::Stopped, 0));
    }
}

/// A stop that is polled within calls and beside them.
#[derive(Default)]
struct SharedStop {
    /// `None` once it is over.
    stop: Mutex<Option<Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>>>,
    /// Whether calls wait for it no longer.
    is_left: AtomicBool,
}

impl SharedStop {
    fn is_over(&self) -> bool {
        self.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut stop = self.stop.lock().unwrap();
        let Some(running) = stop.as_mut() else { return Poll::Ready(()) };
        running.as_mut().poll(cx).map(|stopped| {
            stopped.unwrap();
            *stop = None;
        })
    }
}

/// Makes the drains of a manager look again: a snapshot of another point is dropped.
fn look_again(pm: &AsyncPluginManager) {
    pm.register_fn("quick", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    pm.unregister("quick").unwrap();
}

/// Waits for its gate, or for a stop.
struct Sharing {
    gate: Arc<Gate>,
    stop: Arc<SharedStop>,
}

#[extension]
impl Specs for Sharing {
    async fn close(&self, at_gate: bool) -> String {
        if at_gate {
            self.gate.passed().await;
        } else {
            let is_left = || self.stop.is_left.load(Ordering::SeqCst);
            poll_fn(|cx| if is_left() { Poll::Ready(()) } else { self.stop.poll(cx) }).await;
        }
        "closed".to_owned()
    }
}

/// Two plugins extend `close`. In a call, `sharing` waits for the stop of `closer`.
fn sharing() -> (Arc<AsyncPluginManager>, Arc<Gate>, Arc<SharedStop>) {
    let pm = Arc::new(AsyncPluginManager::builder("drains").drain_limit(None).build());
    pm.add_extension_points(Specs).unwrap();
    let (gate, stop) = (Arc::new(Gate::new(false)), Arc::<SharedStop>::default());
    pm.register_as("sharing", Sharing { gate: Arc::clone(&gate), stop: Arc::clone(&stop) }).unwrap();
    pm.register_fn("closer", Specs::close, |_| "too".to_owned()).unwrap();
    block_on(pm.start_all()).unwrap();
    let own = Arc::clone(&pm);
    *stop.stop.lock().unwrap() = Some(Box::pin(async move { own.stop_plugin("closer").await }));
    (pm, gate, stop)
}

#[test]
fn a_drain_that_a_dropped_call_waited_for_waits_for_the_call_beside_it() {
    for (form, call) in CLOSES.into_iter().enumerate() {
        let (pm, gate, stop) = sharing();
        let idle = Arc::<Woken>::default();
        let mut beside = Box::pin(pm.caller(Specs::close).call(true));
        assert!(poll(beside.as_mut(), &idle).is_pending());
        let mut closes = call(&pm);
        assert!(poll(closes.as_mut(), &idle).is_pending());
        assert_eq!(state(&pm, "closer"), PluginState::Stopping, "{form}");
        drop(closes);
        for _ in 0..2 {
            look_again(&pm);
            assert!(!stop.is_over(), "{form}");
        }
        gate.store(true, Ordering::SeqCst);
        assert_eq!(block_on(beside).len(), 2, "{form}");
        assert!(stop.is_over(), "{form}");
        assert_eq!(pm.descriptor("closer").unwrap().calls_left, 0, "{form}");
    }
}

#[test]
fn a_drain_on_another_thread_ends_beside_a_stream_that_waits_for_it_or_is_over() {
    for leaves in [false, true] {
        let (pm, gate, stop) = sharing();
        let idle = Arc::<Woken>::default();
        let mut beside = Box::pin(pm.caller(Specs::close).call(true));
        assert!(poll(beside.as_mut(), &idle).is_pending());
        let mut closes = Box::pin(pm.caller(Specs::close).stream(false));
        for _ in 0..3 {
            assert!(poll(pin!(closes.next()), &idle).is_pending());
        }
        stop.is_left.store(leaves, Ordering::SeqCst);
        if leaves {
            assert_eq!(block_on(closes.by_ref().count()), 2);
        }
        look_again(&pm);
        assert!(!elsewhere(|| stop.is_over()), "{leaves}");
        gate.store(true, Ordering::SeqCst);
        assert_eq!(block_on(beside).len(), 2);
        look_again(&pm);
        // The drain waits neither for the stream that waits for it, nor for one that is over and not dropped.
        assert!(elsewhere(|| stop.is_over()), "{leaves}");
        assert_eq!(block_on(closes.by_ref().count()), if leaves { 0 } else { 2 });
        assert_eq!(pm.descriptor("closer").unwrap().calls_left, 0);
    }
}
