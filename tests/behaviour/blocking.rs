//! `blocking` extensions, `offload_sync` and `call_blocking`: async managers and threads that may wait.

use std::fmt;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread::{self, ThreadId};

use pluginkit::prelude::*;
use pluginkit::{Error, ErrorKind, Options};
use pluginkit_tests::{Log, block_on, panic_of};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, block_in_place, spawn_local};

/// Counts its clones.
#[derive(Default)]
struct Settings(Arc<AtomicUsize>);

impl Clone for Settings {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(&self.0))
    }
}

/// Deliberately not `Clone`.
struct Session;

#[extension_point]
trait Specs {
    fn where_is(&self, topic: &str, list: &[u32], extra: Option<&str>, owned: String) -> Ran;
    fn settle_on(&self, settings: &Settings, session: &Session, topic: &str) -> Ran;
    fn parse(&self, text: &str) -> Result<u32, String>;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<Ran>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    #[extension_point(historic)]
    fn configure(&self, level: u32) -> Ran;
    fn shared(&self, n: u32) -> Rc<Ran>;
    fn lend<'a>(&self, from: &'a str) -> &'a str;
}

/// Where an extension ran, and what it saw.
#[derive(Debug, PartialEq)]
struct Ran(ThreadId, String);

fn ran(seen: impl fmt::Display) -> Ran {
    Ran(thread::current().id(), seen.to_string())
}

struct Pool;

#[extension(blocking)]
impl Specs for Pool {
    fn where_is(&self, topic: &str, list: &[u32], extra: Option<&str>, owned: String) -> Ran {
        ran(format!("{topic}{list:?}{extra:?}{owned}"))
    }
    fn parse(&self, text: &str) -> Result<u32, String> {
        assert!(text != "boom", "boom");
        text.parse().map_err(|_| format!("not({text})"))
    }
    fn find(&self, key: &str) -> Option<Ran> {
        Some(ran(key))
    }
    fn transform(&self, text: String) -> String {
        format!("{text}{:?}", thread::current().id())
    }
    fn configure(&self, level: u32) -> Ran {
        ran(level)
    }
}

fn with(pm: AsyncPluginManager) -> AsyncPluginManager {
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn manager() -> AsyncPluginManager {
    with(AsyncPluginManager::new("blocking"))
}

fn offloading() -> AsyncPluginManager {
    with(AsyncPluginManager::builder("blocking").offload_sync(true).build())
}

/// A runtime without workers: whatever does not run on the current thread runs on the pool.
fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

fn here() -> ThreadId {
    thread::current().id()
}

#[test]
fn blocking_extensions_run_on_another_thread_with_owned_copies_of_their_arguments() {
    let pm = manager();
    pm.register(Pool).unwrap();
    let (topic, list, extra) = (String::from("t"), vec![1, 2], String::from("e"));
    for extra in [Some(extra.as_str()), None] {
        let call = pm.caller(Specs::where_is).call(&topic, &list, extra, "o".into());
        let [Ran(thread, seen)] = <[Ran; 1]>::try_from(current_thread().block_on(call)).unwrap();
        assert_ne!(thread, here());
        assert_eq!(seen, format!("t[1, 2]{extra:?}o"));
    }
    let found = multi_thread().block_on(pm.caller(Specs::find).call("k")).unwrap();
    assert!(found.0 != here() && found.1 == "k");
    let text = current_thread().block_on(pm.caller(Specs::transform).call("x".into()));
    assert!(text.starts_with('x') && text != format!("x{:?}", here()));
    assert!(pm.caller(Specs::find).implementations()[0].options.blocking);
}

#[test]
fn an_owned_copy_is_another_value_than_the_callers() {
    struct Addresses;
    #[extension]
    impl Specs for Addresses {
        #[extension(blocking)]
        fn where_is(&self, topic: &str, list: &[u32], extra: Option<&str>) -> Ran {
            ran(format!("{:p} {:p} {:p}", topic.as_ptr(), list.as_ptr(), extra.unwrap().as_ptr()))
        }
    }
    let pm = manager();
    pm.register(Addresses).unwrap();
    let (topic, list) = ("topic", [1, 2, 3]);
    let call = pm.caller(Specs::where_is).call(topic, &list, Some(topic), String::new());
    let ran = current_thread().block_on(call).pop().unwrap();
    for address in ran.1.split(' ') {
        assert!(
            ![format!("{:p}", topic.as_ptr()), format!("{:p}", list.as_ptr())].contains(&address.to_owned())
        );
    }
}

#[test]
fn only_the_arguments_that_are_needed_are_cloned_and_the_others_need_no_owned_form() {
    struct Some;
    #[extension]
    impl Specs for Some {
        #[extension(blocking)]
        fn settle_on(&self, topic: &str) -> Ran {
            ran(topic)
        }
    }
    struct More;
    #[extension]
    impl Specs for More {
        #[extension(blocking)]
        fn settle_on(&self, settings: &Settings) -> Ran {
            ran(settings.0.load(Ordering::SeqCst))
        }
    }
    let pm = manager();
    pm.register(Some).unwrap();
    let settings = Settings::default();
    let outcome = current_thread().block_on(pm.caller(Specs::settle_on).call(&settings, &Session, "t"));
    assert!(outcome[0].0 != here() && outcome[0].1 == "t");
    assert_eq!(settings.0.load(Ordering::SeqCst), 0);
    pm.register(More).unwrap();
    let outcome = current_thread().block_on(pm.caller(Specs::settle_on).call(&settings, &Session, "t"));
    assert!(outcome[1].0 != here() && outcome[1].1 == "1");
}

#[test]
fn every_receiver_can_go() {
    struct Receivers(&'static str);
    #[extension(blocking)]
    impl Specs for Receivers {
        fn find(&self, key: &str) -> Option<Ran> {
            (key == "reference").then(|| ran(self.0))
        }
        #[extension(target = "find")]
        fn by_arc_reference(self: &Arc<Self>, key: &str) -> Option<Ran> {
            (key == "arc reference").then(|| ran(self.0))
        }
        #[extension(target = "find")]
        fn by_arc(self: Arc<Self>, key: &str) -> Option<Ran> {
            (key == "arc").then(|| ran(self.0))
        }
        #[extension(target = "find")]
        fn by_nothing(key: &str) -> Option<Ran> {
            (key == "nothing").then(|| ran("plugin"))
        }
    }
    let pm = manager();
    pm.register(Receivers("plugin")).unwrap();
    for key in ["reference", "arc reference", "arc", "nothing"] {
        let found = current_thread().block_on(pm.caller(Specs::find).call(key)).unwrap();
        assert!(found.0 != here() && found.1 == "plugin", "{key}");
    }
}

#[test]
fn predicates_are_asked_where_the_call_is_polled_before_anything_goes() {
    struct Picky(mpsc::SyncSender<ThreadId>);
    impl Picky {
        fn likes(&self, key: &str) -> bool {
            self.0.send(here()).unwrap();
            key == "yes"
        }
    }
    #[extension]
    impl Specs for Picky {
        #[extension(blocking, when = Self::likes)]
        fn find(&self, key: &str) -> Option<Ran> {
            Some(ran(key))
        }
    }
    let pm = manager();
    let (asked, where_asked) = mpsc::sync_channel(2);
    pm.register(Picky(asked)).unwrap();
    assert_eq!(current_thread().block_on(pm.caller(Specs::find).call("no")), None);
    let found = current_thread().block_on(pm.caller(Specs::find).call("yes")).unwrap();
    assert!(found.0 != here() && found.1 == "yes");
    assert_eq!(where_asked.try_iter().collect::<Vec<_>>(), [here(), here()]);
}

#[test]
fn errors_come_back_and_are_blamed_on_their_plugin() {
    let pm = manager();
    pm.register_as("pool", Pool).unwrap();
    let runtime = current_thread();
    assert_eq!(runtime.block_on(pm.caller(Specs::parse).call("7")), Ok(vec![7]));
    assert_eq!(runtime.block_on(pm.caller(Specs::parse).call("x")), Err("not(x)".into()));
    let error = runtime.block_on(pm.caller(Specs::parse).try_call("x")).unwrap_err();
    assert_eq!(error.to_string(), "plugin `pool` failed in `Specs::parse`: not(x)");
}

#[test]
fn the_plugins_own_panic_comes_through() {
    struct Panics;
    #[derive(Debug, PartialEq)]
    struct Payload(u32);
    #[extension]
    impl Specs for Panics {
        #[extension(blocking)]
        fn find(&self) -> Option<Ran> {
            std::panic::panic_any(Payload(7))
        }
    }
    let pm = manager();
    pm.register_as("pool", Pool).unwrap();
    let (runtime, caller) = (current_thread(), pm.caller(Specs::parse));
    assert_eq!(panic_of(|| runtime.block_on(caller.call("boom"))), "boom");
    let error = runtime.block_on(caller.try_call("boom")).unwrap_err();
    assert_eq!(error.to_string(), "plugin `pool` panicked in `Specs::parse`: boom");
    assert_eq!(runtime.block_on(caller.call("7")), Ok(vec![7]));

    pm.unregister("pool").unwrap();
    pm.register(Panics).unwrap();
    let call = std::panic::AssertUnwindSafe(|| runtime.block_on(pm.caller(Specs::find).call("k")));
    let panic = std::panic::catch_unwind(call).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&Payload(7)));
}

#[test]
fn outside_of_a_runtime_and_in_a_sync_manager_blocking_extensions_run_in_place() {
    let pm = manager();
    pm.register(Pool).unwrap();
    assert_eq!(block_on(pm.caller(Specs::find).call("k")), Some(ran("k")));
    assert_eq!(block_on(pm.caller(Specs::where_is).call("t", &[], None, "o".into())), [ran("t[]Noneo")]);
    let pm = PluginManager::new("blocking");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Pool).unwrap();
    current_thread().block_on(async { assert_eq!(pm.caller(Specs::find).call("k"), Some(ran("k"))) });
}

#[test]
fn every_call_can_be_of_blocking_extensions() {
    use futures_util::StreamExt;

    let pm = manager();
    pm.register(Pool).unwrap();
    current_thread().block_on(async {
        assert_eq!(pm.caller(Specs::parse).call_concurrent("7").await, Ok(vec![7]));
        assert_eq!(pm.caller(Specs::parse).stream("7").collect::<Vec<_>>().await, [Ok(7)]);
        let settled = pm.caller(Specs::find).settle("k").await.pop().unwrap();
        assert_ne!(settled.result.unwrap().unwrap().0, here());
        let ran = pm.caller(Specs::configure).call_historic(1).await.pop().unwrap();
        assert!(ran.0 != here() && ran.1 == "1");
        let (results, replayed) = mpsc::channel();
        pm.caller(Specs::configure).call_historic_with(2, move |ran| results.send(ran).unwrap()).await;
        assert_ne!(replayed.recv().unwrap().0, here());
        pm.register_and_replay_as("late", Pool).await.unwrap();
        let ran = replayed.recv().unwrap();
        assert!(ran.0 != here() && ran.1 == "2");
    });
}

#[test]
fn a_block_of_blocking_extensions_may_hold_async_ones_and_wrappers_which_do_not_go() {
    struct Mixed;
    #[extension(blocking)]
    impl Specs for Mixed {
        async fn find(&self, key: &str) -> Option<Ran> {
            tokio::task::yield_now().await;
            Some(ran(key))
        }
        fn configure(&self, level: u32) -> Ran {
            ran(level)
        }
        #[extension(wrapper, target = "find")]
        async fn around(&self, key: &str, next: Next<'_>) -> Option<Ran> {
            let inner = next.run(key).await?;
            Some(ran(inner.1 + "!"))
        }
    }
    let pm = manager();
    pm.register(Mixed).unwrap();
    current_thread().block_on(async {
        assert_eq!(pm.caller(Specs::find).call("k").await, Some(ran("k!")));
        assert_ne!(pm.caller(Specs::configure).call_historic(1).await[0].0, here());
    });
}

#[test]
fn a_blocking_body_whose_call_is_dropped_runs_to_its_end() {
    struct Waits(std::sync::Mutex<(mpsc::Sender<&'static str>, mpsc::Receiver<()>)>);
    #[extension]
    impl Specs for Waits {
        #[extension(blocking)]
        fn find(&self) -> Option<Ran> {
            let channels = self.0.lock().unwrap();
            channels.0.send("started").unwrap();
            channels.1.recv().unwrap();
            channels.0.send("done").unwrap();
            None
        }
    }
    let ((said, says), (go, goes)) = (mpsc::channel(), mpsc::channel());
    let pm = manager();
    pm.register(Waits(std::sync::Mutex::new((said, goes)))).unwrap();
    current_thread().block_on(async {
        let mut call = Box::pin(pm.caller(Specs::find).call("k"));
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx).is_pending()));
        assert!(polled.await);
        assert_eq!(says.recv().unwrap(), "started");
        drop(call);
        go.send(()).unwrap();
        assert_eq!(says.recv().unwrap(), "done");
    });
}

#[test]
fn two_blocking_extensions_of_a_concurrent_call_run_at_once() {
    struct Meets(Arc<Barrier>);
    #[extension]
    impl Specs for Meets {
        #[extension(blocking)]
        fn parse(&self, text: &str) -> Result<u32, String> {
            self.0.wait();
            Ok(u32::try_from(text.len()).unwrap())
        }
    }
    let barrier = Arc::new(Barrier::new(2));
    let pm = manager();
    pm.register_as("a", Meets(Arc::clone(&barrier))).unwrap();
    pm.register_as("b", Meets(barrier)).unwrap();
    assert_eq!(current_thread().block_on(pm.caller(Specs::parse).call_concurrent("four")), Ok(vec![4, 4]));
}

#[test]
fn two_offloaded_closures_of_a_concurrent_call_run_at_once() {
    let barrier = Arc::new(Barrier::new(2));
    let pm = offloading();
    for name in ["a", "b"] {
        let barrier = Arc::clone(&barrier);
        pm.register_fn(name, Specs::parse, move |args| {
            barrier.wait();
            Ok(u32::try_from(args.text.len()).unwrap())
        })
        .unwrap();
    }
    assert_eq!(current_thread().block_on(pm.caller(Specs::parse).call_concurrent("four")), Ok(vec![4, 4]));
}

/// Implements what can go and what cannot, without `blocking`.
struct Plain;

#[extension]
impl Specs for Plain {
    fn settle_on(&self) -> Ran {
        ran("")
    }
    fn parse(&self, text: &str) -> Result<u32, String> {
        text.parse().map_err(|_| format!("{:?}", here()))
    }
    fn find(&self, key: &str) -> Option<Ran> {
        Some(ran(key))
    }
    fn transform(&self, text: String) -> String {
        format!("{text}{:?}", here())
    }
    fn edit(&self, text: &mut String) {
        *text = format!("{:?}", here());
    }
    fn configure(&self, level: u32) -> Ran {
        ran(level)
    }
    fn shared(&self, n: u32) -> Rc<Ran> {
        Rc::new(ran(n))
    }
    fn lend<'a>(&self, from: &'a str) -> &'a str {
        if format!("{:?}", here()) == from { "here" } else { from }
    }
}

#[test]
fn offload_sync_moves_what_can_go() {
    let pm = offloading();
    pm.register(Plain).unwrap();
    pm.register_fn("closure", Specs::find, |args| (args.key == "closure").then(|| ran(args.key))).unwrap();
    current_thread().block_on(async {
        let found = pm.caller(Specs::find).call("k").await.unwrap();
        assert!(found.0 != here() && found.1 == "k");
        let found = pm.caller(Specs::find).without(["Plain"]).call("closure").await.unwrap();
        assert!(found.0 != here() && found.1 == "closure");
        let found = pm.caller(Specs::find).without(["Plain"]).call("other").await;
        assert_eq!(found, None);
        assert_eq!(pm.caller(Specs::parse).call("7").await, Ok(vec![7]));
        assert_ne!(pm.caller(Specs::parse).call("x").await, Err(format!("{:?}", here())));
        let text = pm.caller(Specs::transform).call("x".into()).await;
        assert!(text.starts_with("xThreadId") && text != format!("x{:?}", here()));
        let ran = pm.caller(Specs::configure).call_historic(3).await.pop().unwrap();
        assert!(ran.0 != here() && ran.1 == "3");
    });
}

#[test]
fn offload_sync_leaves_in_place_what_cannot_go() {
    let pm = offloading();
    pm.register(Plain).unwrap();
    current_thread().block_on(async {
        let mut text = String::new();
        pm.caller(Specs::edit).call(&mut text).await;
        assert_eq!(text, format!("{:?}", here()));
        let settings = Settings::default();
        let call = pm.caller(Specs::settle_on).call(&settings, &Session, "t");
        assert_eq!(call.await, [ran("")]);
        assert_eq!(settings.0.load(Ordering::SeqCst), 0);
        assert_eq!(*pm.caller(Specs::shared).call(1).await[0], ran(1));
        let from = format!("{:?}", here());
        assert_eq!(pm.caller(Specs::lend).call(&from).await, ["here"]);
    });
}

#[test]
fn offload_sync_is_asked_for_and_needs_a_runtime() {
    for pm in [with(AsyncPluginManager::builder("blocking").offload_sync(false).build()), manager()] {
        pm.register(Plain).unwrap();
        current_thread()
            .block_on(async { assert_eq!(pm.caller(Specs::find).call("k").await, Some(ran("k"))) });
    }
    let pm = offloading();
    pm.register(Plain).unwrap();
    assert_eq!(block_on(pm.caller(Specs::find).call("k")), Some(ran("k")));
}

#[test]
fn offload_sync_asks_predicates_in_place_and_brings_panics_back() {
    struct Picky;
    impl Picky {
        fn likes(&self, text: &str) -> bool {
            text != format!("{:?}", here())
        }
    }
    #[extension]
    impl Specs for Picky {
        #[extension(when = Self::likes)]
        fn parse(&self, text: &str) -> Result<u32, String> {
            panic!("boom {text}")
        }
    }
    let pm = offloading();
    pm.register(Picky).unwrap();
    let (runtime, caller) = (current_thread(), pm.caller(Specs::parse));
    assert_eq!(runtime.block_on(caller.call(&format!("{:?}", here()))), Ok(vec![]));
    assert_eq!(panic_of(|| runtime.block_on(caller.call("x"))), "boom x");
}

#[test]
fn a_closure_that_asks_to_go_goes_where_its_point_can_and_is_refused_elsewhere() {
    let pm = manager();
    let blocking = Options::new().blocking();
    pm.register_fn_with("goes", Specs::find, blocking, |args| Some(ran(args.key))).unwrap();
    let found = current_thread().block_on(pm.caller(Specs::find).call("k")).unwrap();
    assert!(found.0 != here() && found.1 == "k");

    let refused = [
        pm.register_fn_with("stays", Specs::edit, blocking, |_| ()),
        pm.register_fn_with("stays", Specs::settle_on, blocking, |_| ran("")),
        pm.register_fn_with("stays", Specs::shared, blocking, |_| Rc::new(ran(""))),
        pm.register_fn_with("stays", Specs::lend, blocking, |args| args.from),
        PluginBuilder::new(()).named("stays").extension(Specs::edit, blocking, |_, _| ()).register(&pm),
    ];
    for (refused, point) in refused.into_iter().zip(["edit", "settle_on", "shared", "lend", "edit"]) {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::CannotOffload { .. }), "{error}");
        assert_eq!(
            error.to_string(),
            format!(
                "plugin `stays` asks to run its extension of `Specs::{point}` on the blocking pool, but the arguments or the result cannot go there: they must be, or have an owned form that is, `Send + 'static`; remove `blocking`, or let the point take such types"
            )
        );
        assert_eq!((error.plugin().unwrap().as_str(), error.kind()), ("stays", ErrorKind::Validation));
        assert_eq!(error.extension_point().unwrap().name(), point);
    }
    assert_eq!(pm.plugin_names(), ["goes"]);
}

#[test]
fn an_optional_reference_can_go_from_wherever_a_blocking_method_can() {
    let pm = manager();
    let blocking = Options::new().blocking();
    pm.register_fn_with("goes", Specs::where_is, blocking, |args| ran(args.extra.unwrap())).unwrap();
    let call = pm.caller(Specs::where_is).call("", &[], Some("e"), String::new());
    assert_ne!(current_thread().block_on(call)[0].0, here());

    let pm = offloading();
    pm.register_fn("goes", Specs::where_is, |args| ran(args.extra.unwrap())).unwrap();
    let call = pm.caller(Specs::where_is).call("", &[], Some("e"), String::new());
    assert_ne!(current_thread().block_on(call)[0].0, here());
}

/// Needs a runtime, and says on which thread it is polled.
struct Spawns;

#[extension]
impl Specs for Spawns {
    async fn parse(&self, text: &str) -> Result<u32, String> {
        assert!(text != "boom", "boom");
        let text = text.to_owned();
        tokio::spawn(async move { text.parse().map_err(|_| format!("not({text})")) }).await.unwrap()
    }
    async fn find(&self, key: &str) -> Option<Ran> {
        tokio::spawn(async {}).await.unwrap();
        Some(ran(key))
    }
    async fn transform(&self, text: String) -> String {
        tokio::spawn(async move { text + "+" }).await.unwrap()
    }
    async fn edit(&self, text: &mut String) {
        tokio::spawn(async {}).await.unwrap();
        text.push('!');
    }
}

#[test]
fn call_blocking_waits_on_a_plain_thread_in_every_mode() {
    let pm = manager();
    pm.register_as("spawns", Spawns).unwrap();
    assert_eq!(pm.caller(Specs::parse).call_blocking("7").unwrap(), [7]);
    assert_eq!(pm.caller(Specs::find).call_blocking("k").unwrap(), Some(ran("k")));
    assert_eq!(pm.caller(Specs::transform).call_blocking("x".into()).unwrap(), "x+");
    let mut text = String::from("x");
    pm.caller(Specs::edit).call_blocking(&mut text).unwrap();
    assert_eq!(text, "x!");
    let error = pm.caller(Specs::parse).call_blocking("x").unwrap_err();
    assert_eq!(error.to_string(), "plugin `spawns` failed in `Specs::parse`: not(x)");
    assert_eq!(panic_of(|| pm.caller(Specs::parse).call_blocking("boom")), "boom");
    assert_eq!(pm.caller(Specs::parse).call_blocking("7").unwrap(), [7]);
}

#[test]
fn call_blocking_waits_wherever_a_runtime_lets_it() {
    let pm = Arc::new(manager());
    pm.register(Spawns).unwrap();
    let inner = Arc::clone(&pm);
    let ask = move || inner.caller(Specs::parse).call_blocking("7").unwrap();
    let runtime = multi_thread();
    assert_eq!(runtime.block_on(runtime.spawn_blocking(ask.clone())).unwrap(), [7]);
    let in_place = ask.clone();
    assert_eq!(runtime.block_on(runtime.spawn(async move { block_in_place(in_place) })).unwrap(), [7]);
    let in_place = ask.clone();
    assert_eq!(runtime.block_on(async move { block_in_place(in_place) }), [7]);
    {
        let _entered = runtime.enter();
        assert_eq!(ask(), [7]);
    }
    assert_eq!(ask(), [7]);
}

#[test]
fn call_blocking_in_async_code_is_an_error_and_runs_nothing() {
    let pm = Arc::new(manager());
    pm.register_fn("never", Specs::parse, |_| unreachable!("it is refused")).unwrap();
    let inner = Arc::clone(&pm);
    let ask = move || {
        let error = inner.caller(Specs::parse).call_blocking("7").unwrap_err();
        assert!(matches!(error, CallError::InAsyncCode { .. }), "{error}");
        assert!(error.plugin().is_none());
        assert_eq!(error.extension_point().name(), "parse");
        assert_eq!(
            error.to_string(),
            "`Specs::parse` was called from async code, which must not wait for it: use `call(…).await` of an `AsyncPluginManager`, or call it in `spawn_blocking`"
        );
    };
    for runtime in [multi_thread(), current_thread()] {
        let (task, local) = (ask.clone(), ask.clone());
        runtime.block_on(async { ask() });
        runtime.block_on(async { tokio::spawn(async move { task() }).await }).unwrap();
        LocalSet::new().block_on(&runtime, async { spawn_local(async move { local() }).await }).unwrap();
    }
    let given =
        with(AsyncPluginManager::builder("blocking").runtime(multi_thread().handle().clone()).build());
    current_thread().block_on(async {
        let refused = given.caller(Specs::parse).call_blocking("7").unwrap_err();
        assert!(matches!(refused, CallError::InAsyncCode { .. }));
    });
}

#[test]
fn asking_whether_this_is_async_code_costs_a_task_none_of_its_budget() {
    let pm = manager();
    current_thread().block_on(async {
        for _ in 0..1000 {
            assert!(pm.caller(Specs::parse).call_blocking("7").is_err());
            assert!(tokio::task::coop::has_budget_remaining());
        }
    });
}

#[test]
fn call_blocking_runs_on_the_runtime_it_was_given_else_the_current_one_else_its_own() {
    struct Names;
    #[extension]
    impl Specs for Names {
        async fn transform(&self) -> String {
            tokio::spawn(async { thread::current().name().unwrap_or_default().to_owned() }).await.unwrap()
        }
    }
    let named = |name| Builder::new_multi_thread().worker_threads(1).thread_name(name).build().unwrap();
    let (given, current) = (named("given"), named("current"));
    let pm = with(AsyncPluginManager::builder("blocking").runtime(given.handle().clone()).build());
    pm.register(Names).unwrap();
    let other = manager();
    other.register(Names).unwrap();
    let ask = |pm: &AsyncPluginManager| pm.caller(Specs::transform).call_blocking(String::new()).unwrap();
    assert_eq!((ask(&pm).as_str(), ask(&other).as_str()), ("given", "pluginkit"));
    let _entered = current.enter();
    assert_eq!((ask(&pm).as_str(), ask(&other).as_str()), ("given", "current"));
}

#[test]
fn a_blocking_extension_may_call_its_manager_and_wait() {
    struct Calls(std::sync::Weak<AsyncPluginManager>);
    #[extension]
    impl Specs for Calls {
        #[extension(blocking)]
        fn where_is(&self, topic: &str) -> Ran {
            let parsed = self.0.upgrade().unwrap().caller(Specs::parse).call_blocking(topic).unwrap();
            ran(format!("{parsed:?}"))
        }
    }
    let pm = Arc::new(manager());
    pm.register(Calls(Arc::downgrade(&pm))).unwrap();
    pm.register(Spawns).unwrap();
    let outcome = current_thread().block_on(pm.caller(Specs::where_is).call("7", &[], None, String::new()));
    assert_eq!(outcome[0].1, "[7]");
}

#[test]
fn a_caller_that_outlives_its_manager_still_waits_and_a_manager_may_go_in_async_code() {
    let pm = manager();
    pm.register(Spawns).unwrap();
    let caller = pm.caller(Specs::parse);
    assert_eq!(caller.call_blocking("7").unwrap(), [7]);
    current_thread().block_on(async { drop(pm) });
    assert_eq!(caller.call_blocking("7").unwrap(), [7]);
}

#[test]
fn observers_see_what_is_waited_for() {
    let (pm, log) = (manager(), Log::new());
    pm.register_as("spawns", Spawns).unwrap();
    let _guard = pm.observe(pluginkit_tests::Show("", log.clone()));
    pm.caller(Specs::parse).call_blocking("7").unwrap();
    assert_eq!(log.line(), "parse> spawns> spawns< parse<");
    pm.caller(Specs::parse).call_blocking("x").unwrap_err();
    assert_eq!(log.line(), "parse> spawns> spawns!not(x) parse!not(x)");
}

#[test]
fn a_blocking_extension_is_in_the_span_of_its_call() {
    struct Traced;
    #[extension]
    impl Specs for Traced {
        #[extension(blocking)]
        fn find(&self) -> Option<Ran> {
            Some(ran(tracing::Span::current().metadata().map_or("none", |span| span.name())))
        }
    }
    // What a thread of the pool has for a subscriber is the process's.
    tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    let pm = manager();
    pm.register(Traced).unwrap();
    let find = || current_thread().block_on(pm.caller(Specs::find).call("k")).unwrap();
    let found = tracing::info_span!("request").in_scope(find);
    assert!(found.0 != here());
    assert_eq!(found.1, "request");
    assert_eq!(find().1, "none");

    let pm = offloading();
    pm.register_fn("fn", Specs::find, |_| {
        Some(ran(tracing::Span::current().metadata().map_or("none", |span| span.name())))
    })
    .unwrap();
    let find = || current_thread().block_on(pm.caller(Specs::find).call("k")).unwrap();
    let found = tracing::info_span!("offloaded").in_scope(find);
    assert!(found.0 != here());
    assert_eq!(found.1, "offloaded");
}
