//! Look-ups of plugins and points.

use std::sync::Arc;

use pluginkit::points::Mode;
use pluginkit::prelude::*;

use super::kind::{Manager, PREFIX, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, limit: usize) -> String;
    #[extension_point(firstresult)]
    fn deliver(&self) -> Option<u32>;
}

#[extension_point]
trait More {
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(historic)]
    fn configure(&self);
}

#[derive(Debug, PartialEq)]
struct Weather(u32);

implement! {
    #[extension]
    impl Specs for Weather {
        fn deliver(&self) -> Option<u32> {
            Some(self.0)
        }
    }
}

implement! {
    #[extension]
    impl More for Weather {
        fn configure(&self) {}
    }
}

fn manager() -> Manager {
    let pm = Manager::new("lookups");
    pm.add_extension_points(Specs).unwrap();
    pm.add_extension_points(More).unwrap();
    pm
}

#[test]
fn plugins_are_found_by_name_and_by_value() {
    let pm = manager();
    let one = Arc::new(Weather(1));
    pm.register_as("one", Arc::clone(&one)).unwrap();
    pm.register_as("two", Weather(2)).unwrap();
    assert!(pm.is_registered("one") && !pm.is_registered("three"));
    assert!(Arc::ptr_eq(&pm.plugin_as::<Weather>("one").unwrap(), &one));
    assert_eq!(*pm.plugin_as::<Weather>("two").unwrap(), Weather(2));
    assert!(pm.plugin_as::<u32>("two").is_none());
    assert!(pm.plugin_as::<Weather>("three").is_none());
    assert_eq!(pm.plugin_name(&one).unwrap(), "one");
    assert!(pm.plugin_name(&Arc::new(Weather(1))).is_none());

    assert!(pm.plugin("one").is_some());
    assert!(pm.plugin("three").is_none());
    let name = String::from("two");
    assert_eq!(*pm.plugin(&name).unwrap().downcast::<Weather>().unwrap(), Weather(2));
    assert!(pm.plugin("two").unwrap().is::<Weather>());
}

#[test]
fn names_come_in_registration_order() {
    let pm = manager();
    for name in ["c", "a", "b"] {
        pm.register_as(name, Weather(0)).unwrap();
    }
    assert_eq!(pm.plugin_names(), ["c", "a", "b"]);
    pm.unregister("c").unwrap();
    pm.register_as("c", Weather(0)).unwrap();
    assert_eq!(pm.plugin_names(), ["a", "b", "c"]);
}

#[test]
fn points_are_listed_in_the_order_they_were_declared() {
    let pm = manager();
    let shown: Vec<_> = pm.extension_points().iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["Specs::fetch", "Specs::deliver", "More::transform", "More::configure"]);
    let modes: Vec<_> = pm.extension_points().iter().map(|point| point.mode).collect();
    assert_eq!(modes, [Mode::Collecting, Mode::FirstResult, Mode::Pipeline, Mode::Historic]);
    assert_eq!(pm.extension_points()[0].args, ["topic", "limit"]);
    assert_eq!(pm.extension_points()[0].name, "fetch");
}

#[test]
fn the_points_of_a_plugin_are_those_it_contributes_to() {
    let pm = manager();
    pm.register(Weather(0)).unwrap();
    let own: Vec<_> = pm.extension_points_of("Weather").unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(own, ["Specs::deliver", "More::configure"]);
    assert!(pm.extension_points_of("nobody").is_none());
}

#[test]
fn adding_specs_again_changes_nothing() {
    let pm = manager();
    pm.register(Weather(5)).unwrap();
    pm.add_extension_points(Specs).unwrap();
    assert_eq!(pm.extension_points().len(), 4);
    assert_eq!(wait!(pm.caller(Specs::deliver).call()), Some(5));
}

#[test]
fn a_manager_shows_its_project_and_plugins() {
    let pm = manager();
    pm.register(Weather(0)).unwrap();
    assert_eq!(pm.project(), "lookups");
    let shown = format!(r#"{PREFIX}PluginManager {{ project: "lookups", plugins: ["Weather"], .. }}"#);
    assert_eq!(format!("{pm:?}"), shown);
    assert_eq!(
        format!("{:?}", pm.caller(Specs::fetch)),
        format!("{PREFIX}Caller {{ point: Specs::fetch, .. }}")
    );
}

#[test]
fn two_managers_share_nothing() {
    let (one, two) = (manager(), manager());
    one.register(Weather(1)).unwrap();
    one.set_blocked("x");
    assert!(two.plugin_names().is_empty());
    assert!(!two.is_blocked("x"));
    assert_eq!(wait!(two.caller(Specs::deliver).call()), None);
    let seen = pluginkit_tests::Log::new();
    let log = seen.clone();
    let _guard = two.observe(move |_: &pluginkit::observe::Event<'_>| log.push("two"));
    wait!(one.caller(Specs::deliver).call());
    assert!(seen.take().is_empty());
}
