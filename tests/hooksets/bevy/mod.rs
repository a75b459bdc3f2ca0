//! The plugins and plugin groups of Bevy, a game engine.
//!
//! The host asks each plugin for `is_unique` when it comes. The name of a plugin, by default that of its type, is the id of
//! the plugin here. A group is a builder that its host consumes: a point asks for it by reference.

mod calls;
mod plugins;
mod types;

use pluginkit::prelude::*;
use pluginkit::reduce::All;

use types::{App, PluginGroupBuilder};

#[extension_point(project = "bevy")]
pub(crate) trait Plugin {
    fn build(&self, app: &mut App);

    /// The host goes on as soon as all plugins are ready.
    #[extension_point(reduce = All)]
    fn ready(&self, _app: &App) -> bool {
        true
    }

    fn finish(&self, _app: &mut App) {}

    fn cleanup(&self, _app: &mut App) {}

    fn is_unique(&self) -> bool {
        true
    }
}

#[extension_point(project = "bevy")]
pub(crate) trait PluginGroup {
    fn build(&self) -> PluginGroupBuilder;

    fn name(&self) -> String;
}
