//! Timeouts of a point and of a call, where async wrappers run around extensions.

use futures_util::future::join;
use pluginkit::limits::FailurePolicy;
use pluginkit::observe::{Event, Fault, Observer};
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show};
use tokio::time::{Instant, sleep};

use super::{Around, LIMIT, LONG, Specs, manager, paused};

/// Takes so many hundredths of the limit.
struct Takes(u32);

impl Takes {
    async fn pass(&self) {
        sleep(self.0 * LIMIT / 100).await;
    }
}

#[extension]
impl Specs for Takes {
    async fn fetch(&self, topic: &str) -> String {
        self.pass().await;
        topic.to_owned()
    }
}

/// Takes its time before and after the rest, or runs the rest twice, one beside the other.
enum Wraps {
    Apart(u32, u32),
    Twice(u32),
}

#[extension(wrapper)]
impl Specs for Wraps {
    async fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        match *self {
            Self::Apart(before, after) => {
                Takes(before).pass().await;
                let all = next.run(topic).await;
                Takes(after).pass().await;
                all
            }
            Self::Twice(between) => {
                let second = async {
                    Takes(between).pass().await;
                    next.clone().run(topic).await
                };
                join(next.clone().run(topic), second).await.1
            }
        }
    }
}

struct Faults(Log);

impl Observer for Faults {
    fn observe(&self, _: &Event<'_>) {}

    fn fault(&self, fault: &Fault<'_>) {
        self.0.push(fault.plugin.as_str());
    }
}

#[test]
fn a_stuck_extension_is_the_only_one_that_is_late() {
    let (pm, log) = manager();
    for name in ["a", "b"] {
        pm.register_as(name, Around(name, Log::new())).unwrap();
    }
    pm.register_as("slow", Takes(1000)).unwrap();
    pm.set_point_timeout(Specs::fetch, LIMIT).unwrap();
    let _shows = pm.observe(Show("", log.clone()));
    paused().block_on(async {
        let started = Instant::now();
        let error = pm.caller(Specs::fetch).try_call("t").await.unwrap_err();
        assert_eq!((error.plugin().unwrap().as_str(), started.elapsed()), ("slow", LIMIT));
    });
    assert_eq!(log.line(), "fetch> a> b> slow> slowtimeout bcancelled acancelled fetchtimeout");
}

#[test]
fn a_wrapper_is_dropped_at_the_limit_of_its_own_time() {
    for (before, after, time) in [(120, 0, 100), (80, 0, 210), (80, 30, 230), (0, 120, 230), (40, 40, 210)] {
        let (pm, log) = manager();
        pm.register_as("outer", Wraps::Apart(0, 0)).unwrap();
        pm.register_as("wraps", Wraps::Apart(before, after)).unwrap();
        pm.register_as("one", Takes(90)).unwrap();
        pm.register_as("two", Takes(40)).unwrap();
        let _counts = pm.observe(Faults(log.clone()));
        paused().block_on(async {
            let started = Instant::now();
            let result = pm.caller(Specs::fetch).timeout(LIMIT).try_call("t").await;
            let expected = if before + after > 100 { "wraps" } else { "" };
            assert_eq!(
                result.err().map_or(String::new(), |error| error.plugin().unwrap().to_string()),
                expected
            );
            assert_eq!(log.line(), expected);
            assert_eq!(started.elapsed(), time * LIMIT / 100);
        });
    }
}

#[test]
fn the_time_of_runs_beside_each_other_is_no_time_of_their_wrapper() {
    for (between, each, expected) in
        [(0, 90, ""), (50, 90, ""), (80, 60, ""), (99, 1, ""), (105, 1, ""), (115, 1, "wraps")]
    {
        let (pm, log) = manager();
        pm.register_as("wraps", Wraps::Twice(between)).unwrap();
        pm.register_as("inner", Wraps::Apart(5, 0)).unwrap();
        pm.register_as("one", Takes(each)).unwrap();
        pm.register_as("two", Takes(each)).unwrap();
        let _counts = pm.observe(Faults(log.clone()));
        let error = paused().block_on(pm.caller(Specs::fetch).timeout(LIMIT).try_call("t")).err();
        assert_eq!(error.map_or(String::new(), |error| error.plugin().unwrap().to_string()), expected);
        assert_eq!(log.line(), expected);
    }
}

#[test]
fn a_policy_goes_on_inside_of_a_wrapper() {
    let (pm, log) = manager();
    pm.register_as("wraps", Wraps::Apart(10, 10)).unwrap();
    pm.register_as("stuck", Takes(1000)).unwrap();
    pm.register_as("other", Takes(90)).unwrap();
    let _counts = pm.observe(Faults(log.clone()));
    let fetch = pm.caller(Specs::fetch).timeout(LIMIT).on_failure(FailurePolicy::Skip);
    assert_eq!(paused().block_on(fetch.try_call("t")).unwrap(), ["t"]);
    assert_eq!(log.line(), "stuck");
}

#[test]
fn a_limit_of_all_the_time_of_a_wrapper_ends_what_it_runs() {
    let (pm, log) = manager();
    pm.register_as("wraps", Wraps::Apart(0, 0)).unwrap();
    pm.register_as("stuck", Takes(1000)).unwrap();
    pm.set_plugin_timeout("wraps", LIMIT).unwrap();
    let _counts = pm.observe(Faults(log.clone()));
    for (limit, expected) in [(LONG, "wraps"), (LIMIT, "stuck"), (LIMIT / 2, "stuck")] {
        let fetch = pm.caller(Specs::fetch).timeout(limit);
        paused().block_on(async {
            let started = Instant::now();
            let error = fetch.try_call("t").await.unwrap_err();
            assert_eq!((error.plugin().unwrap().as_str(), log.line().as_str()), (expected, expected));
            assert_eq!(started.elapsed(), limit.min(LIMIT));
        });
    }
}

#[test]
fn work_of_the_host_is_no_time_of_the_wrappers_around_it() {
    let (pm, log) = manager();
    pm.register_as("wraps", Wraps::Apart(40, 40)).unwrap();
    let _counts = pm.observe(Faults(log.clone()));
    let fetch = pm.caller(Specs::fetch).timeout(LIMIT);
    paused().block_on(async {
        let started = Instant::now();
        let around = fetch.try_call_around("t", &(), |(), args, slot| {
            slot.put(async move {
                sleep(3 * LIMIT).await;
                vec![args.topic.to_owned()]
            })
        });
        assert_eq!(around.await.unwrap(), ["t"]);
        assert_eq!(started.elapsed(), 38 * LIMIT / 10);
    });
    assert_eq!(log.line(), "");
}
