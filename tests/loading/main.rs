//! Plugins that are discovered, made from configurations, and loaded again when those change.
//!
//! Rules that hold for both managers are in `both`, which is compiled twice, as in `tests/behaviour`. Each test's plugins
//! belong to a project of its own, as every manager of a project discovers all of them.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "plugins of tests have no users"
)]
#![allow(clippy::duplicate_mod, reason = "both managers pass the same tests")]

#[path = "."]
mod on_sync {
    use pluginkit_tests::on_sync as kind;

    mod both;
}

#[path = "."]
mod on_async {
    use pluginkit_tests::on_async as kind;

    mod both;
}

mod async_functions;
mod concurrency;
mod crates;
mod dropped;
mod functions;
mod fuzz;
mod malformed;
mod patterns;
mod plugins;
mod timeouts;

use pluginkit::config::PluginConfig;

fn toml(text: &str) -> PluginConfig {
    PluginConfig::from_toml_str(text).unwrap_or_else(|error| panic!("{error}"))
}
