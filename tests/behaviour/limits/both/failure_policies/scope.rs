//! Which calls a policy holds for: a point's, a manager's, a caller's.

use pluginkit::Error;
use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, panic_of};

use super::Kind::{Fails, Panics};
use super::Mode::Collecting;
use super::kind::{Caller, lazily, wait};
use super::{NEVER, Specs, call, empty, manager, shown};

#[test]
fn a_point_has_the_policy_it_declares_or_its_manager_sets_and_a_call_its_own() {
    let (pm, _) = manager(Fails);
    let declared = pm.caller(Specs::declared);
    let (skipped, first) = ("a c e", "b failed: no b");
    let both = "b failed: no b, d failed: no d";
    let tried = |caller: &Caller<pluginkit::point!(Specs::declared)>| {
        shown(wait!(caller.try_call()).map(|all| all.join(" ")))
    };
    assert_eq!(declared.extension_point().failure_policy, FailurePolicy::Skip);
    assert_eq!(pm.caller(Specs::parse).extension_point().failure_policy, FailurePolicy::FailFast);
    assert_eq!(tried(&declared), skipped, "as declared");
    assert_eq!(tried(&declared.on_failure(FailurePolicy::FailFast)), first, "the call's own wins");
    pm.set_point_failure_policy(Specs::declared, FailurePolicy::Collect).unwrap();
    assert_eq!(tried(&declared), both, "the manager's wins over the declared one");
    assert_eq!(tried(&declared.on_failure(FailurePolicy::Skip)), skipped, "and the call's over that");
    assert_eq!(tried(&declared.without(["d"])), "b failed: no b", "views have the manager's");
    for number in 0..100 {
        pm.register_fn(format!("more-{number}"), Specs::declared, |_| Ok(String::new())).unwrap();
    }
    assert_eq!(tried(&declared), both, "so it is with later plugins, however many");
    pm.set_point_failure_policy(Specs::declared, FailurePolicy::FailFast).unwrap();
    assert_eq!(tried(&declared), first, "a policy of its own, not none");
    pm.set_point_failure_policy(Specs::declared, None).unwrap();
    assert!(tried(&declared).starts_with(skipped), "the declared one again");
    assert_eq!(call(&pm, Collecting, FailurePolicy::FailFast), first, "other points are not concerned");
    #[extension_point]
    trait Elsewhere {
        fn fetch(&self);
    }
    let unknown = pm.set_point_failure_policy(Elsewhere::fetch, FailurePolicy::Skip);
    assert!(matches!(unknown, Err(Error::UnknownExtensionPoint { .. })));
}

#[test]
fn a_policy_goes_with_the_other_views_of_a_caller() {
    let (pm, _) = manager(Fails);
    let parse = pm.caller(Specs::parse);
    let tried = |caller: &Caller<pluginkit::point!(Specs::parse)>| {
        shown(wait!(caller.try_call("-")).map(|all| all.join(" ")))
    };
    let lenient = parse.on_failure(FailurePolicy::Skip);
    assert_eq!(tried(&lenient.without(["a", "d"])), "-c -e");
    assert_eq!(tried(&parse.without(["a"]).on_failure(FailurePolicy::Skip)), "-c -e");
    assert_eq!(tried(&lenient.extra(|args| Ok(args.text.repeat(2)))), "-a -c -e --");
    assert_eq!(tried(&lenient.extra(|_| Err("extra".to_owned()))), "-a -c -e", "an extra one may fail, too");
    let collects = lenient.on_failure(FailurePolicy::Collect).without(["b", "d"]);
    assert_eq!(
        tried(&collects.extra(|_| Err("x".to_owned()))),
        "(extra) failed: x",
        "the last policy counts"
    );
    let hurried = lenient.timeout(NEVER);
    assert_eq!(tried(&hurried), "", "all are late");
    assert_eq!(tried(&hurried.on_failure(FailurePolicy::Collect)).split(", ").count(), 5);
    assert_eq!(tried(&lenient.clone()), "-a -c -e");
    pm.register_fn("f", Specs::parse, |_| Ok("f".to_owned())).unwrap();
    assert_eq!(tried(&lenient), "-a -c -e f", "it is a live view");
    assert_eq!(tried(&parse), "b failed: no b", "the caller it was made of stays as it is");
}

#[test]
fn only_tried_calls_have_a_policy() {
    let (pm, log) = manager(Fails);
    let parse = pm.caller(Specs::parse).on_failure(FailurePolicy::Skip);
    assert_eq!(wait!(parse.call("-")), Err("no b".to_owned()));
    assert_eq!(log.line(), "a b");
    let _guard = pm.observe(|_: &pluginkit::observe::Event<'_>| ());
    assert_eq!(wait!(parse.call("-")), Err("no b".to_owned()), "also while it is observed");
    log.take();
    let lazy: Vec<_> = lazily!(parse, "-").take(2).collect();
    assert_eq!(lazy, [Ok("-a".to_owned()), Err("no b".to_owned())]);
    let settled = wait!(pm.caller(Specs::parse).on_failure(FailurePolicy::Collect).settle("-"));
    assert_eq!(settled.len(), 5);
    let (pm, _) = manager(Panics);
    let parse = pm.caller(Specs::parse).on_failure(FailurePolicy::Skip);
    assert_eq!(panic_of(|| wait!(parse.call("-"))), "oh b");
}

#[test]
fn a_historic_call_knows_no_policy() {
    let pm = empty();
    let log = Log::new();
    let ran = log.clone();
    pm.register_fn("bad", Specs::configure, |_| Err("no".to_owned())).unwrap();
    pm.register_fn("late", Specs::configure, move |args| {
        ran.push(args.level.to_string());
        Ok(())
    })
    .unwrap();
    pm.set_point_failure_policy(Specs::configure, FailurePolicy::Skip).unwrap();
    let configure = pm.caller(Specs::configure).on_failure(FailurePolicy::Skip);
    assert_eq!(wait!(configure.call_historic(3)), Err("no".to_owned()));
    assert_eq!(log.line(), "", "it ended with the failure");
    pm.unregister("bad").unwrap();
    assert_eq!(wait!(configure.call_historic(4)), Ok(()));
    assert_eq!(log.line(), "4", "what failed was not remembered either");
}

#[test]
fn a_phase_that_fails_has_failed_whatever_the_policy_of_its_point() {
    struct Broken;
    #[extension]
    impl Lifecycle for Broken {
        fn start(&self) -> Result<(), BoxError> {
            Err("broken".into())
        }
    }
    let pm = empty();
    pm.set_point_failure_policy(Lifecycle::start, FailurePolicy::Skip).unwrap();
    pm.register(Broken).unwrap();
    wait!(pm.start_all()).unwrap_err();
}
