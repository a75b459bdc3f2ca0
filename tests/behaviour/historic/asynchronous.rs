//! Async historic calls and replays that are refused, lazy or dropped.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use pluginkit::prelude::*;
use pluginkit::{Error, ErrorKind, Options};
use pluginkit_tests::{Log, block_on, pending};

#[extension_point]
trait Specs {
    #[extension_point(historic)]
    fn configure(&self, name: &str, level: u32) -> u32;
    #[extension_point(historic)]
    fn other(&self);
    fn plain(&self) -> u32;
}

/// Says when it goes.
struct Guard(Log);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.push("dropped");
    }
}

struct Slow(Log);

#[extension]
impl Specs for Slow {
    async fn configure(&self, name: &str, level: u32) -> u32 {
        let _guard = Guard(self.0.clone());
        pending(2).await;
        self.0.push(format!("{name}{level}"));
        level
    }
    async fn other(&self) {
        pending(1).await;
        self.0.push("other");
    }
    fn plain(&self) -> u32 {
        1
    }
}

fn manager() -> (AsyncPluginManager, Log) {
    let pm = AsyncPluginManager::new("historic");
    pm.add_extension_points(Specs).unwrap();
    (pm, Log::new())
}

/// Polls `future` so often, which does not end then.
fn polled<F: Future>(future: F, polls: usize) -> std::pin::Pin<Box<F>> {
    let mut future = Box::pin(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        assert!(future.as_mut().poll(&mut cx).is_pending(), "it ended before {polls} polls");
    }
    future
}

/// How often `future` must be polled, and what comes then.
fn counted<F: Future>(future: F) -> (usize, F::Output) {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    let mut polls = 1;
    loop {
        if let Poll::Ready(outcome) = future.as_mut().poll(&mut cx) {
            return (polls, outcome);
        }
        polls += 1;
    }
}

#[test]
fn register_refuses_a_plugin_with_events_to_replay_and_says_what_to_use() {
    let (pm, log) = manager();
    block_on(pm.caller(Specs::other).call_historic());
    let error = pm.register_as("slow", Slow(log.clone())).unwrap_err();
    assert!(matches!(error, Error::NeedsReplay { .. }));
    assert_eq!(
        error.to_string(),
        "plugin `slow` extends `Specs::other`, which has past historic calls to replay: use `register_and_replay(…).await`, which `PluginBuilder` has too"
    );
    assert_eq!((error.plugin().unwrap().as_str(), error.kind()), ("slow", ErrorKind::State));
    assert_eq!(error.extension_point().unwrap().name, "other");
    let error = pm.register_fn("closure", Specs::other, |_| ()).unwrap_err();
    assert!(matches!(error, Error::NeedsReplay { .. }));
    let error = PluginBuilder::new(())
        .named("closures")
        .extension(Specs::other, Options::new(), |_, _| ())
        .register(&pm)
        .unwrap_err();
    assert!(matches!(error, Error::NeedsReplay { .. }));
    assert!(pm.plugin_names().is_empty() && log.take().is_empty());

    block_on(pm.register_and_replay_as("slow", Slow(log.clone()))).unwrap();
    assert_eq!(block_on(pm.register_and_replay(Slow(log.clone()))).unwrap(), "Slow");
    assert_eq!(pm.plugin_names(), ["slow", "Slow"]);
    assert_eq!(log.line(), "other other");
}

#[test]
fn register_and_replay_accepts_a_plugin_without_events_and_has_the_errors_of_register() {
    let (pm, log) = manager();
    let slow = std::sync::Arc::new(Slow(log.clone()));
    block_on(pm.register_and_replay_as("a", std::sync::Arc::clone(&slow))).unwrap();
    let error = block_on(pm.register_and_replay_as("a", Slow(log.clone()))).unwrap_err();
    assert!(matches!(error, Error::NameTaken { .. }));
    let error = block_on(pm.register_and_replay_as("b", slow)).unwrap_err();
    assert!(matches!(error, Error::AlreadyRegistered { .. }));
    let error = block_on(pm.register_and_replay(log.clone())).unwrap_err();
    assert!(matches!(error, Error::NoExtensions { .. }));
    assert_eq!(pm.plugin_names(), ["a"]);
}

#[test]
fn registering_with_replay_does_nothing_until_it_is_polled() {
    let (pm, log) = manager();
    block_on(pm.caller(Specs::other).call_historic());
    let entering = pm.register_and_replay_as("slow", Slow(log.clone()));
    assert!(pm.plugin_names().is_empty());
    drop(entering);
    assert!(pm.plugin_names().is_empty() && log.take().is_empty());
}

#[test]
fn registering_with_replay_can_be_dropped_at_every_poll_and_is_taken_back() {
    let (pm, log) = manager();
    for level in 1..3 {
        block_on(pm.caller(Specs::configure).call_historic("n", level));
    }
    block_on(pm.caller(Specs::other).call_historic());
    let left =
        ["", "dropped", "dropped", "n1 dropped dropped", "n1 dropped dropped", "n1 dropped n2 dropped"];
    for (polls, expected) in left.iter().enumerate() {
        let entering = polled(pm.register_and_replay_as("slow", Slow(log.clone())), polls);
        assert_eq!(pm.is_registered("slow"), polls > 0, "under way it is wired, after {polls} polls");
        drop(entering);
        assert_eq!(log.line(), *expected, "after {polls} polls");
        assert!(pm.plugin_names().is_empty(), "after {polls} polls");
        assert!(block_on(pm.caller(Specs::plain).call()).is_empty());
    }
    let (polls, entered) = counted(pm.register_and_replay_as("slow", Slow(log.clone())));
    assert_eq!((polls, entered.unwrap().as_str()), (left.len(), "slow"));
    assert_eq!(log.line(), "n1 dropped n2 dropped other");
    assert_eq!(block_on(pm.caller(Specs::plain).call()), [1]);
}

#[test]
fn a_registration_that_is_forgotten_in_a_replay_leaves_its_plugin_out_of_historic_calls_only() {
    let (pm, log) = manager();
    block_on(pm.caller(Specs::other).call_historic());
    std::mem::forget(polled(pm.register_and_replay_as("slow", Slow(log.clone())), 1));
    assert_eq!(pm.plugin_names(), ["slow"]);
    assert_eq!(block_on(pm.caller(Specs::plain).call()), [1]);
    assert!(block_on(pm.caller(Specs::configure).call_historic("n", 1)).is_empty());
    assert!(log.take().is_empty());
}

#[test]
fn a_dropped_registration_leaves_a_later_one_of_the_same_name_alone() {
    let (pm, log) = manager();
    block_on(pm.caller(Specs::other).call_historic());
    let entering = polled(pm.register_and_replay_as("slow", Slow(log.clone())), 1);
    assert!(pm.unregister("slow").is_some());
    block_on(pm.register_and_replay_as("slow", Slow(log.clone()))).unwrap();
    drop(entering);
    assert_eq!(pm.plugin_names(), ["slow"]);
    assert_eq!(log.line(), "other");
}

#[test]
fn a_historic_call_that_is_dropped_at_any_poll_is_not_remembered() {
    let (pm, log) = manager();
    pm.register_as("a", Slow(log.clone())).unwrap();
    pm.register_as("b", Slow(log.clone())).unwrap();
    let (needed, outcome) = counted(pm.caller(Specs::configure).call_historic("x", 0));
    assert_eq!((needed, outcome), (5, vec![0, 0]));
    let (pm, log) = manager();
    pm.register_as("a", Slow(log.clone())).unwrap();
    pm.register_as("b", Slow(log.clone())).unwrap();
    for polls in 0..needed {
        drop(polled(pm.caller(Specs::configure).call_historic("n", 1), polls));
        let sink = log.clone();
        let caller = pm.caller(Specs::configure);
        let call = caller.call_historic_with("n", 1, move |level| sink.push(level.to_string()));
        drop(polled(call, polls));
        log.take();
        // Nothing to replay: it need not be awaited.
        pm.register_as("late", Slow(log.clone())).unwrap();
        pm.unregister("late").unwrap();
        assert!(log.take().is_empty(), "after {polls} polls");
    }
    assert_eq!(block_on(pm.caller(Specs::configure).call_historic("n", 1)), [1, 1]);
}

#[test]
fn a_historic_call_does_nothing_until_it_is_polled_but_has_its_snapshot() {
    let (pm, log) = manager();
    pm.register_as("a", Slow(log.clone())).unwrap();
    let caller = pm.caller(Specs::configure);
    let call = {
        let name = String::from("n");
        let call = caller.call_historic(&name, 3);
        assert!(log.take().is_empty());
        block_on(call)
    };
    assert_eq!(call, [3]);
    assert_eq!(log.line(), "n3 dropped");
    block_on(pm.register_and_replay_as("b", Slow(log.clone()))).unwrap();
    assert_eq!(log.line(), "n3 dropped");
}

#[test]
fn events_that_happen_while_a_replay_waits_reach_the_newcomer_once() {
    let (pm, log) = manager();
    block_on(pm.caller(Specs::configure).call_historic("first", 1));
    let entering = polled(pm.register_and_replay_as("slow", Slow(log.clone())), 1);
    block_on(pm.caller(Specs::other).call_historic());
    assert_eq!(log.line(), "");
    block_on(entering).unwrap();
    assert_eq!(log.line(), "first1 dropped other");
    block_on(pm.register_and_replay_as("late", Slow(log.clone()))).unwrap();
    assert_eq!(log.line(), "first1 dropped other");
}
