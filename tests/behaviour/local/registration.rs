//! A local manager registers plugins of other managers, and plugins of its own.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use pluginkit::prelude::*;
use pluginkit::{Error, PluginBuilder};

#[extension_point(project = "feed")]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[extension_point]
trait Others {
    fn refresh(&self);
}

#[plugin(id = "weather-plugin", alias = "sky", version = "1.0.0")]
struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        format!("weather[{topic}]")
    }
}

#[derive(Default)]
struct Here(Rc<Cell<u32>>);

#[extension(local)]
impl Specs for Here {
    fn fetch(&self, topic: &str) -> String {
        self.0.set(self.0.get() + 1);
        format!("here[{topic}]")
    }
}

#[extension(local, optional)]
impl Others for Here {
    fn refresh(&self) {
        self.0.set(self.0.get() + 100);
    }
}

struct Cached<T>(T);

#[extension]
impl<T: std::fmt::Display + Send + Sync + 'static> Specs for Cached<T> {
    fn fetch(&self, topic: &str) -> String {
        format!("{topic}: {}", self.0)
    }
}

fn manager<'p>() -> LocalPluginManager<'p> {
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn one_plugin_type_works_under_local_and_sync_managers() -> Result<(), Error> {
    let (local, sync) = (manager(), PluginManager::new("feed"));
    sync.add_extension_points(Specs)?;
    assert_eq!(local.register(Weather)?, "weather-plugin");
    assert_eq!(sync.register(Weather)?, "weather-plugin");
    assert_eq!(local.caller(Specs::fetch).call("a"), sync.caller(Specs::fetch).call("a"));
    let shared = Arc::new(Weather);
    local.register_as("again", Arc::clone(&shared))?;
    PluginBuilder::new(Cached(7)).named("cached").extends(Specs).register_local(&local)?;
    assert_eq!(local.caller(Specs::fetch).call("a"), ["weather[a]", "weather[a]", "a: 7"]);
    assert!(local.unregister("again"));
    assert_eq!(Arc::strong_count(&shared), 1);
    Ok(())
}

#[test]
fn blocks_of_a_type_add_up_and_optional_ones_wait_for_their_specs() -> Result<(), Error> {
    let pm = manager();
    let count = Rc::new(Cell::new(0));
    assert_eq!(pm.register(Here(Rc::clone(&count)))?, "Here");
    let shared = LocalPlugin::new(Here(Rc::clone(&count)));
    assert_eq!(pm.register_as("shared", shared.clone())?, "shared");
    let third = LocalPlugin::new(Here(Rc::clone(&count)));
    pm.shared_plugin(&third).named("third").extends(Specs).register()?;
    assert_eq!(pm.caller(Specs::fetch).call("a").len(), 3);
    assert!(pm.try_caller(Others::refresh).is_err());
    pm.add_extension_points(Others)?;
    pm.add_extension_points(Others)?;
    pm.caller(Others::refresh).call();
    assert_eq!(count.get(), 203);
    Ok(())
}

#[test]
fn plugins_are_found_by_their_names_and_aliases() -> Result<(), Error> {
    let pm = manager();
    pm.register(Weather)?;
    assert!(pm.is_registered("weather-plugin") && pm.is_registered("sky") && !pm.is_registered("other"));
    assert!(pm.is_enabled("sky"));
    let error = pm.register_fn("sky", Specs::fetch, |_| String::new()).unwrap_err();
    assert!(matches!(error, Error::NameTaken { .. }), "{error}");
    assert!(pm.unregister("sky"));
    assert!(!pm.unregister("sky"));
    assert!(!pm.is_registered("weather-plugin"));
    pm.register_fn("sky", Specs::fetch, |_| String::new())?;
    let error = pm.register(Weather).unwrap_err();
    assert!(matches!(error, Error::AliasTaken { .. }), "{error}");
    assert_eq!(format!("{pm:?}"), "LocalPluginManager { project: \"feed\", plugins: [\"sky\"], .. }");
    Ok(())
}

#[test]
fn a_point_without_its_specs_has_no_caller() {
    let pm = LocalPluginManager::new("feed");
    let error = pm.try_caller(Specs::fetch).unwrap_err();
    assert_eq!(
        error.to_string(),
        "this manager has no extension point `Specs::fetch`: call `add_extension_points(Specs)` first"
    );
    assert_eq!(pm.project(), "feed");
}

#[extension_point]
trait Typed<T: 'static> {
    fn typed(&self) -> u32;
}

struct Everywhere;

#[extension(local)]
impl Specs for Everywhere {
    fn fetch(&mut self, topic: &str) -> String {
        topic.to_owned()
    }
}

#[extension(local)]
impl<T: 'static> Typed<T> for Everywhere {
    fn typed(&mut self) -> u32 {
        1
    }
}

struct Shared;

#[extension]
impl Specs for Shared {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

#[extension]
impl<T: Send + Sync + 'static> Typed<T> for Shared {
    fn typed(&self) -> u32 {
        2
    }
}

#[test]
fn a_block_for_all_types_is_refused_if_nothing_names_the_types() -> Result<(), Error> {
    let pm = manager();
    pm.add_extension_points(Typed::<u8>::SPECS)?;
    for error in [
        pm.register(Everywhere).unwrap_err(),
        pm.register(LocalPlugin::new(Everywhere)).unwrap_err(),
        pm.register(Shared).unwrap_err(),
        PluginBuilder::new(Shared).register_local(&pm).unwrap_err(),
    ] {
        assert!(matches!(error, Error::GenericBlock { .. }), "{error}");
        assert!(error.to_string().contains("extends `Typed<T>` for all types"), "{error}");
    }
    pm.plugin(Everywhere).extends(Specs).extends(Typed::<u8>::SPECS).register()?;
    PluginBuilder::new(Shared).extends(Specs).extends(Typed::<u8>::SPECS).register_local(&pm)?;
    assert_eq!(pm.caller(Typed::<u8>::typed).call(), [1, 2]);
    Ok(())
}

#[test]
fn specs_that_are_named_twice_are_extended_once() -> Result<(), Error> {
    let pm = manager();
    pm.plugin(Here::default()).named("here").extends(Specs).extends(Specs).register()?;
    assert_eq!(pm.caller(Specs::fetch).call("a"), ["here[a]"]);
    Ok(())
}

#[test]
fn a_plugin_that_is_registered_already_is_refused() -> Result<(), Error> {
    struct Local;
    #[extension(local)]
    impl Specs for Local {
        fn fetch(&self, topic: &str) -> String {
            topic.to_owned()
        }
    }
    struct Shared;
    #[extension]
    impl Specs for Shared {
        fn fetch(&self, topic: &str) -> String {
            topic.to_owned()
        }
    }
    let [pm, other] = ["one", "other"].map(|_| {
        let pm = LocalPluginManager::new("feed");
        pm.add_extension_points(Specs).unwrap();
        pm
    });
    let local = LocalPlugin::new(Local);
    pm.register_as("first", local.clone())?;
    let refused = [
        pm.register_as("second", local.clone()).unwrap_err(),
        pm.shared_plugin(&local).named("third").extends(Specs).register().unwrap_err(),
    ];
    for (error, name) in refused.iter().zip(["second", "third"]) {
        assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("already_registered", name));
        assert!(error.to_string().contains("registered already, as `first`"), "{error}");
    }
    other.register_as("elsewhere", local.clone())?;
    let shared = Arc::new(Shared);
    pm.register(Arc::clone(&shared))?;
    let error = pm.register_as("again", Arc::clone(&shared)).unwrap_err();
    assert_eq!(error.code(), "already_registered");
    let error =
        PluginBuilder::<Shared>::new(shared).named("again").extends(Specs).register_local(&pm).unwrap_err();
    assert_eq!(error.code(), "already_registered");
    assert_eq!(pm.plugin_names(), ["first", "Shared"]);
    pm.unregister("first");
    pm.register_as("second", local)?;
    Ok(())
}
