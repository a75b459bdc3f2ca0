//! The time limits of a point and of a call, where wrappers run around extensions: whose failure a late one is.
//!
//! `insight/both/late.rs` has the simple cases, in all places that tell of a failure.

use std::time::Duration;

use pluginkit::limits::FailurePolicy;
use pluginkit::observe::{End, Event, Fault, Observer};
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit::{CallError, PluginId};
use pluginkit_tests::Log;

use super::kind::{Manager, awaited, implement, wait};

const SECOND: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(2);

#[extension_point]
trait Specs {
    fn fetch(&self) -> Option<String>;
}

/// Takes so many half seconds.
struct Takes(FakeClock, u32);

implement! {
    #[extension]
    impl Specs for Takes {
        fn fetch(&self) -> Option<String> {
            self.0.advance(self.1 * SECOND / 2);
            Some("answer".to_owned())
        }
    }
}

/// Takes so many half seconds before and after what it runs.
struct Around(FakeClock, u32, u32);

implement! {
    #[extension(wrapper)]
    impl Specs for Around {
        fn fetch(&self, next: Next<'_>) -> Vec<String> {
            self.0.advance(self.1 * SECOND / 2);
            let all = awaited!(next.run());
            self.0.advance(self.2 * SECOND / 2);
            all
        }
    }
}

/// Runs the rest three times.
struct Thrice(FakeClock, u32);

implement! {
    #[extension(wrapper)]
    impl Specs for Thrice {
        fn fetch(&self, next: Next<'_>) -> Vec<String> {
            awaited!(next.clone().run());
            self.0.advance(self.1 * SECOND / 2);
            awaited!(next.clone().run());
            self.0.advance(self.1 * SECOND / 2);
            awaited!(next.run())
        }
    }
}

/// Writes down the faults, and whose failure ended a call.
struct Faults(Log);

impl Observer for Faults {
    fn observe(&self, event: &Event<'_>) {
        if let Event::CallFinished { end: End::TimedOut, source, .. } = event {
            self.0.push(format!("call:{}", source.map_or("nobody", PluginId::as_str)));
        }
    }

    fn fault(&self, fault: &Fault<'_>) {
        self.0.push(fault.plugin.as_str());
    }
}

fn manager() -> (Manager, FakeClock) {
    let clock = FakeClock::new();
    let pm = Manager::builder("limits").clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    (pm, clock)
}

/// Returns the plugins that a call names as late, or the number of its answers.
fn ended(result: Result<Vec<String>, CallError>) -> String {
    let error = match result {
        Ok(answers) => return answers.len().to_string(),
        Err(error) => error,
    };
    let each = error.failures().map(|failure| {
        assert!(matches!(failure, CallError::TimedOut { .. }), "{failure}");
        failure.plugin().unwrap().as_str()
    });
    each.collect::<Vec<_>>().join(" ")
}

#[test]
fn each_run_of_a_retry_has_the_limit() {
    for (between, each, expected, faults) in [
        (0, 3, "1", ""),
        (1, 3, "1", ""),
        (3, 3, "thrice", "thrice call:thrice"),
        (0, 5, "wiki", "wiki wiki wiki call:wiki"),
    ] {
        let (pm, clock) = manager();
        pm.register_as("around", Around(clock.clone(), 0, 0)).unwrap();
        pm.register_as("thrice", Thrice(clock.clone(), between)).unwrap();
        pm.register_as("within", Around(clock.clone(), 1, 1)).unwrap();
        pm.register_as("wiki", Takes(clock, each)).unwrap();
        let log = Log::new();
        let _observer = pm.observe(Faults(log.clone()));
        let fetch = pm.caller(Specs::fetch).timeout(LIMIT);
        assert_eq!(ended(wait!(fetch.try_call())), expected);
        assert_eq!(log.line(), faults);
    }
}

#[test]
fn a_call_with_a_late_extension_tells_of_no_late_wrapper() {
    let (pm, clock) = manager();
    pm.register_as("around", Around(clock.clone(), 5, 0)).unwrap();
    pm.register_as("wiki", Takes(clock, 5)).unwrap();
    let log = Log::new();
    let _observer = pm.observe(Faults(log.clone()));
    let fetch = pm.caller(Specs::fetch).timeout(LIMIT);
    assert_eq!(ended(wait!(fetch.try_call())), "wiki");
    assert_eq!(log.line(), "wiki call:wiki");
}

#[test]
fn a_limit_of_a_wrapper_includes_what_it_runs_and_is_one_failure() {
    // The limit of the extension is that of the point, or it has none.
    for (of_point, policy, expected, faults) in [
        (false, FailurePolicy::FailFast, "around", "around call:around"),
        (false, FailurePolicy::Skip, "around", "around call:around"),
        (true, FailurePolicy::FailFast, "wiki", "wiki call:wiki"),
        (true, FailurePolicy::Skip, "around", "wiki around call:around"),
    ] {
        let (pm, clock) = manager();
        pm.register_as("around", Around(clock.clone(), 0, 0)).unwrap();
        pm.register_as("wiki", Takes(clock, 5)).unwrap();
        pm.set_plugin_timeout("around", LIMIT).unwrap();
        let log = Log::new();
        let _observer = pm.observe(Faults(log.clone()));
        if of_point {
            pm.set_point_timeout(Specs::fetch, LIMIT / 2).unwrap();
        }
        assert_eq!(ended(wait!(pm.caller(Specs::fetch).on_failure(policy).try_call())), expected);
        assert_eq!(log.line(), faults);
    }
}
