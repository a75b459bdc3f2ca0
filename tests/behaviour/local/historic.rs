//! Historic calls of a local manager, and their replays to plugins that come later.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pluginkit::prelude::*;
use pluginkit::{CallError, Error, Options};
use pluginkit_tests::panic_of;

#[extension_point]
trait Specs {
    #[extension_point(historic)]
    fn configure(&self, level: &u32) -> Result<String, String>;
    #[extension_point(historic)]
    fn hear(&self, text: String);
    fn plain(&self) -> u32;
}

type Log = Rc<RefCell<Vec<String>>>;

fn taken(log: &Log) -> String {
    log.take().join(" ")
}

/// Counts in itself.
struct Hears {
    name: &'static str,
    heard: u32,
    log: Log,
}

#[extension(local)]
impl Specs for Hears {
    fn configure(&mut self, level: &u32) -> Result<String, String> {
        self.heard += 1;
        self.log.borrow_mut().push(format!("{}:{level}", self.name));
        if *level == 13 {
            Err(format!("{} fails", self.name))
        } else {
            Ok(format!("{}{}", self.name, self.heard))
        }
    }
    fn hear(&mut self, text: String) {
        self.heard += 1;
        self.log.borrow_mut().push(format!("{}:{text}", self.name));
    }
}

fn manager() -> (LocalPluginManager<'static>, Log) {
    let pm = LocalPluginManager::new("historic");
    pm.add_extension_points(Specs).unwrap();
    (pm, Log::default())
}

fn register(pm: &LocalPluginManager<'_>, log: &Log, name: &'static str) -> Result<PluginId, Error> {
    pm.register_as(name, Hears { name, heard: 0, log: Rc::clone(log) })
}

#[test]
fn the_plugins_there_are_are_called_and_later_ones_get_a_replay() {
    let (pm, log) = manager();
    register(&pm, &log, "a").unwrap();
    let configure = pm.caller(Specs::configure);
    assert_eq!(configure.call_historic(&1), Ok(vec!["a1".to_owned()]));
    pm.caller(Specs::hear).call_historic("x".to_owned());
    assert_eq!(configure.try_call_historic(&2).unwrap(), ["a3"]);
    assert_eq!(taken(&log), "a:1 a:x a:2");
    register(&pm, &log, "b").unwrap();
    assert_eq!(taken(&log), "b:1 b:x b:2");
    pm.unregister("b");
    register(&pm, &log, "b").unwrap();
    assert_eq!(taken(&log), "b:1 b:x b:2", "registering again replays again");
    pm.register_fn("plain", Specs::plain, |_| 1).unwrap();
}

#[test]
fn a_plugin_of_any_manager_gets_replays() {
    struct Shared;
    #[extension]
    impl Specs for Shared {
        #[extension(when = wants)]
        fn configure(&self, level: &u32) -> Result<String, String> {
            Ok(level.to_string())
        }
    }
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the argument of the point is a reference")]
    fn wants(_: &Shared, level: &u32) -> bool {
        *level > 1
    }
    let (pm, _) = manager();
    let results = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&results);
    let configure = pm.caller(Specs::configure);
    configure.call_historic_with(&1, |result| panic!("{result}")).unwrap();
    configure.call_historic_with(&2, move |result| sink.borrow_mut().push(result)).unwrap();
    pm.register(Shared).unwrap();
    PluginBuilder::new(Shared).named("again").extends(Specs).register_local(&pm).unwrap();
    assert_eq!(*results.borrow(), ["2", "2"]);
}

#[test]
fn the_sink_may_borrow_and_gets_the_results_of_the_call_and_of_replays() {
    let results = RefCell::new(Vec::new());
    {
        let (pm, log) = (LocalPluginManager::new("historic"), Log::default());
        pm.add_extension_points(Specs).unwrap();
        register(&pm, &log, "a").unwrap();
        register(&pm, &log, "b").unwrap();
        pm.caller(Specs::configure)
            .call_historic_with(&1, |result| results.borrow_mut().push(result))
            .unwrap();
        assert_eq!(*results.borrow(), ["a1", "b1"]);
        register(&pm, &log, "c").unwrap();
    }
    assert_eq!(results.into_inner(), ["a1", "b1", "c1"]);
}

#[test]
fn a_call_that_fails_is_not_remembered() {
    let (pm, log) = manager();
    register(&pm, &log, "a").unwrap();
    register(&pm, &log, "b").unwrap();
    let configure = pm.caller(Specs::configure);
    assert_eq!(configure.call_historic(&13), Err("a fails".to_owned()));
    assert_eq!(taken(&log), "a:13", "the first error ends the call");
    let error = configure.try_call_historic(&13).unwrap_err();
    assert_eq!(error.plugin().map(PluginId::as_str), Some("a"));
    assert!(matches!(error, CallError::Failed { error, .. } if error == "a fails"));
    pm.register_fn("panics", Specs::hear, |args| assert!(args.text != "boom", "boom")).unwrap();
    assert!(panic_of(|| pm.caller(Specs::hear).call_historic("boom".into())).starts_with("boom"));
    let error = pm.caller(Specs::hear).try_call_historic("boom".into()).unwrap_err();
    assert_eq!(error.plugin().map(PluginId::as_str), Some("panics"));
    taken(&log);
    register(&pm, &log, "late").unwrap();
    assert_eq!(taken(&log), "", "nothing is remembered");
}

#[test]
fn settling_runs_all_and_remembers_the_call_even_if_extensions_fail() {
    let (pm, log) = manager();
    register(&pm, &log, "a").unwrap();
    pm.register_fn("panics", Specs::configure, |_| panic!("boom")).unwrap();
    let settled = pm.caller(Specs::configure).settle_historic(&7);
    let names: Vec<_> = settled.iter().map(|each| (each.plugin.as_str(), each.result.is_ok())).collect();
    assert_eq!(names, [("a", true), ("panics", false)]);
    taken(&log);
    register(&pm, &log, "late").unwrap();
    assert_eq!(taken(&log), "late:7");
}

#[test]
fn a_replay_that_fails_takes_the_registration_back_and_nothing_else() {
    let (pm, log) = manager();
    pm.caller(Specs::hear).call_historic("x".into());
    pm.caller(Specs::configure).call_historic(&13).unwrap();
    let inner = pm.clone();
    pm.register_fn("first", Specs::plain, |_| 1).unwrap();
    let error = register(&pm, &log, "a").unwrap_err();
    assert_eq!(
        (error.code(), error.plugin().unwrap().as_str(), error.extension_point().unwrap().name),
        ("replay", "a", "configure")
    );
    assert_eq!((taken(&log).as_str(), inner.plugin_names()), ("a:x a:13", vec!["first".into()]));
    let text = panic_of(|| inner.register_fn("panics", Specs::hear, |_| panic!("boom")));
    assert_eq!((text.as_str(), inner.plugin_names()), ("boom", vec!["first".into()]));
    assert!(inner.caller(Specs::hear).implementations().is_empty());
    // The name is free again.
    inner.register_fn("panics", Specs::plain, |_| 2).unwrap();
    assert_eq!(inner.caller(Specs::plain).call(), [1, 2]);
}

#[test]
fn a_plugin_registered_during_a_call_gets_it_once_and_an_outer_call_before_an_inner_one() {
    let (pm, log) = manager();
    let (inner, own) = (pm.clone(), Rc::clone(&log));
    pm.register_fn("registers", Specs::hear, move |args| {
        own.borrow_mut().push(format!("registers:{}", args.text));
        if args.text == "outer" {
            inner.caller(Specs::hear).call_historic("inner".into());
            register(&inner, &own, "late").unwrap();
        }
    })
    .unwrap();
    pm.caller(Specs::hear).call_historic("outer".into());
    assert_eq!(taken(&log), "registers:outer registers:inner late:outer late:inner");
    pm.caller(Specs::hear).call_historic("again".into());
    assert_eq!(taken(&log), "registers:again late:again");
    pm.unregister("registers");
}

#[test]
fn a_call_within_a_replay_reaches_the_newcomer_after_the_earlier_ones() {
    let (pm, log) = manager();
    for text in ["one", "two"] {
        pm.caller(Specs::hear).call_historic(text.into());
    }
    register(&pm, &log, "a").unwrap();
    taken(&log);
    let (inner, own) = (pm.clone(), Rc::clone(&log));
    pm.register_fn("calls", Specs::hear, move |args| {
        own.borrow_mut().push(format!("calls:{}", args.text));
        if args.text == "one" {
            inner.caller(Specs::hear).call_historic("three".into());
        }
    })
    .unwrap();
    assert_eq!(taken(&log), "calls:one a:three calls:two calls:three");
    pm.unregister("calls");
}

#[test]
fn a_plugin_that_leaves_during_its_replay_gets_no_more_of_it() {
    let (pm, log) = manager();
    for text in ["one", "two"] {
        pm.caller(Specs::hear).call_historic(text.into());
    }
    let (inner, own) = (pm.clone(), Rc::clone(&log));
    let registered = pm.register_fn("leaves", Specs::hear, move |args| {
        own.borrow_mut().push(args.text);
        inner.unregister("leaves");
    });
    assert_eq!((registered.unwrap().as_str(), taken(&log).as_str()), ("leaves", "one"));
    assert!(!pm.is_registered("leaves"));
}

#[test]
fn views_and_switches_hold_for_historic_calls() {
    let (pm, log) = manager();
    register(&pm, &log, "a").unwrap();
    register(&pm, &log, "b").unwrap();
    let extra = Rc::clone(&log);
    let hear =
        pm.caller(Specs::hear).without(["a"]).extra(move |args| extra.borrow_mut().push(args.text + "!"));
    hear.call_historic("x".into());
    assert_eq!(taken(&log), "b:x x!");
    pm.set_enabled("b", false).unwrap();
    hear.call_historic("y".into());
    assert_eq!(taken(&log), "y!");
    let off = pm.plugin(Hears { name: "off", heard: 0, log: Rc::clone(&log) }).named("off").extends(Specs);
    off.options(Specs::hear, Options::new().enabled(false)).register().unwrap();
    assert_eq!(taken(&log), "", "what its options turn off gets no replay");
}

#[test]
fn a_caller_that_outlives_its_manager_still_calls() {
    let (pm, log) = manager();
    register(&pm, &log, "a").unwrap();
    let hear = pm.caller(Specs::hear);
    hear.call_historic("x".into());
    drop(pm);
    taken(&log);
    hear.call_historic("y".into());
    assert_eq!(taken(&log), "a:y", "a caller keeps the plugins of its point");
}

#[test]
fn remembered_values_are_dropped_with_the_manager() {
    struct Counts<'c>(&'c Cell<u32>);
    impl Drop for Counts<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let dropped = Cell::new(0);
    {
        let pm = LocalPluginManager::new("historic");
        pm.add_extension_points(Specs).unwrap();
        let (kept, lost) = (Counts(&dropped), Counts(&dropped));
        let hear = pm.caller(Specs::configure);
        hear.call_historic_with(&1, move |_| {
            let _ = &kept;
        })
        .unwrap();
        pm.register_fn("fails", Specs::configure, |args| {
            if *args.level == 13 { Err(String::new()) } else { Ok(String::new()) }
        })
        .unwrap();
        hear.call_historic_with(&13, move |_| {
            let _ = &lost;
        })
        .unwrap_err();
        assert_eq!(dropped.get(), 1, "a call that fails is forgotten at once");
    }
    assert_eq!(dropped.get(), 2);
}
