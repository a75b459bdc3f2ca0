//! Time limits of plugins that a configuration adds.

use pluginkit::loading::{Discovery, PluginFactory};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;

use crate::toml;

/// A plugin whose start never ends.
struct Slow;

#[extension]
impl Lifecycle for Slow {
    async fn start(&self) -> Result<(), BoxError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn the_limits_of_a_configuration_bound_the_start_of_a_plugin_that_it_adds() {
    let pm = AsyncPluginManager::new("slow");
    pm.add_factory(PluginFactory::new(PluginMetadata::new("slow"), || Slow));
    pm.start_all().await.unwrap();
    let config = toml("[plugins]\nall = ['slow']\n[limits.slow]\ntimeout = '10ms'");
    let error = pm.load_config(&config).await.unwrap_err();
    assert_eq!((error.plugin().unwrap().as_str(), error.code()), ("slow", "start"));
    assert!(pm.plugin_names().is_empty());
}

#[tokio::test]
async fn the_limits_of_a_configuration_bound_the_start_of_a_plugin_that_is_discovered() {
    let config = toml("[limits.slow]\ntimeout = '10ms'");
    let slow = || {
        let pm = AsyncPluginManager::new("slow");
        pm.add_factory(PluginFactory::new(PluginMetadata::new("slow"), || Slow));
        pm
    };
    let pm = slow();
    pm.start_all().await.unwrap();
    let error = pm.discover_with(Discovery::new().config(&config)).await.unwrap_err();
    assert_eq!((error.plugin().unwrap().as_str(), error.code()), ("slow", "start"));
    assert!(pm.plugin_names().is_empty());
    // One that fails is left out.
    let pm = slow();
    pm.start_all().await.unwrap();
    let report = pm.discover_with(Discovery::new().config(&config).ignore_errors(true)).await.unwrap();
    let slow = report.skipped().iter().find(|skipped| skipped.plugin == "slow").unwrap();
    assert_eq!(slow.error().unwrap().code(), "start");
    assert!(pm.plugin_names().is_empty());
}
