//! A call that is dropped at any of its await points cleans up, innermost first, and leaves no trace.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::StreamExt;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show, block_on, pending};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    fn parse(&self, text: String) -> Result<Option<usize>, String>;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<usize>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn maybe(&self, text: String) -> Result<Option<String>, String>;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
}

/// Says when it begins and when it goes.
struct Guard(&'static str, Log);

impl Guard {
    fn new(name: &'static str, log: &Log) -> Self {
        log.push(format!("+{name}"));
        Self(name, log.clone())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.1.push(format!("-{}", self.0));
    }
}

struct Slow(&'static str, Log);

#[extension]
impl Specs for Slow {
    async fn fetch(&self, topic: &str) -> String {
        let _guard = Guard::new(self.0, &self.1);
        pending(2).await;
        format!("{topic}{}", self.0)
    }
    async fn parse(&self, text: String) -> Result<Option<usize>, String> {
        let _guard = Guard::new(self.0, &self.1);
        pending(2).await;
        Ok(Some(text.len()))
    }
    async fn find(&self, key: &str) -> Option<usize> {
        let _guard = Guard::new(self.0, &self.1);
        pending(2).await;
        (self.0 == "y").then_some(key.len())
    }
    async fn transform(&self, text: String) -> String {
        let _guard = Guard::new(self.0, &self.1);
        pending(2).await;
        text + self.0
    }
    async fn maybe(&self, text: String) -> Result<Option<String>, String> {
        let _guard = Guard::new(self.0, &self.1);
        pending(2).await;
        Ok((self.0 == "y").then_some(text + self.0))
    }
    async fn edit(&self, text: &mut String) {
        let _guard = Guard::new(self.0, &self.1);
        pending(2).await;
        text.push_str(self.0);
    }
}

struct Around(&'static str, Log);

#[extension(wrapper)]
impl Specs for Around {
    async fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        let _guard = Guard::new(self.0, &self.1);
        pending(1).await;
        let outcome = next.run(topic).await;
        pending(1).await;
        outcome
    }
    async fn parse(&self, next: Next<'_>) -> Result<Vec<usize>, String> {
        let _guard = Guard::new(self.0, &self.1);
        pending(1).await;
        let outcome = next.run().await;
        pending(1).await;
        outcome
    }
    async fn find(&self, key: &str, next: Next<'_>) -> Option<usize> {
        let _guard = Guard::new(self.0, &self.1);
        pending(1).await;
        let outcome = next.run(key).await;
        pending(1).await;
        outcome
    }
    async fn transform(&self, text: String, next: Next<'_>) -> String {
        let _guard = Guard::new(self.0, &self.1);
        pending(1).await;
        let outcome = next.run(text).await;
        pending(1).await;
        outcome
    }
    async fn maybe(&self, next: Next<'_>) -> Result<String, String> {
        let _guard = Guard::new(self.0, &self.1);
        pending(1).await;
        let outcome = next.run().await;
        pending(1).await;
        outcome
    }
    async fn edit(&self, text: &mut String, next: Next<'_>) {
        let _guard = Guard::new(self.0, &self.1);
        pending(1).await;
        next.run(text).await;
        pending(1).await;
    }
}

const PLUGINS: [&str; 5] = ["a", "b", "x", "fn", "y"];

fn manager() -> (AsyncPluginManager, Log) {
    let (pm, log) = (AsyncPluginManager::new("cancellation"), Log::new());
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("a", Around("a", log.clone())).unwrap();
    pm.register_as("b", Around("b", log.clone())).unwrap();
    pm.register_as("x", Slow("x", log.clone())).unwrap();
    // An extension that is over at once, between two that are not.
    PluginBuilder::new(())
        .named("fn")
        .extension(Specs::fetch, pluginkit::Options::new(), |_, args| args.topic.to_owned())
        .extension(Specs::find, pluginkit::Options::new(), |_, _| None)
        .register(&pm)
        .unwrap();
    pm.register_as("y", Slow("y", log.clone())).unwrap();
    (pm, log)
}

/// Who has begun and has not gone, the outermost first.
fn open(entries: &[String]) -> Vec<String> {
    let mut open = Vec::new();
    for entry in entries {
        match entry.split_at(1) {
            ("+", name) => open.push(name.to_owned()),
            (_, name) => open.retain(|each| each != name),
        }
    }
    open
}

/// Polls what `start` begins zero times and drops it, then once, then twice, and so on to its end. Calls
/// `dropped` with those who were under way and those who went then, each time; returns the outcome.
fn dropped_at_each<F: Future>(
    log: &Log,
    start: impl Fn() -> F,
    mut dropped: impl FnMut(usize, Vec<String>, Vec<String>),
) -> F::Output {
    for polls in 0.. {
        log.take();
        let mut call = Box::pin(start());
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..polls {
            if let Poll::Ready(outcome) = call.as_mut().poll(&mut cx) {
                return outcome;
            }
        }
        let begun = open(&log.take());
        drop(call);
        let gone = log.take().iter().map(|entry| entry[1..].to_owned()).collect();
        dropped(polls, begun, gone);
    }
    unreachable!("it ends some day")
}

/// Checks that what `start` begins, dropped at each of its await points, ends innermost first those who have
/// begun, that observers see so, and that the next call is as good as ever.
///
/// `takes_part` are those who wait in it; `point` is what observers know the call by, if they do.
fn check<F: Future<Output: std::fmt::Debug + PartialEq>>(
    pm: &AsyncPluginManager,
    log: &Log,
    takes_part: &[&str],
    point: Option<&str>,
    start: impl Fn() -> F,
) -> F::Output {
    let expected = block_on(start());
    let mut innermost = Vec::new();
    let outcome = dropped_at_each(log, &start, |polls, begun, gone| {
        let reversed: Vec<_> = begun.iter().rev().cloned().collect();
        assert_eq!(gone, reversed, "after {polls} polls");
        assert_eq!(gone.is_empty(), polls == 0, "each poll but the last ends at somebody's await point");
        innermost.extend(gone.into_iter().next());
        assert_eq!(pm.plugin_names(), PLUGINS);
        assert_eq!(block_on(start()), expected, "after a drop after {polls} polls");
    });
    assert_eq!(outcome, expected);
    for name in takes_part {
        assert!(innermost.iter().any(|each| each == name), "`{name}` was never dropped: {innermost:?}");
    }

    let _guard = pm.observe(Show("", log.clone()));
    for polls in 0..=innermost.len() {
        let mut call = Box::pin(start());
        let mut cx = Context::from_waker(Waker::noop());
        log.take();
        for _ in 0..polls {
            assert!(call.as_mut().poll(&mut cx).is_pending());
        }
        let begun: Vec<_> = log.take().into_iter().filter(|entry| "+-".contains(&entry[..1])).collect();
        drop(call);
        let mut ends: Vec<_> = open(&begun)
            .iter()
            .rev()
            .flat_map(|name| [format!("-{name}"), format!("{name}cancelled")])
            .collect();
        ends.extend(point.filter(|_| polls > 0).map(|point| format!("{point}cancelled")));
        assert_eq!(log.take(), ends, "after {polls} polls");
    }
    outcome
}

#[test]
fn a_collecting_call_dropped_at_any_await_point_ends_innermost_first() {
    let (pm, log) = manager();
    let all = ["a", "b", "x", "y"];
    let outcome = check(&pm, &log, &all, Some("fetch"), || pm.caller(Specs::fetch).call("t"));
    assert_eq!(outcome, ["tx", "t", "ty"]);
    let outcome = check(&pm, &log, &all, Some("parse"), || pm.caller(Specs::parse).call("text".into()));
    assert_eq!(outcome, Ok(vec![4, 4]));
}

#[test]
fn a_firstresult_call_dropped_at_any_await_point_ends_innermost_first() {
    let (pm, log) = manager();
    let all = ["a", "b", "x", "y"];
    assert_eq!(check(&pm, &log, &all, Some("find"), || pm.caller(Specs::find).call("key")), Some(3));
}

#[test]
fn a_pipeline_dropped_at_any_await_point_ends_innermost_first() {
    let (pm, log) = manager();
    let all = ["a", "b", "x", "y"];
    let outcome = check(&pm, &log, &all, Some("transform"), || pm.caller(Specs::transform).call("-".into()));
    assert_eq!(outcome, "-xy");
    let outcome = check(&pm, &log, &all, Some("maybe"), || pm.caller(Specs::maybe).call("-".into()));
    assert_eq!(outcome, Ok("-y".into()));
    let edited = check(&pm, &log, &all, Some("edit"), || async {
        let mut text = String::from("-");
        pm.caller(Specs::edit).call(&mut text).await;
        text
    });
    assert_eq!(edited, "-xy");
}

#[test]
fn an_edited_argument_keeps_the_changes_made_before_a_drop() {
    let (pm, _) = manager();
    let mut text = String::from("-");
    let mut call = Box::pin(pm.caller(Specs::edit).call(&mut text));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..5 {
        assert!(call.as_mut().poll(&mut cx).is_pending());
    }
    drop(call);
    assert_eq!(text, "-x");
}

#[test]
fn a_tried_call_dropped_at_any_await_point_ends_innermost_first() {
    let (pm, log) = manager();
    let all = ["a", "b", "x", "y"];
    let tried = check(&pm, &log, &all, Some("fetch"), || async {
        pm.caller(Specs::fetch).try_call("t").await.unwrap()
    });
    assert_eq!(tried, ["tx", "t", "ty"]);
    check(&pm, &log, &all, Some("find"), || async { pm.caller(Specs::find).try_call("key").await.unwrap() });
    check(&pm, &log, &all, Some("maybe"), || async {
        pm.caller(Specs::maybe).try_call("-".into()).await.unwrap()
    });
}

#[test]
fn settling_dropped_at_any_await_point_ends_the_running_extension() {
    let (pm, log) = manager();
    let settled = check(&pm, &log, &["x", "y"], None, || async {
        let settled = pm.caller(Specs::fetch).settle("t").await;
        settled.into_iter().map(|each| (each.plugin, each.result.unwrap())).collect::<Vec<_>>()
    });
    assert_eq!(settled.len(), 3);
    let settled = check(&pm, &log, &["x", "y"], None, || async {
        pm.caller(Specs::find).settle("t").await.into_iter().map(|each| each.plugin).collect::<Vec<_>>()
    });
    assert_eq!(settled, ["x", "fn", "y"]);
}

#[test]
fn a_stream_dropped_at_any_await_point_ends_the_running_extension() {
    let (pm, log) = manager();
    let results =
        check(&pm, &log, &["x", "y"], None, || pm.caller(Specs::fetch).stream("t").collect::<Vec<_>>());
    assert_eq!(results, ["tx", "t", "ty"]);
}

#[test]
fn a_concurrent_call_dropped_at_any_await_point_ends_its_extensions_and_then_the_wrappers() {
    let (pm, log) = manager();
    let start = || pm.caller(Specs::fetch).call_concurrent("t");
    let mut at_once = 0;
    let outcome = dropped_at_each(&log, start, |polls, begun, mut gone| {
        let extensions = gone.iter().filter(|name| ["x", "y"].contains(&name.as_str())).count();
        at_once = at_once.max(extensions);
        // Those that are under way at once go in any order.
        gone[..extensions].sort();
        let mut expected: Vec<_> = begun.iter().rev().cloned().collect();
        expected[..extensions].sort();
        assert_eq!(gone, expected, "after {polls} polls");
        assert_eq!(block_on(start()), ["tx", "t", "ty"]);
    });
    assert_eq!(at_once, 2);
    assert_eq!(outcome, ["tx", "t", "ty"]);
    assert_eq!(pm.plugin_names(), PLUGINS);
}

#[test]
fn observers_see_that_a_concurrent_call_was_dropped() {
    let (pm, log) = manager();
    let _guard = pm.observe(Show("", log.clone()));
    let mut call = Box::pin(pm.caller(Specs::fetch).without(["a", "b"]).call_concurrent("t"));
    assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(log.take()[..3], ["fetch>", "x>", "fn>"]);
    drop(call);
    let mut seen = log.take();
    assert_eq!(seen.pop().unwrap(), "fetchcancelled");
    seen.retain(|entry| !entry.starts_with('-'));
    seen.sort();
    assert_eq!(seen, ["xcancelled", "ycancelled"]);
}

#[test]
fn a_call_made_by_an_extension_goes_with_it() {
    struct Outer(Arc<AsyncPluginManager>, Log);
    #[extension]
    impl Specs for Outer {
        async fn transform(&self, text: String) -> String {
            let _guard = Guard::new("outer", &self.1);
            self.0.caller(Specs::fetch).call(&text).await.concat()
        }
    }
    let (inner, log) = manager();
    let inner = Arc::new(inner);
    let pm = AsyncPluginManager::new("outer");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Outer(Arc::clone(&inner), log.clone())).unwrap();
    let mut deepest = 0;
    let start = || pm.caller(Specs::transform).call("t".into());
    let outcome = dropped_at_each(&log, start, |polls, begun, gone| {
        deepest = deepest.max(gone.len());
        let reversed: Vec<_> = begun.into_iter().rev().collect();
        assert_eq!(gone, reversed, "after {polls} polls");
    });
    assert_eq!((outcome.as_str(), deepest), ("txtty", 4));
    assert_eq!(inner.plugin_names(), PLUGINS);
}

#[test]
fn plugins_registered_by_a_dropped_call_stay_registered() {
    struct Registrar(std::sync::Weak<AsyncPluginManager>);
    #[extension]
    impl Specs for Registrar {
        async fn fetch(&self) -> String {
            let pm = self.0.upgrade().unwrap();
            pm.register_fn("first", Specs::fetch, |_| "first".into()).unwrap();
            pending(1).await;
            pm.unregister("x").unwrap();
            pending(1).await;
            pm.register_fn("second", Specs::fetch, |_| "second".into()).unwrap();
            String::new()
        }
    }
    let left: [&[&str]; 4] = [
        &["a", "b", "x", "fn", "y", "registrar"],
        &["a", "b", "x", "fn", "y", "registrar", "first"],
        &["a", "b", "fn", "y", "registrar", "first"],
        &["a", "b", "fn", "y", "registrar", "first", "second"],
    ];
    for (polls, left) in left.iter().enumerate() {
        let (pm, _) = manager();
        let pm = Arc::new(pm);
        pm.register_as("registrar", Registrar(Arc::downgrade(&pm))).unwrap();
        let caller = pm.caller(Specs::fetch).without(["a", "b", "x", "y"]);
        let mut call = Box::pin(caller.call("t"));
        for poll in 1..=polls {
            let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(polled.is_ready(), poll == 3);
        }
        drop(call);
        assert_eq!(pm.plugin_names(), *left, "after {polls} polls");
    }
}
