//! Historic calls and replays that fail or panic.

use pluginkit::prelude::*;
use pluginkit::{Error, ErrorKind, Options};
use pluginkit_tests::panic_of;

use super::kind::{Manager, enter, wait};
use super::recorder::{Specs, manager, register};

fn check(pm: &Manager, name: &'static str, fail: bool) -> Result<PluginId, Error> {
    let check = move |level| if fail { Err(name.to_owned()) } else { Ok(level) };
    let plugin = PluginBuilder::new(()).named(name);
    wait!(enter(pm, plugin.extension(Specs::checked, Options::new(), move |_, args| check(args.level))))
}

#[test]
fn a_call_that_fails_is_not_remembered() {
    let (pm, log) = manager();
    check(&pm, "bad", true).unwrap();
    assert_eq!(wait!(pm.caller(Specs::checked).call_historic(1)), Err("bad".into()));
    pm.unregister("bad").unwrap();
    check(&pm, "picky", true).unwrap();
    pm.unregister("picky");

    pm.register_fn("panics", Specs::other, |_| panic!("no")).unwrap();
    assert_eq!(panic_of(|| wait!(pm.caller(Specs::other).call_historic(1))), "no");
    pm.unregister("panics").unwrap();
    register(&pm, &log, "late");
    assert!(log.take().is_empty());
}

#[test]
fn a_replay_that_fails_takes_the_registration_back() {
    let (pm, _) = manager();
    assert_eq!(wait!(pm.caller(Specs::checked).call_historic(4)), Ok(vec![]));
    let error = check(&pm, "bad", true).unwrap_err();
    assert_eq!(
        error.to_string(),
        "plugin `bad` was not registered: it failed when `Specs::checked` was replayed to it"
    );
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "bad");
    assert_eq!((error.plugin().unwrap().as_str(), error.kind()), ("bad", ErrorKind::Load));
    assert!(!pm.is_registered("bad"));
    assert_eq!(wait!(pm.caller(Specs::checked).call_historic(5)), Ok(vec![]));
    check(&pm, "bad", false).unwrap();
    assert_eq!(wait!(pm.caller(Specs::checked).call_historic(6)), Ok(vec![6]));
}

#[test]
fn a_replay_that_panics_takes_the_registration_back() {
    let (pm, log) = manager();
    wait!(pm.caller(Specs::other).call_historic(1));
    let bad = PluginBuilder::new(()).named("bad");
    let bad = bad.extension(Specs::other, Options::new(), |_, _| panic!("in replay"));
    let text = panic_of(|| wait!(enter(&pm, bad)));
    assert_eq!(text, "in replay");
    assert!(pm.plugin_names().is_empty());
    register(&pm, &log, "good");
    assert_eq!(log.line(), "good:other1");
    wait!(pm.caller(Specs::other).call_historic(2));
    assert_eq!(log.line(), "good:other2");
}

#[test]
fn a_callback_that_panics_leaves_the_call_forgotten() {
    let (pm, log) = manager();
    register(&pm, &log, "a");
    let text = panic_of(|| {
        let caller = pm.caller(Specs::named);
        wait!(caller.call_historic_with("n", &[], None, String::new(), |_| panic!("callback")));
    });
    assert_eq!(text, "callback");
    log.take();
    register(&pm, &log, "b");
    assert!(log.take().is_empty());
}

#[test]
fn a_callback_that_panics_in_a_replay_takes_the_registration_back() {
    let (pm, log) = manager();
    let caller = pm.caller(Specs::named);
    wait!(caller.call_historic_with("n", &[], None, String::new(), |_| panic!("callback")));
    assert_eq!(panic_of(|| register(&pm, &log, "a")), "callback");
    assert!(pm.plugin_names().is_empty());
}
