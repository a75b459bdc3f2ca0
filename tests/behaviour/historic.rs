//! Historic points: calls are remembered and replayed.

use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;
use pluginkit::{Error, ErrorKind};
use pluginkit_tests::{Log, Show, panic_of};

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

fn manager() -> (PluginManager, Log) {
    let pm = PluginManager::new("historic");
    pm.add_extension_points(Specs).unwrap();
    (pm, Log::new())
}

fn register(pm: &PluginManager, log: &Log, name: &'static str) {
    pm.register_as(name, Recorder { name, log: log.clone() }).unwrap();
}

#[test]
fn the_plugins_there_are_are_called_and_later_ones_get_a_replay() {
    let (pm, log) = manager();
    register(&pm, &log, "a");
    pm.caller(Specs::configure).call_historic(&Settings { level: 1 });
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
        pm.caller(Specs::named).call_historic(&name, &list, Some("x"), owned);
        pm.caller(Specs::named).call_historic("m", &[], None, String::new());
    }
    register(&pm, &log, "late");
    assert_eq!(log.take(), ["late:n[1, 2]Some(\"x\")o", "late:m[]None"]);
}

#[test]
fn replay_is_in_the_order_the_events_happened_over_all_points() {
    let (pm, log) = manager();
    pm.caller(Specs::other).call_historic(1);
    pm.caller(Specs::configure).call_historic(&Settings { level: 2 });
    pm.caller(Specs::other).call_historic(3);
    register(&pm, &log, "x");
    assert_eq!(log.line(), "x:other1 x:configure2 x:other3");
}

#[test]
fn the_outcome_is_that_of_a_collecting_call() {
    let (pm, log) = manager();
    register(&pm, &log, "a");
    register(&pm, &log, "b");
    let outcome: Vec<String> = pm.caller(Specs::named).call_historic("n", &[], None, String::new());
    assert_eq!(outcome, ["a:n[]None", "b:n[]None"]);
    assert!(pm.caller(Specs::named).call_historic("skip", &[], None, String::new()).is_empty());
}

#[test]
fn each_result_goes_to_the_callback_after_the_call_and_at_each_replay() {
    let (pm, log) = manager();
    register(&pm, &log, "a");
    register(&pm, &log, "b");
    let results = log.clone();
    pm.caller(Specs::named).call_historic_with("n", &[], None, "!".into(), move |result| {
        results.push(format!("got({result})"));
    });
    assert_eq!(log.line(), "a:n[]None! b:n[]None! got(a:n[]None!) got(b:n[]None!)");
    register(&pm, &log, "c");
    assert_eq!(log.line(), "c:n[]None! got(c:n[]None!)");
}

#[test]
fn unregistering_and_registering_again_replays_again() {
    let (pm, log) = manager();
    pm.caller(Specs::other).call_historic(1);
    register(&pm, &log, "a");
    pm.unregister("a").unwrap();
    register(&pm, &log, "a");
    assert_eq!(log.line(), "a:other1 a:other1");
}

fn check(pm: &PluginManager, name: &'static str, fail: bool) -> Result<PluginId, Error> {
    pm.register_fn(name, Specs::checked, move |args| if fail { Err(name.to_owned()) } else { Ok(args.level) })
}

#[test]
fn a_call_that_fails_is_not_remembered() {
    let (pm, log) = manager();
    check(&pm, "bad", true).unwrap();
    assert_eq!(pm.caller(Specs::checked).call_historic(1), Err("bad".into()));
    pm.unregister("bad").unwrap();
    check(&pm, "picky", true).unwrap();
    pm.unregister("picky");

    pm.register_fn("panics", Specs::other, |_| panic!("no")).unwrap();
    assert_eq!(panic_of(|| pm.caller(Specs::other).call_historic(1)), "no");
    pm.unregister("panics").unwrap();
    register(&pm, &log, "late");
    assert!(log.take().is_empty());
}

#[test]
fn a_replay_that_fails_takes_the_registration_back() {
    let (pm, _) = manager();
    assert_eq!(pm.caller(Specs::checked).call_historic(4), Ok(vec![]));
    let error = check(&pm, "bad", true).unwrap_err();
    assert_eq!(
        error.to_string(),
        "plugin `bad` was not registered: it failed when `Specs::checked` was replayed to it"
    );
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "bad");
    assert_eq!((error.plugin().unwrap().as_str(), error.kind()), ("bad", ErrorKind::Load));
    assert!(!pm.is_registered("bad"));
    assert_eq!(pm.caller(Specs::checked).call_historic(5), Ok(vec![]));
    check(&pm, "bad", false).unwrap();
    assert_eq!(pm.caller(Specs::checked).call_historic(6), Ok(vec![6]));
}

#[test]
fn a_replay_that_panics_takes_the_registration_back() {
    let (pm, log) = manager();
    pm.caller(Specs::other).call_historic(1);
    let text = panic_of(|| pm.register_fn("bad", Specs::other, |_| panic!("in replay")));
    assert_eq!(text, "in replay");
    assert!(pm.plugin_names().is_empty());
    register(&pm, &log, "good");
    assert_eq!(log.line(), "good:other1");
    pm.caller(Specs::other).call_historic(2);
    assert_eq!(log.line(), "good:other2");
}

#[test]
fn a_failing_replay_in_a_batch_takes_the_whole_batch_back() {
    struct Checked(bool, Log);
    #[extension]
    impl Specs for Checked {
        fn checked(&self) -> Result<u32, String> {
            self.1.push("replayed");
            if self.0 { Ok(1) } else { Err("no".into()) }
        }
    }
    let (pm, log) = manager();
    pm.caller(Specs::checked).call_historic(1).unwrap();
    let batch = [("a", true), ("b", false), ("c", true)];
    let refused = pm.register_all(batch.map(|(name, ok)| (name, Checked(ok, log.clone())))).unwrap_err();
    assert_eq!(refused.plugin().unwrap(), "b");
    assert!(pm.plugin_names().is_empty());
    assert_eq!(log.line(), "replayed replayed");
}

/// A plugin that does something to its manager when it is called.
struct Acting<F> {
    act: Mutex<Option<F>>,
    log: Log,
}

#[extension]
impl<F: FnOnce() + Send + 'static> Specs for Acting<F> {
    fn other(&self, event: u32) {
        self.log.push(format!("acting:other{event}"));
        let act = self.act.lock().unwrap().take();
        if let Some(act) = act {
            act();
        }
    }
}

fn acting(pm: &PluginManager, log: &Log, act: impl FnOnce() + Send + 'static) {
    let plugin = Acting { act: Mutex::new(Some(act)), log: log.clone() };
    pm.plugin(plugin).named("acting").extends(Specs).register().unwrap();
}

#[test]
fn a_plugin_registered_during_the_call_gets_the_event_exactly_once() {
    let (pm, log) = manager();
    let pm = Arc::new(pm);
    let (inner, inner_log) = (Arc::clone(&pm), log.clone());
    acting(&pm, &log, move || register(&inner, &inner_log, "late"));
    register(&pm, &log, "early");
    pm.caller(Specs::other).call_historic(1);
    assert_eq!(log.line(), "acting:other1 early:other1 late:other1");
    register(&pm, &log, "later");
    assert_eq!(log.line(), "later:other1");
}

#[test]
fn a_plugin_that_is_disabled_and_enabled_during_the_call_gets_the_event_once() {
    let (pm, log) = manager();
    let pm = Arc::new(pm);
    register(&pm, &log, "early");
    let (outer, outer_log) = (Arc::clone(&pm), log.clone());
    // The newcomer, called in a second round that has no `early`, brings it back for a third.
    acting(&pm, &log, move || {
        outer.set_enabled("early", false).unwrap();
        let inner = Arc::downgrade(&outer);
        let log = outer_log.clone();
        let newcomer = move |_: u32| {
            let pm = inner.upgrade().unwrap();
            log.push("newcomer");
            pm.set_enabled("early", true).unwrap();
        };
        outer.register_fn("newcomer", Specs::other, move |args| newcomer(args.event)).unwrap();
    });
    pm.caller(Specs::other).call_historic(1);
    assert_eq!(log.line(), "early:other1 acting:other1 newcomer");
}

#[test]
fn a_plugin_may_register_another_during_its_replay() {
    let (pm, log) = manager();
    let pm = Arc::new(pm);
    pm.caller(Specs::other).call_historic(1);
    let (inner, inner_log) = (Arc::clone(&pm), log.clone());
    acting(&pm, &log, move || register(&inner, &inner_log, "late"));
    assert_eq!(log.line(), "acting:other1 late:other1");
    assert_eq!(pm.plugin_names(), ["acting", "late"]);
}

#[test]
fn a_plugin_that_unregisters_itself_during_its_replay_gets_no_more_events() {
    let (pm, log) = manager();
    let pm = Arc::new(pm);
    pm.caller(Specs::other).call_historic(1);
    pm.caller(Specs::other).call_historic(2);
    let inner = Arc::clone(&pm);
    acting(&pm, &log, move || assert!(inner.unregister("acting").is_some()));
    assert_eq!(log.line(), "acting:other1");
    assert!(!pm.is_registered("acting"));
}

#[test]
fn during_a_replay_the_newcomer_is_fully_wired() {
    let (pm, log) = manager();
    let pm = Arc::new(pm);
    pm.caller(Specs::other).call_historic(1);
    let (inner, inner_log) = (Arc::clone(&pm), log.clone());
    acting(&pm, &log, move || {
        inner.caller(Specs::other).call_historic(2);
        inner_log.push(format!("{}", inner.is_registered("acting")));
    });
    assert_eq!(log.line(), "acting:other1 acting:other2 true");
    register(&pm, &log, "late");
    assert_eq!(log.line(), "late:other1 late:other2");
}

#[test]
fn historic_calls_nest() {
    let (pm, log) = manager();
    let pm = Arc::new(pm);
    let inner = Arc::clone(&pm);
    acting(&pm, &log, move || inner.caller(Specs::configure).call_historic(&Settings { level: 7 }));
    register(&pm, &log, "a");
    pm.caller(Specs::other).call_historic(1);
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
        pm.caller(Specs::named).call_historic_with("n", &[], None, String::new(), |_| panic!("callback"));
    });
    assert_eq!(text, "callback");
    log.take();
    register(&pm, &log, "b");
    assert!(log.take().is_empty());
}

#[test]
fn a_view_of_a_historic_caller_leaves_out_and_remembers() {
    let (pm, log) = manager();
    register(&pm, &log, "a");
    register(&pm, &log, "b");
    let extra = log.clone();
    let caller =
        pm.caller(Specs::other).without(["a"]).extra(move |args| extra.push(format!("x{}", args.event)));
    caller.call_historic(1);
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
    let pm = Arc::new(PluginManager::new("owned"));
    pm.add_extension_points(Owned).unwrap();
    let inner = Arc::clone(&pm);
    pm.register_fn("only", Owned::take, move |args| {
        if !inner.is_registered("late") {
            inner.register_fn("late", Owned::take, |args| args.text + " late").unwrap();
        }
        args.text
    })
    .unwrap();
    assert_eq!(pm.caller(Owned::take).call_historic("x".into()), ["x", "x late"]);
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
    #[extension]
    impl Conditional for Picky {
        #[extension(when = Self::wants)]
        fn configure(&self, level: u32, name: &str) {
            self.log.push(format!("{name}{level}"));
        }
    }
    let (pm, log) = (PluginManager::new("conditions"), Log::new());
    pm.add_extension_points(Conditional).unwrap();
    pm.register(Picky { only: "x", log: log.clone() }).unwrap();
    pm.caller(Conditional::configure).call_historic(1, "x");
    pm.caller(Conditional::configure).call_historic(2, "x");
    pm.caller(Conditional::configure).call_historic(3, "y");
    assert_eq!(log.line(), "x2");
    pm.register_as("y", Picky { only: "y", log: log.clone() }).unwrap();
    assert_eq!(log.line(), "y3");
}

#[test]
fn a_call_is_remembered_by_its_own_manager_only() {
    let ((one, log), (two, _)) = (manager(), manager());
    one.caller(Specs::other).call_historic(1);
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
    pm.caller(Specs::other).call_historic(1);
    assert_eq!(log.line(), "other> c> c< other<");
    pm.register_fn("late", Specs::other, |_| ()).unwrap();
    assert_eq!(log.line(), "late> late<");
}
