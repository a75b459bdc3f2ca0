//! Which plugins there are to be and how they are set: from documents, code and the environment.

mod documents;
mod environment;
mod files;
mod laws;
mod malformed;
mod merging;
mod ordering;
mod profiles;
mod references;
mod reports;
mod schema;
mod typed;
mod typed_reports;
mod untyped;

use pluginkit::config::{ConfigEntry, ConfigError, ConfigGroup, PluginConfig};

/// The references of a group, joined by spaces, those that are off in brackets.
fn group(config: &PluginConfig, name: &str) -> String {
    let written = |entry: &ConfigEntry| {
        if entry.is_enabled() { entry.reference().to_string() } else { format!("({})", entry.reference()) }
    };
    config.group(name).iter().map(written).collect::<Vec<_>>().join(" ")
}

/// The names of the groups, joined by spaces.
fn groups(config: &PluginConfig) -> String {
    config.groups().iter().map(ConfigGroup::name).collect::<Vec<_>>().join(" ")
}

fn toml(text: &str) -> PluginConfig {
    match PluginConfig::from_toml_str(text) {
        Ok(config) => config,
        Err(error) => panic!("{error}"),
    }
}

fn refused(text: &str) -> ConfigError {
    match PluginConfig::from_toml_str(text) {
        Ok(config) => panic!("accepted as {config:?}"),
        Err(error) => error,
    }
}

/// The place of each problem and what it says.
fn lines(error: &ConfigError) -> Vec<String> {
    error.problems().iter().map(ToString::to_string).collect()
}
