//! Historic calls and their replays to plugins that come later.

use std::sync::Arc;

use pluginkit::Options;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show};

use super::kind::{Manager, enter, implement, wait};
use super::recorder::{Settings, Specs, manager, register};

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
    implement! {
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
    wait!(enter(&pm, PluginBuilder::new(Three(log.clone())))).unwrap();
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
fn an_owned_argument_is_replayed_to_a_plugin_registered_by_the_last_one() {
    #[extension_point]
    trait Owned {
        #[extension_point(historic)]
        fn take(&self, text: String) -> String;
    }
    struct Late(Log);
    implement! {
        #[extension]
        impl Owned for Late {
            fn take(&self, text: String) -> String {
                self.0.push(text.clone());
                text
            }
        }
    }
    let (pm, log) = (Arc::new(Manager::new("owned")), Log::new());
    pm.add_extension_points(Owned).unwrap();
    let inner = Arc::downgrade(&pm);
    let heard = log.clone();
    pm.register_fn("only", Owned::take, move |args| {
        let late = PluginBuilder::new(Late(heard.clone())).named("late");
        wait!(enter(&inner.upgrade().unwrap(), late)).unwrap();
        args.text
    })
    .unwrap();
    assert_eq!(wait!(pm.caller(Owned::take).call_historic("x".into())), ["x"]);
    assert_eq!(log.take(), ["x"]);
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
    implement! {
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
    wait!(enter(&pm, PluginBuilder::new(Picky { only: "y", log: log.clone() }).named("y"))).unwrap();
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
    wait!(enter(
        &pm,
        PluginBuilder::new(()).named("late").extension(Specs::other, Options::new(), |_, _| ())
    ))
    .unwrap();
    assert_eq!(log.line(), "late> late<");
}
