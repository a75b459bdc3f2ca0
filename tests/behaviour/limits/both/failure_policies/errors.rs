//! The errors that calls under a policy end with.

use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Kind::{Fails, Late, Panics};
use super::Mode::Transform;
use super::kind::{Manager, wait};
use super::{Actor, NEVER, Specs, call, empty, failures};

#[test]
fn kinds_of_failure_may_be_mixed() {
    let (pm, log) = (empty(), Log::new());
    for (id, kind) in [("a", Some(Late)), ("b", Some(Panics)), ("c", Some(Fails)), ("d", None)] {
        pm.register_as(id, Actor(id, kind, log.clone())).unwrap();
    }
    pm.set_plugin_timeout("a", NEVER).unwrap();
    assert_eq!(call(&pm, Transform, FailurePolicy::Skip), "-d");
    let error = wait!(pm.caller(Specs::parse).on_failure(FailurePolicy::Collect).try_call("-")).unwrap_err();
    assert_eq!(failures(&error), "a late, b panicked: oh b, c failed: no c");
    assert_eq!(error.plugin().unwrap(), "a", "the first");
    assert_eq!(error.extension_point().name, "parse");
    let text = error.to_string();
    assert!(text.starts_with("3 failures in `Specs::parse`: plugin `a` took "), "{text}");
    let rest = "; plugin `b` panicked in `Specs::parse`: oh b; plugin `c` failed in `Specs::parse`: no c";
    assert!(text.ends_with(rest), "{text}");
    assert!(matches!(error, CallError::Several { .. }));
    let plugins: Vec<_> = error.into_failures().iter().map(|each| each.plugin().unwrap().clone()).collect();
    assert_eq!(plugins, ["a", "b", "c"]);
    let error = wait!(pm.caller(Specs::parse).on_failure(FailurePolicy::Collect).try_call("-")).unwrap_err();
    assert_eq!(error.into_inner().unwrap(), "no c", "the first that was returned");
}

#[test]
fn several_failures_have_the_first_as_their_source() {
    #[extension_point]
    trait Io {
        fn read(&self) -> std::io::Result<u32>;
    }
    let pm = Manager::new("io");
    pm.add_extension_points(Io).unwrap();
    pm.register_fn("disk", Io::read, |_| Err(std::io::Error::other("disk full"))).unwrap();
    pm.register_fn("tape", Io::read, |_| Err(std::io::Error::other("torn"))).unwrap();
    let error = wait!(pm.caller(Io::read).on_failure(FailurePolicy::Collect).try_call()).unwrap_err();
    let first = std::error::Error::source(&error).unwrap();
    assert_eq!(first.to_string(), "plugin `disk` failed in `Io::read`: disk full");
    assert_eq!(first.source().unwrap().to_string(), "disk full");
}

#[test]
fn an_error_that_cannot_be_kept_is_told_by_its_text() {
    use std::rc::Rc;
    #[extension_point]
    trait Local {
        fn read(&self) -> Result<Rc<u32>, Rc<str>>;
        fn longest<'a>(&self, of: &'a str) -> Result<usize, &'a str>;
        fn sent<'a>(&self, of: &'a str) -> Result<usize, String>;
    }
    let pm = Manager::new("local");
    pm.add_extension_points(Local).unwrap();
    let log = Log::new();
    for id in ["a", "b"] {
        let ran = log.clone();
        pm.register_fn(id, Local::read, move |_| {
            ran.push(id);
            Err(Rc::from(format!("no {id}")))
        })
        .unwrap();
        pm.register_fn(format!("{id}2"), Local::longest, |args| Err(&args.of[1..])).unwrap();
        pm.register_fn(format!("{id}3"), Local::sent, |args| Err(args.of[1..].to_owned())).unwrap();
    }
    let read = pm.caller(Local::read).on_failure(FailurePolicy::Collect);
    let error = wait!(read.try_call()).unwrap_err();
    assert_eq!(log.line(), "a b");
    let told: Vec<_> = error.failures().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["plugin `a` failed in `Local::read`: no a", "plugin `b` failed in `Local::read`: no b"]
    );
    assert!(error.failures().all(|each| matches!(each, CallError::Described { .. })));
    let borrowed = String::from("xyz");
    let error = wait!(pm.caller(Local::longest).on_failure(FailurePolicy::Collect).try_call(&borrowed));
    let error = error.unwrap_err();
    assert_eq!(error.failures().count(), 2);
    assert_eq!(error.failures().next().unwrap().to_string(), "plugin `a2` failed in `Local::longest`: yz");
    let error = wait!(pm.caller(Local::sent).on_failure(FailurePolicy::Collect).try_call(&borrowed));
    assert_eq!(error.unwrap_err().into_inner().unwrap(), "yz", "this one can");
    // Who fails fast keeps them, as ever.
    assert_eq!(&*wait!(pm.caller(Local::read).try_call()).unwrap_err().into_inner().unwrap(), "no a");
    assert_eq!(wait!(pm.caller(Local::longest).try_call(&borrowed)).unwrap_err().into_inner(), Some("yz"));
}

#[test]
fn policies_are_written_as_they_are_declared() {
    let policies = [FailurePolicy::FailFast, FailurePolicy::Skip, FailurePolicy::Collect];
    assert_eq!(policies.map(|policy| policy.to_string()), ["fail_fast", "skip", "collect"]);
    assert_eq!(FailurePolicy::default(), FailurePolicy::FailFast);
}
