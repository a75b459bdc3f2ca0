//! Sync and async managers, each with `fn` and `async fn` extensions.

use std::pin::Pin;
use std::sync::Arc;

use pluginkit::Error;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, panic_of};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Mutex, mpsc, oneshot};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, owned: String) -> String;
    fn parse(&self, text: &str) -> Result<u32, String>;
    #[extension_point(firstresult)]
    fn find<'a>(&self, from: &'a [String], key: &str) -> Option<&'a str>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    #[extension_point(historic)]
    fn configure(&self, level: u32) -> Result<u32, String>;
}

/// Implements every point with `fn`s.
struct Direct;

#[extension]
impl Specs for Direct {
    fn fetch(&self, topic: &str, owned: String) -> String {
        format!("{topic}{owned}")
    }
    fn parse(&self, text: &str) -> Result<u32, String> {
        assert!(text != "boom", "boom");
        text.parse().map_err(|_| format!("not({text})"))
    }
    fn find<'a>(&self, from: &'a [String], key: &str) -> Option<&'a str> {
        from.iter().map(String::as_str).find(|each| each.starts_with(key))
    }
    fn transform(&self, text: String) -> String {
        text + "+"
    }
    fn edit(&self, text: &mut String) {
        text.push('!');
    }
    fn configure(&self, level: u32) -> Result<u32, String> {
        if level == 0 { Err("zero".into()) } else { Ok(level) }
    }
}

/// Implements every point with `async fn`s that need a runtime.
struct Awaited;

#[extension]
impl Specs for Awaited {
    async fn fetch(&self, topic: &str, owned: String) -> String {
        let topic = topic.to_owned();
        tokio::spawn(async move { Direct.fetch(&topic, owned) }).await.unwrap()
    }
    async fn parse(&self, text: &str) -> Result<u32, String> {
        tokio::spawn(async {}).await.unwrap();
        Direct.parse(text)
    }
    async fn find<'a>(&self, from: &'a [String], key: &str) -> Option<&'a str> {
        tokio::spawn(async {}).await.unwrap();
        Direct.find(from, key)
    }
    async fn transform(&self, text: String) -> String {
        tokio::spawn(async { text + "+" }).await.unwrap()
    }
    async fn edit(&self, text: &mut String) {
        tokio::spawn(async {}).await.unwrap();
        text.push('!');
    }
    async fn configure(&self, level: u32) -> Result<u32, String> {
        tokio::spawn(async {}).await.unwrap();
        Direct.configure(level)
    }
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).build().unwrap()
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

macro_rules! cell {
    ($cell:ident, $manager:expr, $plugin:ident, |$future:ident| $waited:expr, $register:ident) => {
        mod $cell {
            use super::*;

            macro_rules! wait {
                ($call:expr) => {{
                    let $future = $call;
                    $waited
                }};
            }

            #[test]
            fn values_come_back_from_every_mode() {
                let pm = $manager;
                pm.add_extension_points(Specs).unwrap();
                pm.register($plugin).unwrap();
                pm.register_fn("closure", Specs::fetch, |args| args.owned).unwrap();
                assert_eq!(wait!(pm.caller(Specs::fetch).call("t", "o".into())), ["to", "o"]);
                assert_eq!(wait!(pm.caller(Specs::parse).call("7")), Ok(vec![7]));
                let from = ["alpha".to_owned(), "beta".to_owned()];
                let found;
                {
                    let key = String::from("b");
                    found = wait!(pm.caller(Specs::find).call(&from, &key));
                }
                assert_eq!(found, Some("beta"));
                assert_eq!(wait!(pm.caller(Specs::transform).call("x".into())), "x+");
                let mut text = String::from("x");
                wait!(pm.caller(Specs::edit).call(&mut text));
                assert_eq!(text, "x!");
                assert_eq!(wait!(pm.caller(Specs::configure).call_historic(3)), Ok(vec![3]));
            }

            #[test]
            fn errors_come_back_and_are_blamed_on_their_plugin() {
                let pm = $manager;
                pm.add_extension_points(Specs).unwrap();
                pm.register_as("a", $plugin).unwrap();
                assert_eq!(wait!(pm.caller(Specs::parse).call("x")), Err("not(x)".into()));
                let error = wait!(pm.caller(Specs::parse).try_call("x")).unwrap_err();
                assert_eq!(error.to_string(), "plugin `a` failed in `Specs::parse`: not(x)");
                let settled = wait!(pm.caller(Specs::parse).settle("x"));
                assert_eq!(settled[0].result.as_ref().unwrap_err().plugin().unwrap(), "a");
                assert_eq!(wait!(pm.caller(Specs::configure).call_historic(0)), Err("zero".into()));
            }

            #[test]
            fn panics_unwind_to_the_caller_and_the_next_call_is_as_good_as_ever() {
                let pm = $manager;
                pm.add_extension_points(Specs).unwrap();
                pm.register_as("a", $plugin).unwrap();
                let caller = pm.caller(Specs::parse);
                for _ in 0..2 {
                    assert_eq!(panic_of(|| wait!(caller.call("boom"))), "boom");
                    let error = wait!(caller.try_call("boom")).unwrap_err();
                    assert_eq!(error.to_string(), "plugin `a` panicked in `Specs::parse`: boom");
                    assert_eq!(wait!(caller.call("7")), Ok(vec![7]));
                }
            }

            #[test]
            fn replays_run_as_calls_do() {
                let pm = $manager;
                pm.add_extension_points(Specs).unwrap();
                assert_eq!(wait!(pm.caller(Specs::configure).call_historic(3)), Ok(vec![]));
                wait!(PluginBuilder::new($plugin).named("a").$register(&pm)).unwrap();
                assert_eq!(wait!(pm.caller(Specs::configure).call_historic(4)), Ok(vec![4]));
                pm.unregister("a").unwrap();
                assert_eq!(wait!(pm.caller(Specs::configure).call_historic(0)), Ok(vec![]));
                let error = wait!(PluginBuilder::new($plugin).named("a").$register(&pm)).unwrap_err();
                assert!(matches!(error, Error::Replay { .. }), "{error}");
                assert!(pm.plugin_names().is_empty());
            }
        }
    };
}

/// A sync manager that awaits on a runtime of its own.
fn awaiting() -> PluginManager {
    PluginManager::builder("matrix").block_on(multi_thread()).build()
}

cell!(sync_fn, PluginManager::new("matrix"), Direct, |outcome| outcome, register);
cell!(sync_fn_beside_a_runtime, awaiting(), Direct, |outcome| outcome, register);
cell!(sync_async_fn, awaiting(), Awaited, |outcome| outcome, register);
cell!(
    sync_async_fn_on_the_current_thread,
    PluginManager::builder("matrix").block_on(current_thread()).build(),
    Awaited,
    |outcome| outcome,
    register
);
cell!(
    async_fn_of_an_async_manager,
    AsyncPluginManager::new("matrix"),
    Awaited,
    |future| multi_thread().block_on(future),
    register_and_replay
);
cell!(
    fn_of_an_async_manager,
    AsyncPluginManager::new("matrix"),
    Direct,
    |future| pluginkit_tests::block_on(future),
    register_and_replay
);

#[test]
fn a_handle_a_shared_runtime_and_a_closure_can_be_awaited_on() {
    let runtime = Arc::new(multi_thread());
    let closure = |future: Pin<&mut (dyn Future<Output = ()> + '_)>| current_thread().block_on(future);
    for builder in [
        PluginManager::builder("matrix").block_on(runtime.handle().clone()),
        PluginManager::builder("matrix").block_on(Arc::clone(&runtime)),
        PluginManager::builder("matrix").block_on(closure),
    ] {
        let pm = builder.build();
        pm.add_extension_points(Specs).unwrap();
        pm.register(Awaited).unwrap();
        assert_eq!(pm.caller(Specs::fetch).call("t", "o".into()), ["to"]);
    }
}

#[test]
fn a_block_on_that_returns_too_early_is_told() {
    let pm =
        PluginManager::builder("matrix").block_on(|_: Pin<&mut (dyn Future<Output = ()> + '_)>| ()).build();
    pm.add_extension_points(Specs).unwrap();
    pm.register(Awaited).unwrap();
    let text = panic_of(|| pm.caller(Specs::transform).call(String::new()));
    assert_eq!(text, "`block_on` of the runtime returned before the future was ready");
}

#[test]
fn extensions_of_both_kinds_mix_in_call_order_with_wrappers_and_views() {
    struct Around;
    #[extension(wrapper)]
    impl Specs for Around {
        fn fetch(&self, topic: &str, owned: String, next: Next<'_>) -> Vec<String> {
            next.run(&topic.to_uppercase(), owned)
        }
    }
    let pm = awaiting();
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("awaited", Awaited).unwrap();
    pm.register_as("direct", Direct).unwrap();
    pm.register(Around).unwrap();
    let caller = pm.caller(Specs::fetch);
    assert_eq!(caller.extra(|args| args.owned).call("t", "o".into()), ["To", "To", "o"]);
    assert_eq!(caller.without(["direct"]).call("t", "o".into()), ["To"]);
    assert_eq!(caller.iter("t", "o".into()).collect::<Vec<_>>(), ["to", "to"]);
    let shown: Vec<_> = caller.implementations().iter().map(|each| each.is_async).collect();
    assert_eq!(shown, [false, true, false]);
}

#[test]
fn an_async_wrapper_is_refused_by_a_sync_manager_with_a_runtime_too() {
    struct Around;
    #[extension(wrapper)]
    impl Specs for Around {
        async fn transform(&self, next: Next<'_>) -> String {
            next.run().await
        }
    }
    let pm = awaiting();
    pm.add_extension_points(Specs).unwrap();
    let error = pm.register(Around).unwrap_err();
    assert!(matches!(error, Error::WrapperKind { is_async: true, .. }), "{error}");
}

#[test]
fn predicates_of_async_extensions_are_asked_by_a_sync_manager() {
    struct Picky(Log);
    impl Picky {
        fn likes(&self, text: &str) -> bool {
            self.0.push("asked");
            text == "7"
        }
    }
    #[extension]
    impl Specs for Picky {
        #[extension(when = Self::likes)]
        async fn parse(&self, text: &str) -> Result<u32, String> {
            self.0.push("ran");
            Ok(text.parse().unwrap())
        }
    }
    let (pm, log) = (awaiting(), Log::new());
    pm.add_extension_points(Specs).unwrap();
    pm.register(Picky(log.clone())).unwrap();
    assert_eq!(pm.caller(Specs::parse).call("8"), Ok(vec![]));
    assert_eq!(log.line(), "asked");
    assert_eq!(pm.caller(Specs::parse).call("7"), Ok(vec![7]));
    assert_eq!(log.line(), "asked ran");
}

/// Has a `fn` and an `async fn`.
struct Mixed;

#[extension]
impl Specs for Mixed {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
    async fn parse(&self, text: &str) -> Result<u32, String> {
        tokio::task::yield_now().await;
        text.parse().map_err(|_| "mixed".to_owned())
    }
}

#[test]
fn one_plugin_in_managers_of_both_kinds_never_changes_what_either_does() {
    let (sync, asynchronous) = (awaiting(), AsyncPluginManager::new("matrix"));
    sync.add_extension_points(Specs).unwrap();
    asynchronous.add_extension_points(Specs).unwrap();
    let plugin = Arc::new(Mixed);
    sync.register(Arc::clone(&plugin)).unwrap();
    asynchronous.register(plugin).unwrap();
    let by_sync = || {
        assert_eq!(sync.caller(Specs::fetch).call("t", String::new()), ["t"]);
        assert_eq!(sync.caller(Specs::parse).call("7"), Ok(vec![7]));
        assert_eq!(sync.caller(Specs::parse).call("x"), Err("mixed".into()));
    };
    let runtime = current_thread();
    let by_async = |runtime: &Runtime| {
        runtime.block_on(async {
            assert_eq!(asynchronous.caller(Specs::fetch).call("t", String::new()).await, ["t"]);
            assert_eq!(asynchronous.caller(Specs::parse).call("7").await, Ok(vec![7]));
            assert_eq!(asynchronous.caller(Specs::parse).call("x").await, Err("mixed".into()));
        });
    };
    for _ in 0..3 {
        by_sync();
        by_async(&runtime);
    }
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..100).for_each(|_| by_sync()));
            scope.spawn(|| {
                let runtime = current_thread();
                (0..100).for_each(|_| by_async(&runtime));
            });
        }
    });
    let kinds = |shown: pluginkit::points::Implementations| {
        shown.iter().map(|each| each.is_async).collect::<Vec<_>>()
    };
    assert_eq!(kinds(sync.caller(Specs::parse).implementations()), [true]);
    assert_eq!(kinds(asynchronous.caller(Specs::parse).implementations()), [true]);
    assert_eq!(kinds(sync.caller(Specs::fetch).implementations()), [false]);

    let plain = PluginManager::new("matrix");
    plain.add_extension_points(Specs).unwrap();
    assert!(matches!(plain.register(Mixed), Err(Error::AsyncExtension { .. })));
}

#[extension_point]
trait Service {
    fn ask(&self, question: u32) -> u32;
}

type Question = (u32, oneshot::Sender<u32>);

/// Opens a connection to a task when it is asked the first time, and counts how often it does.
#[derive(Default)]
struct Client {
    connection: Mutex<Option<mpsc::Sender<Question>>>,
    opened: Log,
}

#[extension]
impl Service for Client {
    async fn ask(&self, question: u32) -> u32 {
        let mut connection = self.connection.lock().await;
        let server = connection.get_or_insert_with(|| {
            self.opened.push("opened");
            let (client, mut server) = mpsc::channel::<Question>(1);
            tokio::spawn(async move {
                while let Some((question, answer)) = server.recv().await {
                    answer.send(question + 1).unwrap();
                }
            });
            client
        });
        let (answer, answered) = oneshot::channel();
        server.send((question, answer)).await.unwrap();
        answered.await.unwrap()
    }
}

#[test]
fn a_connection_that_one_call_opens_works_in_the_next() {
    for runtime in [multi_thread(), current_thread()] {
        let pm = PluginManager::builder("client").block_on(runtime).build();
        pm.add_extension_points(Service).unwrap();
        let client = Client::default();
        let opened = client.opened.clone();
        pm.register(client).unwrap();
        let caller = pm.caller(Service::ask);
        assert_eq!((caller.call(1), caller.call(2)), (vec![2], vec![3]));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..20).for_each(|n| assert_eq!(caller.call(n), [n + 1])));
            }
        });
        assert_eq!(opened.line(), "opened");
        drop(pm);
        assert_eq!(caller.call(3), [4], "the runtime lives as long as what is awaited on it");
    }
}

const REFUSED: &str = "`Specs::transform` was called from async code, which must not block on its `async fn` extensions: await it on an `AsyncPluginManager`, or call it in `spawn_blocking`";

#[test]
fn a_sync_call_from_async_code_panics_with_the_way_out_and_the_manager_works_afterwards() {
    let pm = Arc::new(awaiting());
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("awaited", Awaited).unwrap();
    let call = {
        let pm = Arc::clone(&pm);
        move || pm.caller(Specs::transform).call("x".into())
    };
    let refused = {
        let call = call.clone();
        let pm = Arc::clone(&pm);
        move || {
            assert_eq!(panic_of(&call), REFUSED);
            let error = pm.caller(Specs::transform).try_call("x".into()).unwrap_err();
            assert!(matches!(error, CallError::InAsyncCode { .. }));
        }
    };
    let (multi, current) = (multi_thread(), current_thread());
    for runtime in [&multi, &current] {
        runtime.block_on(async { refused() });
        let inner = refused.clone();
        runtime.block_on(async { tokio::spawn(async move { inner() }).await }).unwrap();
        assert_eq!(call(), "x+");
        let inner = call.clone();
        assert_eq!(runtime.block_on(runtime.spawn_blocking(inner)).unwrap(), "x+");
        let _entered = runtime.enter();
        assert_eq!(call(), "x+");
    }
    tokio::task::LocalSet::new().block_on(&current, async { refused() });
    let inner = call.clone();
    let in_place = multi.spawn(async move { tokio::task::block_in_place(inner) });
    assert_eq!(multi.block_on(in_place).unwrap(), "x+");
}

#[test]
fn a_sync_call_from_async_code_is_fine_where_nothing_must_be_awaited() {
    let pm = awaiting();
    pm.add_extension_points(Specs).unwrap();
    pm.register(Direct).unwrap();
    current_thread().block_on(async {
        assert_eq!(pm.caller(Specs::transform).call("x".into()), "x+");
    });
}

#[test]
fn a_replay_that_must_be_awaited_in_async_code_panics_and_takes_the_registration_back() {
    let pm = awaiting();
    pm.add_extension_points(Specs).unwrap();
    pm.caller(Specs::configure).call_historic(1).unwrap();
    current_thread().block_on(async {
        let text = panic_of(|| pm.register(Awaited));
        assert_eq!(text, REFUSED.replace("transform", "configure"));
    });
    assert!(pm.plugin_names().is_empty());
    pm.register(Awaited).unwrap();
    assert_eq!(pm.caller(Specs::configure).call_historic(2), Ok(vec![2]));
}

#[test]
fn an_async_extension_that_calls_its_sync_manager_is_told_that_it_is_async_code() {
    struct Nested(std::sync::Weak<PluginManager>);
    #[extension]
    impl Specs for Nested {
        async fn fetch(&self, topic: &str) -> String {
            self.0.upgrade().unwrap().caller(Specs::transform).call(topic.to_owned())
        }
    }
    let pm = Arc::new(awaiting());
    pm.add_extension_points(Specs).unwrap();
    pm.register(Nested(Arc::downgrade(&pm))).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("x", String::new()), ["x"]);
    pm.register(Awaited).unwrap();
    let without = pm.caller(Specs::fetch).without(["Awaited"]);
    assert_eq!(panic_of(|| without.call("x", String::new())), REFUSED);
}

#[test]
fn a_manager_with_a_runtime_may_go_in_async_code() {
    current_thread().block_on(async { drop(awaiting()) });
}
