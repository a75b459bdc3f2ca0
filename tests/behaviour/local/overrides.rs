//! Options that a registration with a local manager sets over those of a plugin.

use pluginkit::local::LocalPluginManager;
use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginBuilder};

#[extension_point]
trait Specs {
    fn order(&self) -> String;
    fn other(&self);
}

struct Here(&'static str);

#[extension(local)]
impl Specs for Here {
    #[extension(trylast, priority = 7)]
    fn order(&self) -> String {
        self.0.to_owned()
    }
}

struct Anywhere;

#[extension]
impl Specs for Anywhere {
    #[extension(trylast)]
    fn order(&self) -> String {
        "anywhere".to_owned()
    }
}

fn manager<'p>() -> LocalPluginManager<'p> {
    let pm = LocalPluginManager::new("local");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn order(pm: &LocalPluginManager<'_>) -> String {
    pm.caller(Specs::order).call().join(" ")
}

#[test]
fn a_registration_overrides_what_is_set_and_nothing_else() {
    let pm = manager();
    pm.plugin(Here("a")).named("a").extends(Specs).register().unwrap();
    let early = Options::new().tryfirst().before(["a".to_owned()]);
    pm.plugin(Here("b")).named("b").extends(Specs).options(Specs::order, early).register().unwrap();
    let first = Options::new().tryfirst();
    PluginBuilder::new(Anywhere).options(Specs::order, first).register_local(&pm).unwrap();
    assert_eq!(order(&pm), "b anywhere a");
    let options = pm.caller(Specs::order).implementations()[0].options.clone();
    assert_eq!((options.priority, options.method), (7, "order"));
    assert_eq!(options.before, ["a"]);
}

#[test]
fn an_extension_that_is_off_is_left_out() {
    let pm = manager();
    let off = Options::new().enabled(false);
    pm.plugin(Here("a")).named("a").extends(Specs).options(Specs::order, off.clone()).register().unwrap();
    PluginBuilder::new(Anywhere).options(Specs::order, off).register_local(&pm).unwrap();
    pm.plugin(Here("b")).named("b").extends(Specs).register().unwrap();
    assert_eq!(order(&pm), "b");
    assert_eq!(pm.caller(Specs::order).without(["b"]).call(), Vec::<String>::new());
    assert!(pm.is_enabled("a"));
}

#[test]
fn an_override_of_a_point_that_is_not_extended_is_refused() {
    let pm = manager();
    let refused = pm.plugin(Here("a")).extends(Specs).options(Specs::other, Options::new()).register();
    assert!(matches!(refused, Err(Error::NotExtended { point, .. }) if point.name == "other"));
    let refused = PluginBuilder::new(Anywhere).options(Specs::other, Options::new()).register_local(&pm);
    assert!(matches!(refused, Err(Error::NotExtended { .. })));
    assert_eq!(order(&pm), "");
}
