//! Plugins in the manner of those of a game engine.

use pluginkit::prelude::*;

use super::types::{App, PluginGroupBuilder};
use super::{Plugin, PluginGroup};

pub(crate) struct Windows;

#[extension]
impl Plugin for Windows {
    fn build(&self, app: &mut App) {
        app.systems.push("events");
    }
}

/// Draws as soon as there is a device.
pub(crate) struct Render;

#[extension]
impl Plugin for Render {
    fn build(&self, app: &mut App) {
        app.systems.push("draw later");
    }

    fn ready(&self, app: &App) -> bool {
        app.has_device()
    }

    fn finish(&self, app: &mut App) {
        app.replace("draw later", "draw");
    }

    fn cleanup(&self, app: &mut App) {
        app.systems.retain(|system| *system != "setup");
    }
}

/// Reads one kind of files. There may be several.
pub(crate) struct Loader(pub(crate) &'static str);

#[extension]
impl Plugin for Loader {
    fn build(&self, app: &mut App) {
        app.systems.extend(["setup", self.0]);
    }

    fn is_unique(&self) -> bool {
        false
    }
}

/// The plugins of most games.
pub(crate) struct DefaultPlugins;

#[extension]
impl PluginGroup for DefaultPlugins {
    fn build(&self) -> PluginGroupBuilder {
        PluginGroupBuilder(vec!["Windows", "Render"])
    }

    fn name(&self) -> String {
        "default".to_owned()
    }
}
