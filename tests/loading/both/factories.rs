//! How plugins are made.

use std::error::Error as _;

use pluginkit::config::PluginConfig;
use pluginkit::loading::PluginFactory;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use serde::Deserialize;

use super::kind::{Manager, wait};
use crate::plugins::{Cors, CorsSettings, Limiter, NoDisk, Specs, Store, StoreSettings};
use crate::toml;

fn manager() -> Manager {
    let pm = Manager::new("loading");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn a_function_named_in_the_attribute_is_given_the_settings() {
    let pm = manager();
    let config = toml("[plugins]\nweb = ['cors']\n[plugin.cors]\norigin = 'here'\nages = { old = 9 }");
    wait!(pm.load_config(&config)).unwrap();
    let cors = pm.plugin_as::<Cors>("cors").unwrap();
    assert_eq!(cors.settings.origin, "here");
    assert_eq!(cors.settings.ages["old"], 9);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["cors here[x]"]);
}

#[test]
fn the_errors_of_a_look_up_and_of_a_factory_differ() {
    let pm = manager();
    let missing = wait!(pm.load_config(&toml("[plugins]\nweb = ['corse']"))).unwrap_err();
    assert_eq!(missing.code(), "config");
    let config = toml("[plugins]\nweb = ['cors']\n[plugin.cors]\norigin = 'nowhere'");
    let failing = wait!(pm.load_config(&config)).unwrap_err();
    assert_eq!((failing.code(), failing.plugin().unwrap().as_str()), ("factory", "cors"));
    assert_eq!(failing.source().and_then(|source| source.downcast_ref::<NoDisk>()), Some(&NoDisk));
    let zero = toml("[plugins]\nweb = ['limiter']\n[plugin.limiter]\nmax_requests = 0");
    let failing = wait!(pm.load_config(&zero)).unwrap_err();
    assert_eq!(failing.source().unwrap().to_string(), "nobody could ask");
    assert_eq!(pm.plugin_names(), [""; 0]);
}

#[test]
fn a_conversion_makes_a_plugin_of_its_settings() {
    let pm = manager();
    let config = toml("[plugins]\nweb = ['limiter']\n[plugin.limiter]\nmax_requests = 3");
    wait!(pm.load_config(&config)).unwrap();
    assert_eq!(pm.plugin_as::<Limiter>("limiter").unwrap().0, 3);
}

#[test]
fn a_default_plugin_finds_its_settings_when_it_starts() {
    let pm = manager();
    // Part of the defaults is overridden.
    let config = toml("[plugins]\nstores = ['store']\n[plugin.store]\nport = 7");
    wait!(pm.load_config(&config)).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(*pm.plugin_as::<Store>("store").unwrap().seen.lock().unwrap(), ["localhost:7"]);
    // The host may set others.
    let before = pm.configure("store", StoreSettings { host: "there".to_owned(), port: 8 }).unwrap();
    assert_eq!(before.unwrap().port, 7);
}

#[test]
fn a_plugin_without_a_type_of_settings_finds_them_as_they_were_written() {
    struct Raw;

    #[extension]
    impl Lifecycle for Raw {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            let section = cx.config::<pluginkit::config::Section>().ok_or("no section")?;
            cx.state().insert(section.keys().map(str::to_owned).collect::<Vec<_>>());
            Ok(())
        }
    }

    let pm = manager();
    pm.add_factory(PluginFactory::new(PluginMetadata::new("raw"), || Raw));
    wait!(pm.load_config(&toml("[plugins]\ng = ['raw']\n[plugin.raw]\na = 1\nb = 2"))).unwrap();
    wait!(pm.start_all()).unwrap();
}

#[test]
fn factories_made_by_hand_are_as_those_of_the_attribute() {
    #[derive(Deserialize)]
    struct Settings {
        whitelist: Vec<String>,
    }
    struct Email(Vec<String>);

    #[extension]
    impl Specs for Email {
        fn fetch(&self, topic: &str) -> String {
            self.0.contains(&topic.to_owned()).to_string()
        }
    }

    let pm = manager();
    let email = PluginFactory::try_configured(PluginMetadata::new("email"), |settings: Settings| {
        if settings.whitelist.is_empty() { Err("nobody could write") } else { Ok(Email(settings.whitelist)) }
    });
    pm.add_factory(email.at("myapp::validators::Email"));
    let config = |list: &str| {
        toml(&format!("[plugins]\nv = ['myapp::validators::Email']\n[plugin.email]\nwhitelist = {list}"))
    };
    let error = wait!(pm.load_config(&config("[]"))).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "nobody could write");
    let error = wait!(pm.load_config(&config("7"))).unwrap_err();
    assert_eq!(error.code(), "config");
    wait!(pm.load_config(&config("['a']"))).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("a")), ["true"]);
    assert_eq!(pm.group("v").ids(), ["email"]);
}

#[test]
fn a_function_is_a_plugin_under_its_id_and_its_path() {
    let pm = manager();
    let config = toml("[plugins]\ntext = ['loading::plugins::greet', 'shout']");
    wait!(pm.load_config(&config)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::transform).call("you".to_owned())), "HELLO YOU");
    assert_eq!(pm.descriptor("shout").unwrap().metadata.project.as_deref(), Some("loading"));
}

#[test]
fn settings_of_discovered_plugins_come_from_the_configuration_given() {
    let pm = manager();
    let config = PluginConfig::from_toml_str("[plugin.limiter]\nmax_requests = 4").unwrap();
    let discovery = pluginkit::loading::Discovery::new().only(["limiter", "cors"]).config(&config);
    assert_eq!(wait!(pm.discover_with(discovery)).unwrap().registered(), ["cors", "limiter"]);
    assert_eq!(pm.plugin_as::<Limiter>("limiter").unwrap().0, 4);
    assert_eq!(pm.plugin_as::<Cors>("cors").unwrap().settings, CorsSettings::default());
}
