//! Plugins with more names than one.

use pluginkit::metadata::{MetadataField, PluginMetadata};
use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginBuilder};

use super::kind::{Manager, wait};

#[extension_point]
trait Specs {
    fn name(&self) -> &'static str;
}

#[plugin(id = "weather", version = "1.4.0", alias = ["forecast", "sky"])]
struct Weather;

#[extension]
impl Specs for Weather {
    fn name(&self) -> &'static str {
        "weather"
    }
}

#[plugin(id = "news", requires = ["forecast >= 1.2"], alias = "headlines")]
struct News;

#[extension]
impl Specs for News {
    #[extension(before = "sky")]
    fn name(&self) -> &'static str {
        "news"
    }
}

fn manager() -> Manager {
    let pm = Manager::new("aliases");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn calls(pm: &Manager) -> Vec<&'static str> {
    wait!(pm.caller(Specs::name).call())
}

#[test]
fn look_ups_take_an_alias() {
    let pm = manager();
    assert_eq!(pm.register(Weather).unwrap(), "weather");
    assert!(pm.is_registered("forecast") && pm.plugin_as::<Weather>("sky").is_some());
    assert_eq!(pm.plugin_names(), ["weather"]);
    let descriptor = pm.descriptor("forecast").unwrap();
    assert_eq!(
        (descriptor.id.as_str(), &descriptor.metadata.aliases[..]),
        ("weather", &["forecast".into(), "sky".into()][..])
    );
    pm.set_enabled("sky", false).unwrap();
    assert!(!pm.is_enabled("weather") && calls(&pm).is_empty());
    assert!(pm.unregister("forecast").is_some());
    assert!(!pm.is_registered("weather") && !pm.is_registered("forecast") && !pm.is_registered("sky"));
    pm.register(Weather).unwrap();
}

#[test]
fn a_taken_alias_refuses_the_registration() {
    let pm = manager();
    pm.register_fn("sky", Specs::name, |_| "sky").unwrap();
    let error = pm.register(Weather).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("alias_taken", "weather"));
    assert!(error.to_string().contains("the alias `sky`, which is a name of plugin `sky`"), "{error}");
    assert!(!pm.is_registered("weather") && !pm.is_registered("forecast"));
    pm.unregister("sky");
    pm.register(Weather).unwrap();
    let error = pm.register_fn("forecast", Specs::name, |_| "forecast").unwrap_err();
    assert!(matches!(error, Error::NameTaken { plugin, .. } if plugin == "forecast"));
    let metadata = PluginMetadata::new("other").aliases(["forecast"]);
    let builder = || PluginBuilder::new(()).extension(Specs::name, Options::new(), |_, _| "other");
    let error = builder().metadata(metadata).register(&pm).unwrap_err();
    assert!(matches!(error, Error::AliasTaken { taken_by, .. } if taken_by == "weather"));
}

#[test]
fn a_blocked_alias_refuses_the_registration_and_removes_the_plugin() {
    let pm = manager();
    pm.register(Weather).unwrap();
    pm.set_blocked("sky");
    assert!(!pm.is_registered("weather"));
    assert_eq!(pm.register(Weather).unwrap_err().code(), "blocked");
    pm.unblock("sky");
    pm.register(Weather).unwrap();
}

#[test]
fn under_another_name_a_plugin_has_no_aliases() {
    let pm = manager();
    pm.register_as("one", Weather).unwrap();
    pm.register_as("two", Weather).unwrap();
    assert!(!pm.is_registered("forecast"));
    pm.register(Weather).unwrap();
    assert!(pm.is_registered("forecast"));
}

#[test]
fn an_alias_meets_requirements_and_orders() {
    let pm = manager();
    pm.register(Weather).unwrap();
    pm.register(News).unwrap();
    assert_eq!(calls(&pm), ["news", "weather"]);
    assert!(pm.validate().unwrap().is_empty());
    wait!(pm.start_plugin("headlines")).unwrap();
    assert_eq!(pm.descriptor("weather").unwrap().state, PluginState::Started);
    let error = wait!(pm.remove("forecast")).unwrap_err();
    assert!(matches!(error, Error::HasDependents { dependents, .. } if dependents == ["news"]));
    // The order holds whichever comes first.
    let pm = manager();
    pm.register(News).unwrap();
    let error = pm.validate().unwrap_err();
    assert!(error.to_string().contains("`forecast >=1.2`"), "{error}");
    pm.register(Weather).unwrap();
    assert_eq!(calls(&pm), ["news", "weather"]);
}

#[test]
fn an_order_that_is_impossible_by_an_alias_is_refused() {
    let pm = manager();
    pm.register(News).unwrap();
    let metadata = PluginMetadata::new("late").aliases(["sky"]);
    let late = PluginBuilder::new(()).metadata(metadata);
    let options = Options::new().before(["headlines"]);
    let error = late.extension(Specs::name, options, |_, _| "late").register(&pm).unwrap_err();
    assert_eq!(error.code(), "order_cycle");
    assert!(!pm.is_registered("sky"));
}

#[test]
fn views_take_an_alias() {
    let pm = manager();
    pm.register(Weather).unwrap();
    pm.register(News).unwrap();
    let caller = pm.caller(Specs::name);
    assert_eq!(wait!(caller.without(["forecast"]).call()), ["news"]);
    assert_eq!(wait!(caller.only(["headlines"]).call()), ["news"]);
    assert!(pm.report().unbound.is_empty());
}

#[test]
fn an_alias_is_written_like_an_id() {
    let pm = manager();
    let metadata = PluginMetadata::new("other").aliases(["no such id"]);
    let builder =
        PluginBuilder::new(()).extension(Specs::name, Options::new(), |_, _| "other").metadata(metadata);
    let error = builder.register(&pm).unwrap_err();
    assert!(matches!(error, Error::InvalidMetadata { field: MetadataField::Alias, .. }));
}
