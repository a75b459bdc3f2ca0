//! Each policy in each mode.

use pluginkit::Options;
use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Kind::{Fails, Late, Panics};
use super::Mode::{Owned, Transform};
use super::kind::{Manager, wait};
use super::{MODES, call, fault, manager};

#[test]
fn failing_fast_ends_the_call_with_the_first_failure_in_every_mode() {
    for kind in [Fails, Panics, Late] {
        let (pm, log) = manager(kind);
        for (mode, _) in MODES {
            assert_eq!(call(&pm, mode, FailurePolicy::FailFast), fault("b", kind), "{mode:?}");
            // One that is not awaited with a clock is late when it returns.
            assert_eq!(log.line(), if kind == Late { "a b c d e" } else { "a b" }, "{mode:?}");
        }
    }
}

#[test]
fn skipping_leaves_failures_out_in_every_mode() {
    for kind in [Fails, Panics, Late] {
        let (pm, log) = manager(kind);
        for (mode, rest) in MODES {
            assert_eq!(call(&pm, mode, FailurePolicy::Skip), rest, "{mode:?} {kind:?}");
            assert_eq!(log.line(), "a b c d e", "{mode:?} {kind:?}");
        }
    }
}

#[test]
fn collecting_failures_runs_all_and_ends_with_every_failure_in_every_mode() {
    for kind in [Fails, Panics, Late] {
        let (pm, log) = manager(kind);
        for (mode, _) in MODES {
            let both = format!("{}, {}", fault("b", kind), fault("d", kind));
            assert_eq!(call(&pm, mode, FailurePolicy::Collect), both, "{mode:?}");
            assert_eq!(log.line(), "a b c d e", "{mode:?}");
        }
        pm.set_enabled("d", false).unwrap();
        for (mode, _) in MODES {
            assert_eq!(call(&pm, mode, FailurePolicy::Collect), fault("b", kind), "{mode:?}: one is itself");
        }
        pm.set_enabled("b", false).unwrap();
        assert_eq!(call(&pm, Transform, FailurePolicy::Collect), "-ace", "nobody failed");
    }
}

#[test]
fn a_value_that_cannot_be_cloned_ends_the_call_with_the_extension_that_failed() {
    for kind in [Fails, Panics, Late] {
        let (pm, log) = manager(kind);
        for policy in [FailurePolicy::FailFast, FailurePolicy::Skip, FailurePolicy::Collect] {
            assert_eq!(call(&pm, Owned, policy), fault("b", kind), "{policy} {kind:?}");
            assert_eq!(log.line(), if kind == Late { "a b c d e" } else { "a b" }, "{policy} {kind:?}");
        }
        pm.set_enabled("b", false).unwrap();
        pm.set_enabled("d", false).unwrap();
        assert_eq!(call(&pm, Owned, FailurePolicy::Skip), "-ace", "nobody failed");
    }
}

#[test]
fn only_another_policy_than_failing_fast_pays_for_clones() {
    #[derive(Debug)]
    struct Counted(Log);
    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.push("clone");
            Self(self.0.clone())
        }
    }
    #[extension_point]
    trait Counts {
        #[extension_point(pipeline)]
        fn pass(&self, value: Counted) -> Counted;
    }
    let pm = Manager::new("clones");
    pm.add_extension_points(Counts).unwrap();
    for id in ["a", "b", "c"] {
        pm.register_fn_with(id, Counts::pass, Options::new(), |args| args.value).unwrap();
    }
    let (pass, log) = (pm.caller(Counts::pass), Log::new());
    wait!(pass.call(Counted(log.clone())));
    wait!(pass.on_failure(FailurePolicy::Skip).call(Counted(log.clone())));
    wait!(pass.try_call(Counted(log.clone()))).unwrap();
    assert_eq!(log.line(), "");
    wait!(pass.on_failure(FailurePolicy::Skip).try_call(Counted(log.clone()))).unwrap();
    assert_eq!(log.line(), "clone clone clone");
}
