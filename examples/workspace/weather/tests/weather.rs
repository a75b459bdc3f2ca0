//! The plugin, without the host: as a plain value, as a plugin, and as the host makes it from a file.

use std::collections::BTreeMap;

use feed_points::Feed;
use feed_weather::{Settings, Weather};
use pluginkit::config::PluginConfig;
use pluginkit::{PluginManager, testing};

fn weather(fahrenheit: bool) -> Weather {
    let degrees = BTreeMap::from([("harbor".to_owned(), 18.2)]);
    Weather::new(Settings { degrees, fahrenheit }).unwrap()
}

#[test]
fn an_extension_is_a_method() {
    assert_eq!(weather(false).fetch("harbor").unwrap().unwrap(), "18 °C at the harbor");
    assert_eq!(weather(true).fetch("harbor").unwrap().unwrap(), "65 °F at the harbor");
}

#[test]
fn a_place_without_weather_is_no_news() {
    let pm = testing::solo(Feed, weather(false)).unwrap();
    let headlines = pm.caller(Feed::fetch).call("harbor").unwrap();
    assert_eq!(headlines, ["18 °C at the harbor"]);
    assert!(pm.caller(Feed::fetch).call("hill").unwrap().is_empty());
}

#[test]
fn the_plugin_is_made_from_its_settings() {
    let config = |settings: &str| {
        let text = format!("[plugins]\nsources = ['weather']\n[plugin.weather]\n{settings}");
        PluginManager::from_config("feed", Feed, PluginConfig::from_toml_str(&text).unwrap())
    };
    assert!(config("degrees = { harbor = 18.2 }").unwrap().is_registered("weather"));
    let error = config("degrees = {}").unwrap_err().to_string();
    assert!(error.contains("`degrees` has no place"), "{error}");
}
