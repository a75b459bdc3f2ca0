//! `call_blocking`: sync code waits for a call of an async manager.

use std::sync::Arc;
use std::thread;

use pluginkit::prelude::*;
use pluginkit_tests::{Log, panic_of};
use tokio::runtime::Builder;
use tokio::task::{LocalSet, block_in_place, spawn_local};

use super::{Ran, Specs, current_thread, manager, multi_thread, ran, with};

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
        assert_eq!(error.extension_point().name, "parse");
        assert_eq!(
            error.to_string(),
            "`Specs::parse` was called from async code, which must not block: use `call(…).await` of an `AsyncPluginManager`, or call it in `spawn_blocking`"
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
fn observers_see_calls_that_sync_code_waits_for() {
    let (pm, log) = (manager(), Log::new());
    pm.register_as("spawns", Spawns).unwrap();
    let _guard = pm.observe(pluginkit_tests::Show("", log.clone()));
    pm.caller(Specs::parse).call_blocking("7").unwrap();
    assert_eq!(log.line(), "parse> spawns> spawns< parse<");
    pm.caller(Specs::parse).call_blocking("x").unwrap_err();
    assert_eq!(log.line(), "parse> spawns> spawns!not(x) parse!not(x)");
}
