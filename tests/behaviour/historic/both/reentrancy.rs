//! Plugins that change or call their manager within historic calls and replays.

use std::sync::{Arc, Mutex, Weak};

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{Manager, awaited, enter, implement, wait};
use super::recorder::{Recorder, Settings, Specs, manager, register};

/// What an [`Acting`] plugin does to its manager.
#[derive(Clone, Copy)]
enum Act {
    Register(&'static str),
    Replace,
    Unregister,
    CallOther,
    Configure,
    CallPlain,
}

/// A plugin that does something to its manager when it is called the first time.
struct Acting {
    pm: Weak<Manager>,
    act: Mutex<Option<Act>>,
    log: Log,
}

implement! {
    #[extension]
    impl Specs for Acting {
        fn other(&self, event: u32) {
            self.log.push(format!("acting:other{event}"));
            let act = self.act.lock().unwrap().take();
            let (pm, log) = (self.pm.upgrade().unwrap(), self.log.clone());
            match act {
                None => {}
                Some(Act::Register(name)) => {
                    awaited!(enter(&pm, PluginBuilder::new(Recorder { name, log }).named(name))).unwrap();
                }
                Some(Act::Replace) => {
                    pm.set_enabled("early", false).unwrap();
                    pm.set_enabled("early", true).unwrap();
                }
                Some(Act::Unregister) => assert!(pm.unregister("acting").is_some()),
                Some(Act::CallOther) => {
                    awaited!(pm.caller(Specs::other).call_historic(2));
                    log.push(format!("{}", pm.is_registered("acting")));
                }
                Some(Act::Configure) => {
                    awaited!(pm.caller(Specs::configure).call_historic(&Settings { level: 7 }));
                }
                Some(Act::CallPlain) => {
                    let outcome = awaited!(pm.caller(Specs::plain).call());
                    log.push(format!("plain{outcome:?}"));
                }
            }
        }
        fn plain(&self) -> u32 {
            5
        }
    }
}

fn acting(act: Act) -> (Arc<Manager>, Log, impl Fn()) {
    let (pm, log) = manager();
    let pm = Arc::new(pm);
    let (inner, inner_log) = (Arc::clone(&pm), log.clone());
    let enter = move || {
        let plugin =
            Acting { pm: Arc::downgrade(&inner), act: Mutex::new(Some(act)), log: inner_log.clone() };
        wait!(enter(&inner, PluginBuilder::new(plugin).named("acting"))).unwrap();
    };
    (pm, log, enter)
}

#[test]
fn a_plugin_registered_during_the_call_gets_the_event_exactly_once() {
    let (pm, log, enter) = acting(Act::Register("late"));
    enter();
    register(&pm, &log, "early");
    wait!(pm.caller(Specs::other).call_historic(1));
    // At once, when it is registered.
    assert_eq!(log.line(), "acting:other1 late:other1 early:other1");
    register(&pm, &log, "later");
    assert_eq!(log.line(), "later:other1");
}

#[test]
fn a_plugin_registered_during_the_call_gets_past_events_before_it() {
    let (pm, log, enter) = acting(Act::Register("late"));
    wait!(pm.caller(Specs::configure).call_historic(&Settings { level: 1 }));
    enter();
    wait!(pm.caller(Specs::other).call_historic(2));
    assert_eq!(log.line(), "acting:other2 late:configure1 late:other2");
}

#[test]
fn a_plugin_that_is_disabled_and_enabled_during_the_call_gets_the_event_once() {
    let (pm, log, enter) = acting(Act::Replace);
    register(&pm, &log, "early");
    enter();
    wait!(pm.caller(Specs::other).call_historic(1));
    assert_eq!(log.line(), "early:other1 acting:other1");
}

#[test]
fn a_plugin_may_register_another_during_its_replay() {
    let (pm, log, enter) = acting(Act::Register("late"));
    wait!(pm.caller(Specs::other).call_historic(1));
    enter();
    assert_eq!(log.line(), "acting:other1 late:other1");
    assert_eq!(pm.plugin_names(), ["acting", "late"]);
}

#[test]
fn a_plugin_that_unregisters_itself_during_its_replay_gets_no_more_events() {
    let (pm, log, enter) = acting(Act::Unregister);
    wait!(pm.caller(Specs::other).call_historic(1));
    wait!(pm.caller(Specs::other).call_historic(2));
    enter();
    assert_eq!(log.line(), "acting:other1");
    assert!(!pm.is_registered("acting"));
}

#[test]
fn during_a_replay_the_newcomer_is_fully_wired() {
    let (pm, log, enter) = acting(Act::CallPlain);
    wait!(pm.caller(Specs::other).call_historic(1));
    enter();
    assert_eq!(log.line(), "acting:other1 plain[5]");
}

#[test]
fn an_event_that_happens_during_a_replay_is_replayed_after_those_before() {
    let (pm, log, enter) = acting(Act::CallOther);
    wait!(pm.caller(Specs::other).call_historic(1));
    enter();
    assert_eq!(log.line(), "acting:other1 true acting:other2");
    register(&pm, &log, "late");
    assert_eq!(log.line(), "late:other1 late:other2");
}

#[test]
fn historic_calls_nest() {
    let (pm, log, enter) = acting(Act::Configure);
    enter();
    register(&pm, &log, "a");
    wait!(pm.caller(Specs::other).call_historic(1));
    assert_eq!(log.line(), "acting:other1 a:configure7 a:other1");
    // The outer call began first, so it comes first.
    register(&pm, &log, "b");
    assert_eq!(log.line(), "b:other1 b:configure7");
}

#[test]
fn replays_are_over_for_a_plugin_that_another_removes_meanwhile() {
    let (pm, log) = manager();
    let pm = Arc::new(pm);
    wait!(pm.caller(Specs::other).call_historic(1));
    wait!(pm.caller(Specs::other).call_historic(2));
    let (inner, seen) = (Arc::downgrade(&pm), log.clone());
    let _guard = pm.observe(move |event: &pluginkit::observe::Event<'_>| {
        if let pluginkit::observe::Event::ExtensionFinished { plugin, .. } = event {
            seen.push(format!("after {plugin}"));
            inner.upgrade().unwrap().set_blocked(plugin.as_str());
        }
    });
    register(&pm, &log, "a");
    assert_eq!(log.line(), "a:other1 after a");
    assert!(!pm.is_registered("a") && pm.is_blocked("a"));
}

/// Registers a plugin when it is called, and fails then, if it is to.
struct Inviting {
    pm: Weak<Manager>,
    log: Log,
    ends: &'static str,
}

/// Takes no event of another number than this.
struct Guest(&'static str, Log, u32);

#[extension_point]
trait Noted {
    #[extension_point(historic)]
    fn note(&self, event: u32) -> Result<u32, String>;
}

implement! {
    #[extension]
    impl Noted for Inviting {
        fn note(&self, event: u32) -> Result<u32, String> {
            let pm = self.pm.upgrade().unwrap();
            for (name, takes) in [("guest", event), ("stranger", 0)] {
                let guest = PluginBuilder::new(Guest(name, self.log.clone(), takes)).named(name);
                let entered = awaited!(enter(&pm, guest));
                self.log.push(format!("{name} {}", entered.map_or_else(|error| error.code(), |_| "is in")));
            }
            match self.ends {
                "fails" => Err("it fails".to_owned()),
                "panics" => panic!("it panics"),
                _ => Ok(event),
            }
        }
    }
}

implement! {
    #[extension]
    impl Noted for Guest {
        fn note(&self, event: u32) -> Result<u32, String> {
            self.1.push(format!("{}:{event}", self.0));
            if event == self.2 { Ok(event) } else { Err("another event".to_owned()) }
        }
    }
}

fn inviting(ends: &'static str) -> (Arc<Manager>, Log) {
    let (pm, log) = (Arc::new(Manager::new("historic")), Log::new());
    pm.add_extension_points(Noted).unwrap();
    let plugin = Inviting { pm: Arc::downgrade(&pm), log: log.clone(), ends };
    pm.register_as("inviting", plugin).unwrap();
    (pm, log)
}

#[test]
fn the_failure_of_a_newcomer_is_not_that_of_the_call() {
    let (pm, log) = inviting("succeeds");
    assert_eq!(wait!(pm.caller(Noted::note).call_historic(5)), Ok(vec![5]));
    assert_eq!(log.line(), "guest:5 guest is in stranger:5 stranger replay");
    assert_eq!(pm.plugin_names(), ["inviting", "guest"]);
}

#[test]
fn a_call_that_fails_leaves_the_history() {
    for ends in ["fails", "panics"] {
        let (pm, log) = inviting(ends);
        match ends {
            "fails" => drop(wait!(pm.caller(Noted::note).call_historic(5)).unwrap_err()),
            _ => drop(pluginkit_tests::panic_of(|| wait!(pm.caller(Noted::note).call_historic(5)))),
        }
        // What was registered meanwhile has got it.
        assert_eq!(log.line(), "guest:5 guest is in stranger:5 stranger replay");
        let late = PluginBuilder::new(Guest("late", log.clone(), 0)).named("late");
        wait!(enter(&pm, late)).unwrap();
        assert_eq!(log.line(), "");
    }
}
