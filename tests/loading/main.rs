//! Plugins that are found, made from configurations, and loaded again when those change.
//!
//! What holds for both managers is in `both`, whose modules are compiled twice. The plugins are declared once, each
//! test's for a project of its own, as what is linked is found by every manager of its project.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "test plugins are nobody's API"
)]
#![allow(clippy::duplicate_mod, reason = "what holds for both managers is compiled for both")]

#[path = "both"]
mod on_sync {
    pub use pluginkit::PluginManager as Manager;

    macro_rules! wait {
        ($call:expr) => {
            $call
        };
    }

    /// The work of a host.
    macro_rules! runs {
        ($work:block) => {
            || $work
        };
    }

    mod discovery;
    mod factories;
    mod groups;
    mod loads;
    mod policies;
    mod reloads;
    mod runs;
    mod schemas;
}

#[path = "both"]
mod on_async {
    pub use pluginkit::AsyncPluginManager as Manager;

    macro_rules! wait {
        ($call:expr) => {
            pluginkit_tests::block_on($call)
        };
    }

    macro_rules! runs {
        ($work:block) => {
            async { $work }
        };
    }

    mod discovery;
    mod factories;
    mod groups;
    mod loads;
    mod policies;
    mod reloads;
    mod runs;
    mod schemas;
}

mod async_functions;
mod crates;
mod fuzz;
mod malformed;
mod patterns;
mod plugins;

use pluginkit::config::PluginConfig;

fn toml(text: &str) -> PluginConfig {
    PluginConfig::from_toml_str(text).unwrap_or_else(|error| panic!("{error}"))
}
