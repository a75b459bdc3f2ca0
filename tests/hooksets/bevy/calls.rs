//! A program, put together.

use std::sync::atomic::Ordering;

use pluginkit::prelude::*;

use super::plugins::{DefaultPlugins, Loader, Render, Windows};
use super::types::{App, PluginGroupBuilder};
use super::{Plugin, PluginGroup};

fn manager() -> PluginManager {
    let pm = PluginManager::new("bevy");
    pm.add_extension_points(Plugin).unwrap();
    pm.add_extension_points(PluginGroup).unwrap();
    pm.register(Windows).unwrap();
    pm.register(Render).unwrap();
    pm.register_as("images", Loader("read images")).unwrap();
    pm.register_as("sounds", Loader("read sounds")).unwrap();
    pm
}

#[test]
fn plugins_build_an_app_and_finish_it_when_all_are_ready() {
    let pm = manager();
    assert_eq!(pm.extension_points().len(), 7);
    let mut app = App::default();
    pm.caller(Plugin::build).call(&mut app);
    assert_eq!(app.systems, ["events", "draw later", "setup", "read images", "setup", "read sounds"]);
    let ready = pm.caller(Plugin::ready);
    assert!(!ready.call(&app));
    assert!(ready.without(["Render"]).call(&app));
    app.device.store(true, Ordering::Relaxed);
    assert!(ready.call(&app));
    pm.caller(Plugin::finish).call(&mut app);
    pm.caller(Plugin::cleanup).call(&mut app);
    assert_eq!(app.systems, ["events", "draw", "read images", "read sounds"]);
}

#[test]
fn a_plugin_is_unique_unless_it_says_otherwise() {
    let is_unique = manager().caller(Plugin::is_unique);
    assert_eq!(is_unique.only(["Windows"]).call(), [true]);
    assert_eq!(is_unique.only(["images"]).call(), [false]);
    assert_eq!(is_unique.call(), [false, false]);
}

#[test]
fn a_group_lists_its_plugins() {
    let pm = manager();
    pm.register(DefaultPlugins).unwrap();
    assert_eq!(pm.caller(PluginGroup::name).call(), ["default"]);
    let groups = pm.caller(PluginGroup::build).call();
    assert_eq!(groups, [PluginGroupBuilder(vec!["Windows", "Render"])]);
    let mut app = App::default();
    pm.caller(Plugin::build).only(groups[0].0.iter().copied()).call(&mut app);
    assert_eq!(app.systems, ["events", "draw later"]);
}
