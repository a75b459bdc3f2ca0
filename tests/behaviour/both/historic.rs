//! Historic points: calls are remembered and replayed.

use std::sync::{Arc, Mutex, Weak};

use pluginkit::prelude::*;
use pluginkit::{Error, ErrorKind, Options};
use pluginkit_tests::{Log, Show, panic_of};

use super::Manager;

#[derive(Clone, Debug)]
struct Settings {
    level: u32,
}

#[extension_point]
trait Specs {
    #[extension_point(historic)]
    fn configure(&self, settings: &Settings);
    #[extension_point(historic)]
    fn named(&self, name: &str, list: &[u32], extra: Option<&str>, owned: String) -> Option<String>;
    #[extension_point(historic)]
    fn checked(&self, level: u32) -> Result<u32, String>;
    #[extension_point(historic)]
    fn other(&self, event: u32);
    fn plain(&self) -> u32;
}

struct Recorder {
    name: &'static str,
    log: Log,
}

plugin! {
    #[extension]
    impl Specs for Recorder {
        fn configure(&self, settings: &Settings) {
            self.log.push(format!("{}:configure{}", self.name, settings.level));
        }
        fn named(&self, name: &str, list: &[u32], extra: Option<&str>, owned: String) -> Option<String> {
            let text = format!("{}:{name}{list:?}{extra:?}{owned}", self.name);
            self.log.push(&text);
            (name != "skip").then_some(text)
        }
        fn other(&self, event: u32) {
            self.log.push(format!("{}:other{event}", self.name));
        }
        fn plain(&self) -> u32 {
            1
        }
    }
}

fn manager() -> (Manager, Log) {
    let pm = Manager::new("historic");
    pm.add_extension_points(Specs).unwrap();
    (pm, Log::new())
}

fn register(pm: &Manager, log: &Log, name: &'static str) {
    wait!(enter!(PluginBuilder::new(Recorder { name, log: log.clone() }).named(name), pm)).unwrap();
}

macro_rules! enter_fn {
    ($pm:expr, $name:expr, $point:expr, |$args:pat_param| $body:expr) => {
        wait!(enter!(
            PluginBuilder::new(()).named($name).extension($point, Options::new(), move |_, $args| $body),
            $pm
        ))
    };
}

#[test]
fn the_plugins_there_are_are_called_and_later_ones_get_a_replay() {
    let (pm, log) = manager();
    register(&pm, &log, "a");
    wait!(pm.caller(Specs::configure).call_historic(&Settings { level: 1 }));
    assert_eq!(log.line(), "a:configure1");
    register(&pm, &log, "b");
    assert_eq!(log.line(), "b:configure1");
}

#[test]
fn arguments_are_remembered_as_owned_snapshots_taken_before_the_call() {
    let (pm, log) = manager();
    {
        let (name, owned) = (String::from("n"), String::from("o"));
        let list = vec![1, 2];
        wait!(pm.caller(Specs::named).call_historic(&name, &list, Some("x"), owned));
        wait!(pm.caller(Specs::named).call_historic("m", &[], None, String::new()));
    }
    register(&pm, &log, "late");
    assert_eq!(log.take(), ["late:n[1, 2]Some(\"x\")o", "late:m[]None"]);
}

#[test]
fn replay_is_in_the_order_the_events_happened_over_all_points() {
    let (pm, log) = manager();
    wait!(pm.caller(Specs::other).call_historic(1));
    wait!(pm.caller(Specs::configure).call_historic(&Settings { level: 2 }));
    wait!(pm.caller(Specs::other).call_historic(3));
    register(&pm, &log, "x");
    assert_eq!(log.line(), "x:other1 x:configure2 x:other3");
}

#[test]
fn an_event_reaches_the_extensions_of_one_newcomer_in_call_order() {
    struct Three(Log);
    plugin! {
        #[extension]
        impl Specs for Three {
            fn other(&self, event: u32) {
                self.0.push(format!("normal{event}"));
            }
            #[extension(target = "other", trylast)]
            fn last(&self, event: u32) {
                self.0.push(format!("last{event}"));
            }
            #[extension(target = "other", tryfirst)]
            fn first(&self, event: u32) {
                self.0.push(format!("first{event}"));
            }
        }
    }
    let (pm, log) = manager();
    wait!(pm.caller(Specs::other).call_historic(1));
    wait!(pm.caller(Specs::other).call_historic(2));
    wait!(enter!(PluginBuilder::new(Three(log.clone())), pm)).unwrap();
    assert_eq!(log.line(), "first1 normal1 last1 first2 normal2 last2");
}

#[test]
fn the_outcome_is_that_of_a_collecting_call() {
    let (pm, log) = manager();
    register(&pm, &log, "a");
    register(&pm, &log, "b");
    let outcome: Vec<String> = wait!(pm.caller(Specs::named).call_historic("n", &[], None, String::new()));
    assert_eq!(outcome, ["a:n[]None", "b:n[]None"]);
    assert!(wait!(pm.caller(Specs::named).call_historic("skip", &[], None, String::new())).is_empty());
}

#[test]
fn each_result_goes_to_the_callback_after_the_call_and_at_each_replay() {
    let (pm, log) = manager();
    register(&pm, &log, "a");
    register(&pm, &log, "b");
    let results = log.clone();
    wait!(pm.caller(Specs::named).call_historic_with("n", &[], None, "!".into(), move |result| {
        results.push(format!("got({result})"));
    }));
    assert_eq!(log.line(), "a:n[]None! b:n[]None! got(a:n[]None!) got(b:n[]None!)");
    register(&pm, &log, "c");
    assert_eq!(log.line(), "c:n[]None! got(c:n[]None!)");
}

#[test]
fn unregistering_and_registering_again_replays_again() {
    let (pm, log) = manager();
    wait!(pm.caller(Specs::other).call_historic(1));
    register(&pm, &log, "a");
    pm.unregister("a").unwrap();
    register(&pm, &log, "a");
    assert_eq!(log.line(), "a:other1 a:other1");
}

#[test]
fn a_plugin_that_extends_no_point_that_was_called_has_nothing_to_replay() {
    let (pm, _) = manager();
    wait!(pm.caller(Specs::other).call_historic(1));
    pm.register_fn("plain", Specs::plain, |_| 1).unwrap();
    pm.register_fn("uncalled", Specs::configure, |_| ()).unwrap();
    assert_eq!(pm.plugin_names(), ["plain", "uncalled"]);
}

fn check(pm: &Manager, name: &'static str, fail: bool) -> Result<PluginId, Error> {
    enter_fn!(pm, name, Specs::checked, |args| if fail { Err(name.to_owned()) } else { Ok(args.level) })
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
    let text = panic_of(|| enter_fn!(pm, "bad", Specs::other, |_| panic!("in replay")));
    assert_eq!(text, "in replay");
    assert!(pm.plugin_names().is_empty());
    register(&pm, &log, "good");
    assert_eq!(log.line(), "good:other1");
    wait!(pm.caller(Specs::other).call_historic(2));
    assert_eq!(log.line(), "good:other2");
}

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

plugin! {
    #[extension]
    impl Specs for Acting {
        fn other(&self, event: u32) {
            self.log.push(format!("acting:other{event}"));
            let act = self.act.lock().unwrap().take();
            let (pm, log) = (self.pm.upgrade().unwrap(), self.log.clone());
            match act {
                None => {}
                Some(Act::Register(name)) => {
                    awaited!(enter!(PluginBuilder::new(Recorder { name, log }).named(name), pm)).unwrap();
                }
                Some(Act::Replace) => {
                    pm.set_enabled("early", false).unwrap();
                    let inner = Weak::clone(&self.pm);
                    // Called in a second round that has no `early`, it brings that back for a third.
                    let newcomer = move || {
                        log.push("newcomer");
                        inner.upgrade().unwrap().set_enabled("early", true).unwrap();
                    };
                    pm.register_fn("newcomer", Specs::other, move |_| newcomer()).unwrap();
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
        wait!(enter!(PluginBuilder::new(plugin).named("acting"), inner)).unwrap();
    };
    (pm, log, enter)
}

#[test]
fn a_plugin_registered_during_the_call_gets_the_event_exactly_once() {
    let (pm, log, enter) = acting(Act::Register("late"));
    enter();
    register(&pm, &log, "early");
    wait!(pm.caller(Specs::other).call_historic(1));
    assert_eq!(log.line(), "acting:other1 early:other1 late:other1");
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
    assert_eq!(log.line(), "early:other1 acting:other1 newcomer");
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
    // The inner call ended first, so it happened first.
    register(&pm, &log, "b");
    assert_eq!(log.line(), "b:configure7 b:other1");
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

#[test]
fn a_view_of_a_historic_caller_leaves_out_and_remembers() {
    let (pm, log) = manager();
    register(&pm, &log, "a");
    register(&pm, &log, "b");
    let extra = log.clone();
    let caller =
        pm.caller(Specs::other).without(["a"]).extra(move |args| extra.push(format!("x{}", args.event)));
    wait!(caller.call_historic(1));
    assert_eq!(log.line(), "b:other1 x1");
    register(&pm, &log, "c");
    assert_eq!(log.line(), "c:other1");
}

#[test]
fn an_owned_argument_reaches_a_plugin_registered_by_the_last_one() {
    #[extension_point]
    trait Owned {
        #[extension_point(historic)]
        fn take(&self, text: String) -> String;
    }
    let pm = Arc::new(Manager::new("owned"));
    pm.add_extension_points(Owned).unwrap();
    let inner = Arc::downgrade(&pm);
    pm.register_fn("only", Owned::take, move |args| {
        let pm = inner.upgrade().unwrap();
        if !pm.is_registered("late") {
            pm.register_fn("late", Owned::take, |args| args.text + " late").unwrap();
        }
        args.text
    })
    .unwrap();
    assert_eq!(wait!(pm.caller(Owned::take).call_historic("x".into())), ["x", "x late"]);
}

#[test]
fn predicates_judge_historic_calls_and_their_replays() {
    #[extension_point]
    trait Conditional {
        #[extension_point(historic)]
        fn configure(&self, level: u32, name: &str);
    }
    struct Picky {
        only: &'static str,
        log: Log,
    }
    impl Picky {
        fn wants(&self, level: u32, name: &str) -> bool {
            level > 1 && name == self.only
        }
    }
    plugin! {
        #[extension]
        impl Conditional for Picky {
            #[extension(when = Self::wants)]
            fn configure(&self, level: u32, name: &str) {
                self.log.push(format!("{name}{level}"));
            }
        }
    }
    let (pm, log) = (Manager::new("conditions"), Log::new());
    pm.add_extension_points(Conditional).unwrap();
    pm.register(Picky { only: "x", log: log.clone() }).unwrap();
    wait!(pm.caller(Conditional::configure).call_historic(1, "x"));
    wait!(pm.caller(Conditional::configure).call_historic(2, "x"));
    wait!(pm.caller(Conditional::configure).call_historic(3, "y"));
    assert_eq!(log.line(), "x2");
    wait!(enter!(PluginBuilder::new(Picky { only: "y", log: log.clone() }).named("y"), pm)).unwrap();
    assert_eq!(log.line(), "y3");
}

#[test]
fn a_call_is_remembered_by_its_own_manager_only() {
    let ((one, log), (two, _)) = (manager(), manager());
    wait!(one.caller(Specs::other).call_historic(1));
    register(&two, &log, "two");
    assert!(log.take().is_empty());
    register(&one, &log, "one");
    assert_eq!(log.line(), "one:other1");
}

#[test]
fn observers_see_historic_calls_and_replays() {
    let (pm, log) = (manager().0, Log::new());
    let _guard = pm.observe(Show("", log.clone()));
    pm.register_fn("c", Specs::other, |_| ()).unwrap();
    wait!(pm.caller(Specs::other).call_historic(1));
    assert_eq!(log.line(), "other> c> c< other<");
    enter_fn!(pm, "late", Specs::other, |_| ()).unwrap();
    assert_eq!(log.line(), "late> late<");
}

#[test]
fn replays_are_over_for_a_plugin_that_another_removes_meanwhile() {
    let (pm, log) = manager();
    let pm = Arc::new(pm);
    wait!(pm.caller(Specs::other).call_historic(1));
    wait!(pm.caller(Specs::other).call_historic(2));
    let (inner, seen) = (Arc::downgrade(&pm), log.clone());
    let _guard = pm.observe(move |event: &pluginkit::Event<'_>| {
        if let pluginkit::Event::ExtensionFinished { plugin, .. } = event {
            seen.push(format!("after {plugin}"));
            inner.upgrade().unwrap().set_blocked(plugin.as_str());
        }
    });
    register(&pm, &log, "a");
    assert_eq!(log.line(), "a:other1 after a");
    assert!(!pm.is_registered("a") && pm.is_blocked("a"));
}
