//! Time limits of implementations that one call runs several times, by clones of a `next`.

use std::time::Duration;

use pluginkit::CallError;
use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit_tests::Log;

use super::kind::{Manager, awaited, implement, wait};

const SECOND: Duration = Duration::from_secs(1);

#[extension_point]
trait Specs {
    fn fetch(&self, run: &str) -> String;
}

/// Runs the rest twice, and says what the second run gives.
struct Twice(Log);

implement! {
    #[extension(wrapper)]
    impl Specs for Twice {
        fn fetch(&self, run: &str, next: Next<'_>) -> Vec<String> {
            let mut all = awaited!(next.clone().run("first"));
            let second = awaited!(next.run("second"));
            self.0.push(format!("{run}:{}", second.len()));
            all.extend(second);
            all
        }
    }
}

/// Takes so many seconds in one run.
struct Late(FakeClock, &'static str, u32);

impl Late {
    fn pass(&self, run: &str) {
        if run == self.1 {
            self.0.advance(self.2 * SECOND);
        }
    }
}

struct Wrapper(Late);

implement! {
    #[extension(wrapper, timeout = "10s")]
    impl Specs for Wrapper {
        fn fetch(&self, run: &str, next: Next<'_>) -> Vec<String> {
            self.0.pass(run);
            awaited!(next.run(run))
        }
    }
}

struct Extension(Late);

implement! {
    #[extension(timeout = "2s")]
    impl Specs for Extension {
        fn fetch(&self, run: &str) -> String {
            self.0.pass(run);
            run.to_owned()
        }
    }
}

fn manager(wrapper: &'static str, extension: &'static str) -> (Manager, Log) {
    let (clock, log) = (FakeClock::new(), Log::new());
    let pm = Manager::builder("runs").clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("twice", Twice(log.clone())).unwrap();
    pm.register_as("wrapper", Wrapper(Late(clock.clone(), wrapper, 11))).unwrap();
    pm.register_as("extension", Extension(Late(clock, extension, 3))).unwrap();
    (pm, log)
}

fn late(error: &CallError) -> &str {
    assert!(matches!(error, CallError::TimedOut { .. }), "{error}");
    error.plugin().unwrap()
}

#[test]
fn an_extension_is_late_in_its_run_whatever_was_late_in_another() {
    for (policy, failures) in
        [(FailurePolicy::Skip, &["wrapper"][..]), (FailurePolicy::Collect, &["extension", "wrapper"])]
    {
        let (pm, log) = manager("first", "second");
        let error = wait!(pm.caller(Specs::fetch).on_failure(policy).try_call("t")).unwrap_err();
        assert_eq!(error.failures().map(late).collect::<Vec<_>>(), failures, "{policy:?}");
        assert_eq!(log.line(), "t:0", "its result is not used");
        assert_eq!((pm.overruns("wrapper"), pm.overruns("extension")), (Some(1), Some(1)));
    }
}

#[test]
fn an_extension_that_is_late_in_one_run_gives_its_result_in_another() {
    let (pm, log) = manager("", "first");
    let skipped = wait!(pm.caller(Specs::fetch).on_failure(FailurePolicy::Skip).try_call("t"));
    assert_eq!((skipped.unwrap(), log.line().as_str()), (vec!["second".to_owned()], "t:1"));
    let error = wait!(pm.caller(Specs::fetch).on_failure(FailurePolicy::Collect).try_call("t")).unwrap_err();
    assert_eq!((late(&error), log.line().as_str()), ("extension", "t:1"));
    let error = wait!(pm.caller(Specs::fetch).try_call("t")).unwrap_err();
    assert_eq!((late(&error), log.line().as_str()), ("extension", "t:1"));
}
