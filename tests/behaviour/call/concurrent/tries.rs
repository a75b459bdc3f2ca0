//! `try_call_concurrent`: limits, policies and reports of a concurrent call.

use std::task::Poll;
use std::time::Duration;

use pluginkit::limits::{BreakerPolicy, FailurePolicy};
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit::{CallError, Options};
use pluginkit_tests::{Log, Show, block_on, pending};

use super::{Specs, gate, manager, poll};

/// What a call has ended with, in one line.
fn told<T: std::fmt::Debug>(result: Result<T, CallError<String>>) -> String {
    fn of(error: &CallError<String>) -> String {
        let plugin = error.plugin().map_or("nobody", PluginId::as_str);
        match error {
            CallError::Failed { error, .. } => format!("{plugin} fails: {error}"),
            CallError::Panicked { message, .. } => format!("{plugin} panics: {message}"),
            CallError::TimedOut { limit, .. } => format!("{plugin} exceeds {limit:?}"),
            CallError::Several { failures, .. } => failures.iter().map(of).collect::<Vec<_>>().join(", "),
            other => format!("{other}"),
        }
    }
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => of(&error),
    }
}

/// Adds an `async fn` of `parse` that is pending `pends` times, and then does this.
fn add(pm: &AsyncPluginManager, name: &'static str, pends: u32, ends: fn() -> Result<Option<u32>, String>) {
    add_with(pm, name, Options::new(), pends, ends);
}

fn add_with(
    pm: &AsyncPluginManager,
    name: &'static str,
    options: Options,
    pends: u32,
    ends: fn() -> Result<Option<u32>, String>,
) {
    let builder = PluginBuilder::new(()).named(name);
    let builder = builder.async_extension(Specs::parse, options, move |_, _, slot| {
        slot.put(async move {
            pending(pends).await;
            ends()
        })
    });
    builder.register(pm).unwrap();
}

#[test]
fn results_are_those_of_a_call() {
    let (pm, _) = manager();
    let parse = pm.caller(Specs::parse);
    assert_eq!(told(block_on(parse.try_call_concurrent("x"))), "[]");
    add(&pm, "a", 3, || Ok(Some(1)));
    add(&pm, "b", 0, || Ok(None));
    pm.register_fn("c", Specs::parse, |_| Ok(Some(3))).unwrap();
    assert_eq!(told(block_on(parse.try_call_concurrent("x"))), "[1, 3]");
    assert_eq!(told(block_on(parse.concurrency(1).try_call_concurrent("x"))), "[1, 3]");
    assert_eq!(block_on(pm.caller(Specs::fall).try_call_concurrent("x")).unwrap(), ["default[x]"]);
    assert_eq!(block_on(pm.caller(Specs::join).try_call_concurrent("x")).unwrap(), "");
    let words = ["one".to_owned(), "two".to_owned()];
    pm.register_fn("lends", Specs::lend, |args| args.from.last().map(String::as_str)).unwrap();
    assert_eq!(block_on(pm.caller(Specs::lend).try_call_concurrent(&words)).unwrap(), ["two"]);
}

#[test]
fn the_first_failure_that_arrives_ends_the_call_and_is_that_of_its_plugin() {
    for observed in [false, true] {
        let (pm, log) = manager();
        let _observer = observed.then(|| pm.observe(|_: &Event<'_>| {}));
        let _gate = gate(&pm, &log, "waits", Ok(None));
        add(&pm, "fails", 2, || Err("no".into()));
        add(&pm, "panics", 1, || panic!("boom"));
        let parse = pm.caller(Specs::parse);
        assert_eq!(told(block_on(parse.try_call_concurrent("x"))), "panics panics: boom");
        assert_eq!(log.line(), "+waits -waits", "the others are dropped");
        assert_eq!(told(block_on(parse.without(["panics"]).try_call_concurrent("x"))), "fails fails: no");
        pm.register_fn("direct", Specs::parse, |_| panic!("at once")).unwrap();
        assert_eq!(told(block_on(parse.try_call_concurrent("x"))), "direct panics: at once");
    }
}

#[test]
fn a_call_that_skips_failures_returns_the_others() {
    for observed in [false, true] {
        let (pm, _) = manager();
        let _observer = observed.then(|| pm.observe(|_: &Event<'_>| {}));
        add(&pm, "fails", 2, || Err("no".into()));
        add(&pm, "a", 1, || Ok(Some(1)));
        add(&pm, "panics", 0, || panic!("boom"));
        pm.register_fn("direct", Specs::parse, |_| panic!("at once")).unwrap();
        let parse = pm.caller(Specs::parse).on_failure(FailurePolicy::Skip);
        assert_eq!(told(block_on(parse.try_call_concurrent("x"))), "[1]");
    }
}

#[test]
fn a_call_that_collects_failures_has_them_in_call_order() {
    for observed in [false, true] {
        let (pm, _) = manager();
        let _observer = observed.then(|| pm.observe(|_: &Event<'_>| {}));
        add(&pm, "late", 9, || Err("no".into()));
        add(&pm, "a", 1, || Ok(Some(1)));
        add(&pm, "panics", 3, || panic!("boom"));
        pm.register_fn("direct", Specs::parse, |_| Err("at once".into())).unwrap();
        let parse = pm.caller(Specs::parse).on_failure(FailurePolicy::Collect);
        assert_eq!(
            told(block_on(parse.try_call_concurrent("x"))),
            "late fails: no, panics panics: boom, direct fails: at once"
        );
        assert_eq!(
            told(block_on(parse.without(["late", "direct"]).try_call_concurrent("x"))),
            "panics panics: boom"
        );
        assert_eq!(told(block_on(parse.only(["a"]).try_call_concurrent("x"))), "[1]");
    }
}

#[test]
fn a_default_body_runs_if_all_others_were_skipped() {
    let (pm, _) = manager();
    pm.register_fn("panics", Specs::fall, |_| panic!("boom")).unwrap();
    let fall = pm.caller(Specs::fall);
    assert!(block_on(fall.try_call_concurrent("x")).unwrap_err().plugin().is_some());
    let fall = fall.on_failure(FailurePolicy::Skip);
    assert_eq!(block_on(fall.try_call_concurrent("x")).unwrap(), ["default[x]"]);
}

#[test]
fn an_extension_that_exceeds_its_limit_is_dropped() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    for policy in [FailurePolicy::FailFast, FailurePolicy::Skip, FailurePolicy::Collect] {
        let (pm, log) = manager();
        let gates = ["a", "b"].map(|name| gate(&pm, &log, name, Ok(Some(1))));
        pm.set_plugin_timeout("b", Duration::from_secs(2)).unwrap();
        let parse = pm.caller(Specs::parse).timeout(Duration::from_secs(5)).on_failure(policy);
        let ended = runtime.block_on(async {
            let call = parse.try_call_concurrent("x");
            let opens = async {
                tokio::time::sleep(Duration::from_secs(3)).await;
                gates[0].notify_one();
            };
            futures_util::future::join(call, opens).await.0
        });
        let end = match policy {
            FailurePolicy::Skip => "[1]",
            _ => "b exceeds 2s",
        };
        assert_eq!(told(ended), end, "{policy:?}");
        assert_eq!(log.line(), "+a +b -b -a", "{policy:?}");
    }
}

#[test]
fn the_end_of_a_reduced_call_does_not_depend_on_what_fails_first() {
    let (pm, _) = manager();
    let word = |name: &'static str, pends, ends: fn() -> Result<Option<String>, String>| {
        let builder = PluginBuilder::new(()).named(name);
        let builder = builder.async_extension(Specs::join, Options::new(), move |_, _, slot| {
            slot.put(async move {
                pending(pends).await;
                ends()
            })
        });
        builder.register(&pm).unwrap();
    };
    word("a", 5, || Ok(Some("a".into())));
    word("b", 9, || Err("b".into()));
    word("c", 0, || panic!("c"));
    let join = pm.caller(Specs::join);
    assert_eq!(told(block_on(join.try_call_concurrent(""))), "b fails: b");
    assert_eq!(told(block_on(join.without(["b"]).try_call_concurrent(""))), "c panics: c");
    let stops = join.extra(|_| Ok(None));
    assert_eq!(told(block_on(stops.without(["b", "c"]).try_call_concurrent(""))), "\"a\"");
    word("d", 0, || Ok(Some("boom".into())));
    let error = block_on(join.without(["b", "c"]).try_call_concurrent("")).unwrap_err();
    assert!(
        matches!(&error, CallError::Panicked { plugin: None, .. }),
        "a reducer is code of the host: {error}"
    );
}

#[test]
fn wrappers_pass_failures_on() {
    struct Wraps(Log);
    #[extension(wrapper)]
    impl Specs for Wraps {
        async fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
            struct Ends<'l>(&'l Log);
            impl Drop for Ends<'_> {
                fn drop(&mut self) {
                    self.0.push("]");
                }
            }
            let _ends = Ends(&self.0);
            next.run(text).await.map_err(|error| if text == "own" { format!("own {error}") } else { error })
        }
    }
    for observed in [false, true] {
        let (pm, log) = manager();
        let _observer = observed.then(|| pm.observe(|_: &Event<'_>| {}));
        pm.register(Wraps(log.clone())).unwrap();
        add(&pm, "late", 9, || Ok(None));
        add(&pm, "fails", 2, || Err("no".into()));
        let parse = pm.caller(Specs::parse);
        assert_eq!(told(block_on(parse.try_call_concurrent("x"))), "fails fails: no");
        assert_eq!(told(block_on(parse.try_call_concurrent("own"))), "Wraps fails: own no");
        add(&pm, "panics", 1, || panic!("boom"));
        assert_eq!(told(block_on(parse.try_call_concurrent("x"))), "panics panics: boom");
        let collects = parse.on_failure(FailurePolicy::Collect);
        assert_eq!(told(block_on(collects.try_call_concurrent("x"))), "fails fails: no, panics panics: boom");
        assert_eq!(log.line(), "] ] ] ]");
    }
}

#[test]
fn a_breaker_counts_the_failures_of_a_concurrent_call() {
    let (pm, _) = manager();
    add(&pm, "fails", 1, || Err("no".into()));
    add(&pm, "a", 3, || Ok(Some(1)));
    let _breaker = pm.break_circuits(BreakerPolicy::new(2));
    let parse = pm.caller(Specs::parse).on_failure(FailurePolicy::Skip);
    for _ in 0..2 {
        assert!(pm.is_enabled("fails"));
        assert_eq!(told(block_on(parse.try_call_concurrent("x"))), "[1]");
    }
    assert!(!pm.is_enabled("fails") && pm.is_enabled("a"));
}

#[test]
fn observers_see_a_guarded_concurrent_call() {
    let (pm, log) = manager();
    add(&pm, "a", 9, || Ok(Some(1)));
    add(&pm, "b", 1, || Err("no".into()));
    let _guard = pm.observe(Show("", log.clone()));
    let parse = pm.caller(Specs::parse);
    assert_eq!(told(block_on(parse.try_call_concurrent("x"))), "b fails: no");
    assert_eq!(log.line(), "parse> a> b> b!no acancelled parse!no");
    let parse = parse.on_failure(FailurePolicy::Skip);
    assert_eq!(told(block_on(parse.try_call_concurrent("x"))), "[1]");
    assert_eq!(log.line(), "parse> a> b> b!no a< parse<");
}

#[test]
fn a_guarded_concurrent_call_may_be_dropped_half_way() {
    let (pm, log) = manager();
    let _gates = ["a", "b"].map(|name| gate(&pm, &log, name, Ok(None)));
    let mut call = Box::pin(pm.caller(Specs::parse).try_call_concurrent("x"));
    assert!(matches!(poll(&mut call), Poll::Pending));
    drop(call);
    assert_eq!(log.line(), "+a +b -a -b");
}
