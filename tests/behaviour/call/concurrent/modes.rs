//! `call_concurrent` of a point with a reducer, or with a default body.

use std::sync::Arc;
use std::task::Poll;

use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show, block_on, panic_of, pending};
use tokio::sync::Notify;

use super::{Specs, manager, poll};

/// Waits for its gate, and says when it goes.
struct Word {
    name: &'static str,
    own: Result<Option<&'static str>, &'static str>,
    gate: Arc<Notify>,
    log: Log,
}

struct Gone<'p>(&'p Word);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.log.push(format!("-{}", self.0.name));
    }
}

#[extension]
impl Specs for Word {
    async fn join(&self, word: &str) -> Result<Option<String>, String> {
        let _gone = Gone(self);
        self.gate.notified().await;
        match self.own {
            Ok(own) => Ok(own.map(|own| format!("{own}{word}"))),
            Err(error) => Err(error.to_owned()),
        }
    }
}

fn words(
    pm: &AsyncPluginManager,
    log: &Log,
    words: [Result<Option<&'static str>, &'static str>; 3],
) -> [Arc<Notify>; 3] {
    let gates: [Arc<Notify>; 3] = Default::default();
    for ((name, own), gate) in ["a", "b", "c"].into_iter().zip(words).zip(&gates) {
        let (gate, log) = (Arc::clone(gate), log.clone());
        pm.register_as(name, Word { name, own, gate, log }).unwrap();
    }
    gates
}

#[test]
fn a_reducer_takes_items_in_call_order_whatever_the_order_they_arrive_in() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (pm, log) = manager();
        let gates = words(&pm, &log, [Ok(Some("a")), Ok(None), Ok(Some("c"))]);
        let mut call = Box::pin(pm.caller(Specs::join).call_concurrent(""));
        assert!(poll(&mut call).is_pending());
        for (done, index) in order.into_iter().enumerate() {
            gates[index].notify_one();
            let polled = poll(&mut call);
            if done < 2 {
                assert!(polled.is_pending());
            } else {
                assert_eq!(polled, Poll::Ready(Ok("a c".to_owned())));
            }
        }
    }
}

#[test]
fn a_reducer_that_stops_drops_the_extensions_that_still_run() {
    let (pm, log) = manager();
    let gates = words(&pm, &log, [Ok(Some("a")), Ok(Some("stop")), Ok(Some("c"))]);
    let mut call = Box::pin(pm.caller(Specs::join).call_concurrent(""));
    gates[1].notify_one();
    assert!(poll(&mut call).is_pending());
    assert_eq!(log.line(), "-b");
    gates[0].notify_one();
    assert_eq!(poll(&mut call), Poll::Ready(Ok("a stop".to_owned())));
    assert_eq!(log.line(), "-a -c");
}

#[test]
fn a_reduced_call_ends_as_if_its_extensions_had_run_in_call_order() {
    let ends = [
        ([Ok(Some("a")), Ok(Some("b")), Err("c")], Err("c")),
        ([Ok(Some("a")), Err("b"), Err("c")], Err("b")),
        ([Err("a"), Ok(Some("stop")), Err("c")], Err("a")),
        ([Ok(Some("stop")), Err("b"), Ok(None)], Ok("stop")),
        ([Ok(Some("a")), Ok(Some("stop")), Err("c")], Ok("a stop")),
    ];
    for (own, end) in ends {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let (pm, log) = manager();
            let gates = words(&pm, &log, own);
            let join = pm.caller(Specs::join);
            assert_eq!(
                block_on(async {
                    for gate in &gates {
                        gate.notify_one();
                    }
                    join.call("").await
                }),
                end.map(str::to_owned).map_err(str::to_owned),
                "one after the other"
            );
            let gates = {
                pm.unregister("a");
                pm.unregister("b");
                pm.unregister("c");
                words(&pm, &log, own)
            };
            let mut call = Box::pin(join.call_concurrent(""));
            assert!(poll(&mut call).is_pending());
            let mut ended = Poll::Pending;
            for index in order {
                gates[index].notify_one();
                if ended.is_pending() {
                    ended = poll(&mut call);
                }
            }
            assert_eq!(
                ended,
                Poll::Ready(end.map(str::to_owned).map_err(str::to_owned)),
                "{own:?} in {order:?}"
            );
        }
    }
}

#[test]
fn an_error_in_a_reduced_call_drops_the_extensions_behind_it_and_waits_for_those_before_it() {
    let (pm, log) = manager();
    let gates = words(&pm, &log, [Ok(Some("a")), Err("b"), Ok(Some("c"))]);
    let mut call = Box::pin(pm.caller(Specs::join).call_concurrent(""));
    assert!(poll(&mut call).is_pending());
    gates[1].notify_one();
    assert!(poll(&mut call).is_pending());
    assert_eq!(log.line(), "-b -c");
    gates[2].notify_one();
    assert!(poll(&mut call).is_pending());
    gates[0].notify_one();
    assert_eq!(poll(&mut call), Poll::Ready(Err("b".to_owned())));
    assert_eq!(log.line(), "-a");
}

#[test]
fn an_error_in_a_reduced_call_with_a_limit_starts_no_others() {
    let (pm, log) = manager();
    let gates = words(&pm, &log, [Ok(Some("a")), Err("b"), Ok(Some("c"))]);
    let mut call = Box::pin(pm.caller(Specs::join).concurrency(2).call_concurrent(""));
    gates[1].notify_one();
    assert!(poll(&mut call).is_pending());
    gates[0].notify_one();
    assert_eq!(poll(&mut call), Poll::Ready(Err("b".to_owned())));
    assert_eq!(log.line(), "-b -a");
}

#[test]
fn a_panic_of_a_reducer_ends_a_concurrent_call() {
    let (pm, log) = manager();
    let gates = words(&pm, &log, [Ok(Some("boom")), Ok(Some("b")), Ok(None)]);
    gates[0].notify_one();
    let join = pm.caller(Specs::join);
    assert_eq!(panic_of(|| block_on(join.call_concurrent(""))), "the reducer");
    // The others have not started.
    assert_eq!(log.line(), "-a");
}

struct Wraps;

#[extension]
impl Specs for Wraps {
    #[extension(wrapper)]
    async fn join(&self, word: &str, next: Next<'_>) -> Result<String, String> {
        pending(1).await;
        next.run(word).await.map(|joined| format!("[{joined}]"))
    }
    #[extension(wrapper)]
    async fn fall(&self, next: Next<'_>) -> Vec<String> {
        next.run().await.into_iter().map(|text| text + "!").collect()
    }
}

#[test]
fn a_wrapper_of_a_concurrent_call_sees_the_reduced_outcome() {
    let (pm, log) = manager();
    let gates = words(&pm, &log, [Ok(Some("a")), Ok(Some("b")), Ok(Some("c"))]);
    pm.register(Wraps).unwrap();
    for gate in &gates {
        gate.notify_one();
    }
    let join = pm.caller(Specs::join).concurrency(2);
    assert_eq!(block_on(join.call_concurrent("-")), Ok("[a- b- c-]".to_owned()));
}

#[test]
fn a_default_body_runs_after_all_others_have_abstained() {
    let (pm, log) = manager();
    let fall = pm.caller(Specs::fall);
    assert_eq!(block_on(fall.call_concurrent("x")), ["default[x]"]);
    pm.register_fn("none", Specs::fall, |_| None).unwrap();
    assert_eq!(block_on(fall.call_concurrent("x")), ["default[x]"]);
    let guard = pm.observe(Show("", log.clone()));
    assert_eq!(block_on(fall.call_concurrent("x")), ["default[x]"]);
    assert_eq!(log.line(), "fall> none> none< (default)> (default)< fall<");
    drop(guard);
    pm.register(Wraps).unwrap();
    assert_eq!(block_on(fall.call_concurrent("x")), ["default[x]!"]);
    pm.register_fn("some", Specs::fall, |_| Some("some".to_owned())).unwrap();
    assert_eq!(block_on(fall.call_concurrent("x")), ["some!"]);
}
