//! How many extensions of one manager may run on the blocking pool at once.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak, mpsc};
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, poll_immediate};
use pluginkit::prelude::*;
use pluginkit_tests::{Log, panic_of};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::advance;

const LIMIT: Duration = Duration::from_millis(250);

#[extension_point]
trait Specs {
    fn work(&self, who: &str) -> String;
    fn nest(&self, depth: usize) -> usize;
    fn abandon(&self) -> bool;
}

/// A runtime whose clock goes on only when it is told to.
fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// Runs on the pool until it is told to go on.
struct Body {
    log: Log,
    go: Mutex<mpsc::Receiver<()>>,
}

#[extension]
impl Specs for Body {
    #[extension(blocking)]
    fn work(&self, who: &str) -> String {
        self.log.push(format!("+{who}"));
        self.go.lock().unwrap().recv().unwrap();
        assert!(who != "panics", "boom");
        self.log.push(format!("-{who}"));
        who.to_owned()
    }
}

/// A manager one extension of which may run on the pool: `body` and `other`, each of which is told to go on.
fn manager() -> (AsyncPluginManager, Log, [mpsc::Sender<()>; 2]) {
    let pm = AsyncPluginManager::builder("pool").max_blocking(1).build();
    pm.add_extension_points(Specs).unwrap();
    let log = Log::new();
    let senders = ["body", "other"].map(|name| {
        let (go, goes) = mpsc::channel();
        pm.register_as(name, Body { log: log.clone(), go: Mutex::new(goes) }).unwrap();
        go
    });
    (pm, log, senders)
}

type Call = Pin<Box<dyn Future<Output = Result<Vec<String>, CallError>> + Send>>;

/// A call of one plugin, polled once.
async fn begun(pm: &AsyncPluginManager, plugin: &str, who: &'static str) -> Call {
    let mut call: Call = Box::pin(pm.caller(Specs::work).only([plugin]).timeout(LIMIT).try_call(who));
    assert!(poll_immediate(&mut call).await.is_none());
    call
}

/// That a call times out, and whether a body was left behind.
async fn late(pm: &AsyncPluginManager, call: Call, plugin: &str) -> bool {
    let before = pm.overruns(plugin);
    advance(LIMIT).await;
    let error = call.await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { limit: LIMIT, elapsed: LIMIT, .. }), "{error}");
    assert_eq!(error.plugin().unwrap(), plugin);
    pm.overruns(plugin) != before
}

#[test]
fn those_that_are_too_many_wait_and_the_first_goes_first() {
    let (pm, log, [go, go_other]) = manager();
    paused().block_on(async {
        let first = begun(&pm, "body", "1").await;
        let [second, mut third] = [begun(&pm, "other", "2").await, begun(&pm, "body", "3").await];
        go.send(()).unwrap();
        assert_eq!(first.await.unwrap(), ["1"]);
        assert!(poll_immediate(&mut third).await.is_none(), "the second is first");
        go_other.send(()).unwrap();
        assert_eq!(second.await.unwrap(), ["2"]);
        go.send(()).unwrap();
        assert_eq!(third.await.unwrap(), ["3"]);
    });
    assert_eq!(log.line(), "+1 -1 +2 -2 +3 -3");
}

#[test]
fn a_body_that_was_left_behind_keeps_its_place_until_it_ends() {
    let (pm, log, [go, go_other]) = manager();
    paused().block_on(async {
        let call = begun(&pm, "body", "left").await;
        assert!(late(&pm, call, "body").await, "it runs on");
        let call = begun(&pm, "other", "waits").await;
        assert!(!late(&pm, call, "other").await, "it has not begun");
        let call = begun(&pm, "other", "next").await;
        go.send(()).unwrap();
        go_other.send(()).unwrap();
        assert_eq!(call.await.unwrap(), ["next"]);
    });
    assert_eq!(log.line(), "+left -left +next -next");
}

#[test]
fn a_dropped_call_leaves_the_queue() {
    let (pm, log, [go, go_other]) = manager();
    paused().block_on(async {
        let held = begun(&pm, "body", "held").await;
        let gives_up = begun(&pm, "body", "gives up").await;
        let next = begun(&pm, "other", "next").await;
        drop(gives_up);
        go.send(()).unwrap();
        go_other.send(()).unwrap();
        assert_eq!(held.await.unwrap(), ["held"]);
        assert_eq!(next.await.unwrap(), ["next"]);
    });
    assert_eq!(log.line(), "+held -held +next -next");
}

#[test]
fn a_body_that_panics_frees_its_place() {
    let (pm, _, [go, go_other]) = manager();
    paused().block_on(async {
        let call = begun(&pm, "body", "panics").await;
        go.send(()).unwrap();
        assert!(matches!(call.await, Err(CallError::Panicked { .. })));
        let call = begun(&pm, "other", "next").await;
        go_other.send(()).unwrap();
        assert_eq!(call.await.unwrap(), ["next"]);
    });
}

/// Calls its own point from the pool, as deep as it is told, on the managers in turn.
struct Nesting {
    managers: [Weak<AsyncPluginManager>; 2],
    /// How many work at once that do not wait, and how many did at most.
    working: Arc<[AtomicUsize; 2]>,
}

impl Nesting {
    fn work_a_while(&self) {
        let [now, most] = &*self.working;
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        (0..200).for_each(|_| thread::yield_now());
        now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[extension]
impl Specs for Nesting {
    #[extension(blocking)]
    fn nest(&self, depth: usize) -> usize {
        self.work_a_while();
        let Some(deeper) = depth.checked_sub(1) else { return 0 };
        let caller = self.managers[depth % 2].upgrade().unwrap().caller(Specs::nest);
        let nested = match depth % 3 {
            0 => caller.call_blocking(deeper).unwrap()[0],
            // Two at once, of which each waits for the other.
            1 => Handle::current().block_on(join(caller.call(deeper), caller.call(deeper))).0[0],
            _ => Handle::current().block_on(caller.try_call(deeper)).unwrap()[0],
        };
        self.work_a_while();
        nested + 1
    }
}

#[test]
fn a_nested_call_reuses_the_thread_of_its_body_at_any_depth_and_through_other_managers() {
    let limited = || {
        let pm = Arc::new(AsyncPluginManager::builder("pool").max_blocking(1).build());
        pm.add_extension_points(Specs).unwrap();
        pm
    };
    let [one, other] = [limited(), limited()];
    let working = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    for pm in [&one, &other] {
        let managers = [Arc::downgrade(&one), Arc::downgrade(&other)];
        pm.register(Nesting { managers, working: Arc::clone(&working) }).unwrap();
    }
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        let depths = [one.caller(Specs::nest).call(7), one.caller(Specs::nest).call(5)].map(FutureExt::boxed);
        let [first, second]: [BoxFuture<'_, Vec<usize>>; 2] = depths;
        assert_eq!(join(first, second).await, (vec![7], vec![5]));
    });
    assert_eq!(working[1].load(Ordering::SeqCst), 1, "one works at a time, the others wait");
}

#[test]
fn threads_work_within_the_limit() {
    let pm = AsyncPluginManager::builder("pool").max_blocking(3).offload_sync(true).build();
    pm.add_extension_points(Specs).unwrap();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for number in 0..16 {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        let work = move |who: &str| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            (0..200).for_each(|_| thread::yield_now());
            now.fetch_sub(1, Ordering::SeqCst);
            who.to_owned()
        };
        pm.register_fn(format!("{number}"), Specs::work, move |args| work(args.who)).unwrap();
    }
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let results = runtime.block_on(pm.caller(Specs::work).call_concurrent("x"));
    assert_eq!(results.len(), 16);
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

/// Starts a body and does not wait for it.
struct Abandons(Weak<AsyncPluginManager>);

#[extension]
impl Specs for Abandons {
    #[extension(blocking)]
    fn abandon(&self) -> bool {
        let caller = self.0.upgrade().unwrap().caller(Specs::work).only(["body"]);
        let mut call = Box::pin(caller.call("abandoned"));
        Handle::current().block_on(poll_immediate(&mut call)).is_none()
    }
}

#[test]
fn a_body_that_was_lent_a_place_and_left_behind_keeps_it() {
    let (pm, log, [go, go_other]) = manager();
    let pm = Arc::new(pm);
    pm.register(Abandons(Arc::downgrade(&pm))).unwrap();
    paused().block_on(async {
        assert_eq!(pm.caller(Specs::abandon).call().await, [true]);
        let call = begun(&pm, "other", "waits").await;
        assert!(!late(&pm, call, "other").await, "it has not begun");
        let call = begun(&pm, "other", "next").await;
        go.send(()).unwrap();
        go_other.send(()).unwrap();
        assert_eq!(call.await.unwrap(), ["next"]);
    });
    assert_eq!(log.line(), "+abandoned -abandoned +next -next");
}

#[test]
fn phases_do_not_wait() {
    struct Starts;
    #[extension]
    impl Lifecycle for Starts {
        #[extension(blocking)]
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }
    let (pm, _, [go, _]) = manager();
    pm.register(Starts).unwrap();
    paused().block_on(async {
        let held = begun(&pm, "body", "held").await;
        pm.start_all().await.unwrap();
        go.send(()).unwrap();
        held.await.unwrap();
    });
}

#[test]
fn a_limit_of_nothing_is_refused() {
    let text = panic_of(|| AsyncPluginManager::builder("pool").max_blocking(0));
    assert_eq!(text, "a limit of 0 would let nothing run on the blocking pool: at least 1 is needed");
}
