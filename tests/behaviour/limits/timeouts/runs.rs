//! Timeouts of implementations that one call runs several times, also at the same time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join;
use pluginkit::limits::FailurePolicy;
use pluginkit::observe::{Event, Fault, Observer};
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit_tests::{Log, Show};
use tokio::time::sleep;

use super::{LIMIT, LONG, Specs, paused};

/// Runs the rest twice: one run after the other, or the second one while the first one runs.
struct Twice {
    second_after: Option<Duration>,
}

#[extension(wrapper)]
impl Specs for Twice {
    async fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        assert_eq!(topic, "t");
        let first = next.clone().run("first");
        let second = async move {
            sleep(self.second_after.unwrap_or_default()).await;
            next.run("second").await
        };
        let (mut all, second) = match self.second_after {
            Some(_) => join(first, second).await,
            None => (first.await, second.await),
        };
        all.extend(second);
        all
    }
}

/// Is over its limit in the first run when it returns, or never returns.
struct Wrapper(Option<FakeClock>);

#[extension(wrapper, timeout = "250ms")]
impl Specs for Wrapper {
    async fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        if topic == "first" {
            match &self.0 {
                Some(clock) => clock.advance(LIMIT * 2),
                None => sleep(LONG).await,
            }
        }
        next.run(topic).await
    }
}

/// Never returns in the second run. With a clock, it is at its limit at once.
struct Stuck(Option<FakeClock>);

#[extension]
impl Specs for Stuck {
    async fn fetch(&self, topic: &str) -> String {
        if topic == "second" {
            if let Some(clock) = &self.0 {
                clock.advance(LIMIT / 2);
            }
            sleep(LONG).await;
        }
        topic.to_owned()
    }
}

/// The plugins of faults.
#[derive(Clone, Default)]
struct Faults(Arc<Mutex<Vec<String>>>);

impl Observer for Faults {
    fn observe(&self, _: &Event<'_>) {}

    fn fault(&self, fault: &Fault<'_>) {
        self.0.lock().unwrap().push(fault.plugin.to_string());
    }
}

#[test]
fn an_extension_is_dropped_at_its_limit_after_another_run_was_late() {
    for (policy, failures) in
        [(FailurePolicy::Skip, &["wrapper"][..]), (FailurePolicy::Collect, &["stuck", "wrapper"])]
    {
        let clock = FakeClock::new();
        let pm = AsyncPluginManager::builder("runs").clock(clock.reader()).build();
        pm.add_extension_points(Specs).unwrap();
        pm.register_as("twice", Twice { second_after: None }).unwrap();
        pm.register_as("wrapper", Wrapper(Some(clock.clone()))).unwrap();
        pm.register_as("stuck", Stuck(Some(clock))).unwrap();
        pm.set_plugin_timeout("stuck", LIMIT / 2).unwrap();
        let fetch = pm.caller(Specs::fetch).on_failure(policy);
        let error = paused().block_on(fetch.try_call("t")).unwrap_err();
        let late = error.failures().map(|late| late.plugin().unwrap().as_str());
        assert_eq!(late.collect::<Vec<_>>(), failures, "{error}");
    }
}

#[test]
fn an_expired_wrapper_ends_the_call_and_no_extension_of_another_run_is_skipped() {
    for policy in [FailurePolicy::FailFast, FailurePolicy::Skip, FailurePolicy::Collect] {
        let (pm, log) = super::manager();
        pm.register_as("twice", Twice { second_after: Some(Duration::ZERO) }).unwrap();
        pm.register_as("wrapper", Wrapper(None)).unwrap();
        pm.register_as("stuck", Stuck(None)).unwrap();
        let _observed = pm.observe(Show("", log.clone()));
        let fetch = pm.caller(Specs::fetch).on_failure(policy);
        let error = paused().block_on(fetch.try_call("t")).unwrap_err();
        assert!(matches!(error, CallError::TimedOut { .. }), "{error}");
        assert_eq!(error.plugin().unwrap(), "wrapper");
        assert!(log.line().contains("stuckcancelled"));
    }
}

#[test]
fn a_run_that_is_dropped_when_another_one_is_over_its_time_is_cancelled() {
    let (pm, log) = super::manager();
    pm.register_as("twice", Twice { second_after: Some(LIMIT / 2) }).unwrap();
    pm.register_as("slow", super::Slow(log.clone())).unwrap();
    let (shown, faults) = (Log::new(), Faults::default());
    let _shows = pm.observe(Show("", shown.clone()));
    let _counts = pm.observe(faults.clone());
    let error = paused().block_on(pm.caller(Specs::fetch).try_call("t")).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "slow");
    let seen = shown.take();
    assert_eq!(seen.iter().filter(|each| *each == "slowtimeout").count(), 1, "{seen:?}");
    assert_eq!(seen.iter().filter(|each| *each == "slowcancelled").count(), 1, "{seen:?}");
    assert_eq!(*faults.0.lock().unwrap(), ["slow"], "one run was too slow");
}
