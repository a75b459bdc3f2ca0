//! Wrappers, predicates, observers and breakers of calls under a policy.

use pluginkit::limits::{BreakerPolicy, FailurePolicy};
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show};

use super::Kind::{Fails, Late, Panics};
use super::Mode::{Collecting, Transform};
use super::kind::{implement, wait};
use super::{Around, NEVER, Specs, call, empty, fault, manager, shown};

#[test]
fn wrappers_see_the_outcome_that_a_policy_leaves() {
    let (pm, _) = manager(Fails);
    let seen = Log::new();
    pm.register(Around(seen.clone())).unwrap();
    let parse = |policy, text| {
        shown(wait!(pm.caller(Specs::parse).on_failure(policy).try_call(text)).map(|all| all.join(" ")))
    };
    let both = "b failed: no b, d failed: no d";
    assert_eq!(parse(FailurePolicy::FailFast, "-"), "b failed: no b");
    assert_eq!(seen.line(), r#"Err("no b")"#);
    assert_eq!(parse(FailurePolicy::Skip, "-"), "-a -c -e");
    assert_eq!(seen.line(), r#"Ok(["-a", "-c", "-e"])"#);
    assert_eq!(parse(FailurePolicy::Skip, "alone"), "alone");
    seen.take();
    assert_eq!(parse(FailurePolicy::Collect, "-"), both);
    assert_eq!(seen.line(), r#"Ok(["-a", "-c", "-e"])"#);
    assert_eq!(parse(FailurePolicy::Collect, "alone"), both, "whatever wrappers make of the outcome");
    assert_eq!(call(&pm, Transform, FailurePolicy::Skip), "(-ace)");
    assert_eq!(call(&pm, Transform, FailurePolicy::Collect), both);
}

#[test]
fn a_wrapper_that_fails_is_never_skipped() {
    for kind in [Fails, Panics, Late] {
        let (pm, _) = manager(kind);
        pm.register(Around(Log::new())).unwrap();
        let parse = |policy, text| {
            shown(wait!(pm.caller(Specs::parse).on_failure(policy).try_call(text)).map(|all| all.join(" ")))
        };
        for (text, failed) in [("fail", "Around failed: around"), ("panic", "Around panicked: around")] {
            assert_eq!(parse(FailurePolicy::Skip, text), failed);
            let all = format!("{}, {}, {failed}", fault("b", kind), fault("d", kind));
            assert_eq!(parse(FailurePolicy::Collect, text), all);
        }
        pm.set_plugin_timeout("Around", NEVER).unwrap();
        assert_eq!(parse(FailurePolicy::Skip, "-"), "Around late");
    }
}

#[test]
fn an_extension_that_declines_has_not_failed() {
    struct Picky;
    impl Picky {
        fn likes(&self, text: &str) -> bool {
            assert!(text != "panic", "no taste");
            text == "yes"
        }
    }
    implement! {
        #[extension]
        impl Specs for Picky {
            #[extension(when = Self::likes)]
            fn transform(&self, text: String) -> Result<String, String> {
                Ok(text + "!")
            }
        }
    }
    let pm = empty();
    pm.register(Picky).unwrap();
    let tried = |policy, text: &str| {
        shown(wait!(pm.caller(Specs::transform).on_failure(policy).try_call(text.into())))
    };
    assert_eq!(tried(FailurePolicy::Collect, "no"), "no");
    assert_eq!(tried(FailurePolicy::Collect, "yes"), "yes!");
    assert_eq!(tried(FailurePolicy::Skip, "panic"), "panic", "a predicate that panics is a failure");
    assert_eq!(tried(FailurePolicy::Collect, "panic"), "Picky panicked: no taste");
}

#[test]
fn observers_see_every_failure() {
    let (pm, _) = manager(Fails);
    let log = Log::new();
    let _guard = pm.observe(Show("", log.clone()));
    call(&pm, Collecting, FailurePolicy::Skip);
    assert_eq!(log.line(), "parse> a> a< b> b!no b c> c< d> d!no d e> e< parse<");
    let (pm, _) = manager(Panics);
    let _guard = pm.observe(Show("", log.clone()));
    call(&pm, Collecting, FailurePolicy::Collect);
    assert_eq!(log.line(), "parse> a> a< b> bpanic c> c< d> dpanic e> e< parse!2 of its extensions failed");
}

#[test]
fn faults_are_those_of_the_extensions_that_fail_whatever_the_policy() {
    struct Faults(Log);
    impl pluginkit::observe::Observer for Faults {
        fn observe(&self, _: &pluginkit::observe::Event<'_>) {}
        fn fault(&self, fault: &pluginkit::observe::Fault<'_>) {
            self.0.push(fault.plugin.as_str());
        }
    }
    for kind in [Fails, Panics, Late] {
        let (pm, _) = manager(kind);
        pm.register(Around(Log::new())).unwrap();
        let log = Log::new();
        let _guard = pm.observe(Faults(log.clone()));
        for policy in [FailurePolicy::Skip, FailurePolicy::Collect] {
            call(&pm, Collecting, policy);
            assert_eq!(log.line(), "b d", "{policy} {kind:?}");
        }
    }
}

#[test]
fn a_circuit_breaker_counts_skipped_failures() {
    for kind in [Fails, Panics, Late] {
        let (pm, _) = manager(kind);
        let _breaker = pm.break_circuits(BreakerPolicy::new(2));
        assert_eq!(call(&pm, Collecting, FailurePolicy::Skip), "-a -c -e");
        assert!(pm.is_enabled("b"));
        assert_eq!(call(&pm, Collecting, FailurePolicy::Skip), "-a -c -e");
        assert!(!pm.is_enabled("b") && !pm.is_enabled("d") && pm.is_enabled("a"), "{kind:?}");
    }
}
