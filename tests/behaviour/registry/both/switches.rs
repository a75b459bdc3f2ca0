//! Blocking names and disabling plugins.

use pluginkit::prelude::*;
use pluginkit::{Error, ErrorKind};

use super::kind::{Manager, wait};

#[extension_point]
trait Specs {
    fn fetch(&self) -> String;
}

fn manager(names: &[&'static str]) -> Manager {
    let pm = Manager::new("switches");
    pm.add_extension_points(Specs).unwrap();
    for &name in names {
        pm.register_fn(name, Specs::fetch, move |_| name.to_owned()).unwrap();
    }
    pm
}

#[test]
fn blocking_removes_and_refuses() {
    let pm = manager(&["a", "b"]);
    assert!(pm.set_blocked("a").is_some());
    assert!(pm.set_blocked("a").is_none());
    assert!(pm.is_blocked("a") && !pm.is_blocked("b"));
    assert_eq!(wait!(pm.caller(Specs::fetch).call()), ["b"]);
    let error = pm.register_fn("a", Specs::fetch, |_| String::new()).unwrap_err();
    assert!(matches!(error, Error::Blocked { .. }));
    assert_eq!(error.to_string(), "the plugin name `a` is blocked; `unblock` it first");
    assert!(pm.unblock("a"));
    assert!(!pm.unblock("a"));
    pm.register_fn("a", Specs::fetch, |_| "a again".into()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call()), ["b", "a again"]);
}

#[test]
fn a_name_may_be_blocked_before_anyone_has_it() {
    let pm = manager(&[]);
    assert!(pm.set_blocked("x").is_none());
    assert!(pm.register_fn("x", Specs::fetch, |_| String::new()).is_err());
}

#[test]
fn a_disabled_plugin_stays_registered_and_comes_back_to_its_old_place() {
    let pm = manager(&["a", "b", "c"]);
    let caller = pm.caller(Specs::fetch);
    pm.set_enabled("b", false).unwrap();
    assert!(pm.is_registered("b") && !pm.is_enabled("b"));
    assert_eq!(wait!(caller.call()), ["a", "c"]);
    pm.set_enabled("b", false).unwrap();
    pm.register_fn("d", Specs::fetch, |_| "d".into()).unwrap();
    pm.set_enabled("b", true).unwrap();
    assert!(pm.is_enabled("b"));
    assert_eq!(wait!(caller.call()), ["a", "b", "c", "d"]);
}

#[test]
fn a_descriptor_says_whether_its_plugin_is_enabled_and_why_not() {
    let pm = manager(&["a", "b"]);
    let told = |name: &str| {
        let descriptor = pm.descriptor(name).unwrap();
        (descriptor.enabled, descriptor.disabled_reason)
    };
    assert_eq!(told("a"), (true, None));
    pm.disable("a", "under repair").unwrap();
    assert_eq!(told("a"), (false, Some("under repair".into())));
    assert_eq!(pm.descriptors().iter().map(|each| each.enabled).collect::<Vec<_>>(), [false, true]);
    assert!(format!("{:?}", pm.descriptor("a").unwrap()).contains("under repair"));
    pm.set_enabled("a", false).unwrap();
    assert_eq!(told("a"), (false, None), "the reason was not said again");
    pm.disable("a", "again").unwrap();
    pm.set_enabled("a", true).unwrap();
    assert_eq!(told("a"), (true, None));
}

#[test]
fn enabling_an_unknown_plugin_is_an_error_that_lists_the_known_ones() {
    let pm = manager(&["a", "b"]);
    let error = pm.set_enabled("x", true).unwrap_err();
    assert_eq!(error.to_string(), "no plugin is named `x`; registered are: a, b");
    assert_eq!(error.kind(), ErrorKind::State);
    assert!(!pm.is_enabled("x"));
}
