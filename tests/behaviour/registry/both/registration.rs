//! Registration is all or nothing.

use std::sync::Arc;

use pluginkit::Error;
use pluginkit::prelude::*;
use pluginkit::{Options, PluginBuilder};

use super::kind::{Manager, adding, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[extension_point]
trait Later {
    fn fetch(&self) -> u32;
    fn count(&self) -> u32;
}

struct Weather;

implement! {
    #[extension]
    impl Specs for Weather {
        fn fetch(&self, topic: &str) -> String {
            format!("weather[{topic}]")
        }
    }
}

struct Mixed;

#[extension]
impl Specs for Mixed {
    fn fetch(&self) -> String {
        "mixed".into()
    }
}

implement! {
    #[extension]
    impl Later for Mixed {
        fn count(&self) -> u32 {
            1
        }
    }
}

struct Waiting;

#[extension]
impl Specs for Waiting {
    fn fetch(&self) -> String {
        "waiting".into()
    }
}

implement! {
    #[extension(optional)]
    impl Later for Waiting {
        fn count(&self) -> u32 {
            2
        }
    }
}

struct Nothing;

fn manager() -> Manager {
    let pm = Manager::new("registration");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn a_plugin_is_named_by_its_type_or_as_told() {
    let pm = manager();
    assert_eq!(pm.register(Weather).unwrap(), "Weather");
    let id: PluginId = pm.register_as("weather-2", Weather).unwrap();
    assert_eq!(id, "weather-2");
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["weather[x]", "weather[x]"]);
}

#[test]
fn a_value_and_an_arc_are_accepted() {
    let pm = manager();
    let shared = Arc::new(Weather);
    pm.register(Arc::clone(&shared)).unwrap();
    assert_eq!(pm.plugin_name(&shared).unwrap(), "Weather");
    pm.register_as("again", Arc::new(Weather)).unwrap();
    pm.register_as("value", Weather).unwrap();
    assert!(pm.plugin_as::<Weather>("again").is_some());
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")).len(), 3);
}

#[test]
fn a_taken_name_is_refused() {
    let pm = manager();
    pm.register(Weather).unwrap();
    let error = pm.register(Weather).unwrap_err();
    assert!(matches!(error, Error::NameTaken { .. }));
    assert_eq!(
        error.to_string(),
        "a plugin named `Weather` is registered already; unregister it first, or choose another name with `register_as`"
    );
    assert_eq!(pm.plugin_names(), ["Weather"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")).len(), 1);
}

#[test]
fn the_same_arc_twice_is_refused() {
    let pm = manager();
    let shared = Arc::new(Weather);
    pm.register(Arc::clone(&shared)).unwrap();
    let error = pm.register_as("again", Arc::clone(&shared)).unwrap_err();
    assert!(matches!(error, Error::AlreadyRegistered { .. }));
    assert!(error.to_string().contains("as `Weather`"), "{error}");
    let error = pm.register_all([("x", Arc::new(Weather)), ("y", shared)]).unwrap_err();
    assert!(matches!(error, Error::AlreadyRegistered { .. }));
    assert!(!pm.is_registered("x"));
    let twice = Arc::new(Weather);
    let error = pm.register_all([("p", Arc::clone(&twice)), ("q", twice)]).unwrap_err();
    assert!(error.to_string().contains("as `p`, and cannot be registered again as `q`"), "{error}");
}

#[test]
fn a_type_without_any_extension_is_refused() {
    let pm = manager();
    let error = pm.register(Nothing).unwrap_err();
    assert!(matches!(error, Error::NoExtensions { .. }));
    assert!(error.to_string().contains("plugin `Nothing` has no extension"), "{error}");
    assert!(pm.plugin_names().is_empty());
}

#[test]
fn a_name_that_the_library_uses_itself_is_refused() {
    let pm = manager();
    for name in ["(default)", "(extra)", "(host)"] {
        let error = pm.register_as(name, Weather).unwrap_err();
        assert!(matches!(error, Error::ReservedName { .. }), "{error}");
        assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("reserved_name", name));
    }
    assert!(pm.plugin_names().is_empty());
}

#[test]
fn an_empty_name_is_refused() {
    let pm = manager();
    assert!(matches!(pm.register_as("", Weather), Err(Error::EmptyName { .. })));
}

#[test]
fn closures_of_a_builder_without_a_plugin_need_a_name() {
    let pm = manager();
    let builder = || {
        let builder = PluginBuilder::new(());
        adding!(builder, Specs::fetch, Options::new(), |_this, args| args.topic.to_owned())
    };
    let error = builder().register(&pm).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a plugin of type `()` has an empty name; register it under one with `register_as`, or with `named` of its builder"
    );
    assert!(pm.plugin_names().is_empty());
    assert_eq!(builder().named("closures").register(&pm).unwrap(), "closures");
}

#[test]
fn unknown_specs_are_refused_and_nothing_of_the_plugin_stays() {
    let pm = manager();
    let error = pm.register(Mixed).unwrap_err();
    assert_eq!(
        error.to_string(),
        "plugin `Mixed` extends `Later::count`, but this manager has no `Later`: call `add_extension_points(Later)` first, or mark the extension `#[extension(optional)]`"
    );
    assert!(pm.plugin_names().is_empty());
    assert!(wait!(pm.caller(Specs::fetch).call("x")).is_empty());
    pm.add_extension_points(Later).unwrap();
    pm.register(Mixed).unwrap();
    assert_eq!(wait!(pm.caller(Later::count).call()), [1]);
}

#[test]
fn an_optional_extension_is_wired_when_its_specs_come() {
    let pm = manager();
    pm.register(Waiting).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["waiting"]);
    assert_eq!(pm.extension_points_of("Waiting").unwrap().len(), 1);
    pm.add_extension_points(Later).unwrap();
    assert_eq!(wait!(pm.caller(Later::count).call()), [2]);
    assert_eq!(pm.extension_points_of("Waiting").unwrap().len(), 2);
}

#[test]
fn an_optional_extension_of_a_plugin_that_left_is_not_wired() {
    let pm = manager();
    pm.register(Waiting).unwrap();
    pm.unregister("Waiting").unwrap();
    pm.add_extension_points(Later).unwrap();
    assert!(wait!(pm.caller(Later::count).call()).is_empty());
}

#[test]
fn an_optional_extension_of_a_disabled_plugin_waits_for_it() {
    let pm = manager();
    pm.register(Waiting).unwrap();
    pm.set_enabled("Waiting", false).unwrap();
    pm.add_extension_points(Later).unwrap();
    assert!(wait!(pm.caller(Later::count).call()).is_empty());
    pm.set_enabled("Waiting", true).unwrap();
    assert_eq!(wait!(pm.caller(Later::count).call()), [2]);
}

#[test]
fn specs_with_waiting_extensions_in_a_cycle_are_refused_whole() {
    struct First;
    #[extension(optional)]
    impl Later for First {
        #[extension(before = "Second")]
        fn count(&self) -> u32 {
            1
        }
    }
    struct Second;
    implement! {
        #[extension(optional)]
        impl Later for Second {
            #[extension(before = "First")]
            fn count(&self) -> u32 {
                2
            }
        }
    }
    let pm = manager();
    pm.register(First).unwrap();
    pm.register(Second).unwrap();
    assert!(matches!(pm.add_extension_points(Later), Err(Error::OrderCycle { .. })));
    assert!(pm.try_caller(Later::fetch).is_err());
    pm.unregister("Second").unwrap();
    pm.add_extension_points(Later).unwrap();
    assert_eq!(wait!(pm.caller(Later::count).call()), [1]);
}

#[test]
fn a_batch_is_one_atomic_step() {
    let pm = manager();
    pm.register_as("b", Weather).unwrap();
    let error = pm.register_all([("a", Weather), ("b", Weather), ("c", Weather)]).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "b");
    assert_eq!(pm.plugin_names(), ["b"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")).len(), 1);
    assert!(matches!(pm.register_all([("d", Weather), ("d", Weather)]), Err(Error::NameTaken { .. })));
    let ids = pm.register_all((0..3).map(|n| (format!("n{n}"), Weather))).unwrap();
    assert_eq!(ids, ["n0", "n1", "n2"]);
    assert_eq!(pm.plugin_names(), ["b", "n0", "n1", "n2"]);
    assert!(pm.register_all(std::iter::empty::<(&str, Weather)>()).unwrap().is_empty());
}

#[test]
fn unregistering_gives_the_plugin_back() {
    let pm = manager();
    let shared = Arc::new(Weather);
    pm.register_as("one", Arc::clone(&shared)).unwrap();
    pm.register_as("two", Weather).unwrap();
    let back = pm.unregister("one").unwrap().downcast::<Weather>().unwrap();
    assert!(Arc::ptr_eq(&back, &shared));
    assert!(pm.unregister("one").is_none());
    assert!(pm.unregister_plugin(&shared).is_none());
    pm.register_as("one", Arc::clone(&shared)).unwrap();
    assert!(Arc::ptr_eq(&pm.unregister_plugin(&shared).unwrap(), &shared));
    assert_eq!(pm.plugin_names(), ["two"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")).len(), 1);
}

#[test]
fn an_unregistered_plugin_is_freed() {
    struct Counted(#[expect(dead_code, reason = "only its count matters")] Arc<()>);
    implement! {
        #[extension]
        impl Specs for Counted {
            fn fetch(&self) -> String {
                String::new()
            }
        }
    }
    let pm = manager();
    let count = Arc::new(());
    let view = pm.caller(Specs::fetch).without(["nobody"]);
    pm.register(Counted(Arc::clone(&count))).unwrap();
    wait!(view.call("x"));
    drop(pm.unregister("Counted"));
    wait!(view.call("x"));
    assert_eq!(Arc::strong_count(&count), 1);
}

#[test]
fn registering_a_name_again_after_it_left_works() {
    let pm = manager();
    for _ in 0..3 {
        let id = pm.register(Weather).unwrap();
        assert!(pm.unregister(&id).is_some());
    }
    assert!(pm.plugin_names().is_empty());
}
