//! Time limits of plugins that a configuration adds.

use pluginkit::loading::PluginFactory;
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
