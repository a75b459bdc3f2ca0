//! The places of services that phases provide, through loads.

use std::sync::Arc;

use pluginkit::loading::PluginFactory;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;

use super::kind::{Manager, implement, wait};
use crate::toml;

#[extension_point(service)]
trait Tool: Send + Sync {
    fn name(&self) -> String;
}

struct Named(String);

impl Tool for Named {
    fn name(&self) -> String {
        self.0.clone()
    }
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Settings {
    version: String,
    fails: bool,
}

/// A plugin whose start provides a tool of its name.
struct Kit {
    name: &'static str,
    settings: Settings,
}

implement! {
    #[extension]
    impl Lifecycle for Kit {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            cx.provide::<dyn Tool>(Arc::new(Named(format!("{}{}", self.name, self.settings.version))))?;
            if self.settings.fails { Err("told to".into()) } else { Ok(()) }
        }
    }
}

type Plugins = [(&'static str, &'static [&'static str])];

/// Returns a manager that has loaded these plugins, each with what it requires. A `!` before a name makes it exclusive.
fn loaded(plugins: &Plugins, order: &[&str]) -> Manager {
    let pm = Manager::new("places");
    for (name, requires) in plugins {
        let (name, exclusive) = name.strip_prefix('!').map_or((*name, false), |name| (name, true));
        let metadata = PluginMetadata::new(name).requires(requires.iter().copied()).exclusive(exclusive);
        pm.add_factory(PluginFactory::configured(metadata, move |settings| Kit { name, settings }));
    }
    load(&pm, order, "").unwrap();
    pm
}

fn running(plugins: &Plugins, order: &[&str]) -> Manager {
    let pm = loaded(plugins, order);
    wait!(pm.start_all()).unwrap();
    pm
}

fn load(pm: &Manager, plugins: &[&str], settings: &str) -> Result<(), pluginkit::Error> {
    wait!(pm.load_config(&toml(&format!("[plugins]\nall = {plugins:?}\n{settings}")))).map(drop)
}

fn found(pm: &Manager) -> String {
    pm.services::<dyn Tool>().iter().map(|tool| tool.name()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_plugin_that_is_made_anew_provides_in_the_place_of_the_old_one() {
    for names in [["a", "b", "c"], ["!a", "b", "c"], ["!a", "!b", "!c"]] {
        // `b` is made anew, or restarted, with `a`.
        let all = ["a", "b", "c"];
        let pm = running(&[(names[0], &[]), (names[1], &["a"]), (names[2], &[])], &all);
        assert_eq!(found(&pm), "a b c");
        load(&pm, &all, "[plugin.a]\nversion = '2'").unwrap();
        assert_eq!(found(&pm), "a2 b c");
        // A load that fails leaves everything where it was.
        load(&pm, &all, "[plugin.a]\nversion = '3'\nfails = true").unwrap_err();
        assert_eq!(found(&pm), "a2 b c");
        load(&pm, &all, "[plugin.a]\nversion = '3'\n[plugin.b]\nversion = '3'\nfails = true").unwrap_err();
        assert_eq!(found(&pm), "a2 b c");
        load(&pm, &all, "[plugin.a]\nversion = '4'\n[plugin.b]\nversion = '4'").unwrap();
        assert_eq!(found(&pm), "a4 b4 c");
        wait!(pm.stop_all()).unwrap();
        load(&pm, &all, "[plugin.a]\nversion = '5'").unwrap();
        wait!(pm.start_plugin("c")).unwrap();
        wait!(pm.start_all()).unwrap();
        assert_eq!(found(&pm), "a5 b c");
    }
}

#[test]
fn a_new_order_is_that_of_a_fresh_start() {
    let plugins: &Plugins = &[("a", &[]), ("b", &[]), ("c", &["a"]), ("d", &[])];
    let fresh = |order: &[&str]| found(&running(plugins, order));
    let pm = running(plugins, &["a", "b", "c", "d"]);
    for order in [["d", "c", "b", "a"], ["c", "d", "a", "b"], ["b", "a", "d", "c"], ["a", "b", "c", "d"]] {
        load(&pm, &order, "").unwrap();
        assert_eq!(found(&pm), fresh(&order), "{order:?}");
        // Together with a plugin that changes.
        load(&pm, &["a", "b", "c", "d"], "[plugin.b]\nversion = '2'").unwrap();
        load(&pm, &order, "").unwrap();
        assert_eq!(found(&pm), fresh(&order), "{order:?}");
    }
    // A plugin that is stopped meanwhile has its place in the new order, too.
    wait!(pm.stop_plugin("d")).unwrap();
    load(&pm, &["d", "c", "b", "a"], "").unwrap();
    assert_eq!(found(&pm), "b a c");
    wait!(pm.start_plugin("d")).unwrap();
    assert_eq!(found(&pm), fresh(&["d", "c", "b", "a"]));
}

#[test]
fn a_load_that_moves_no_plugin_leaves_services_where_they_are() {
    let pm = loaded(&[("a", &[]), ("b", &[])], &["a", "b"]);
    wait!(pm.start_plugin("b")).unwrap();
    wait!(pm.start_plugin("a")).unwrap();
    assert_eq!(found(&pm), "b a");
    load(&pm, &["a", "b"], "[plugin.a]\nversion = '2'").unwrap();
    assert_eq!(found(&pm), "b a2");
}

#[test]
fn places_of_the_host_and_of_its_plugins_stay_among_those_of_a_new_order() {
    let pm = running(&[("a", &[]), ("b", &[])], &["a", "b"]);
    let host = pm.provide::<dyn Tool>(Arc::new(Named("host".to_owned()))).unwrap();
    pm.add_factory(PluginFactory::configured(PluginMetadata::new("c"), |settings| Kit {
        name: "c",
        settings,
    }));
    load(&pm, &["a", "b", "c"], "").unwrap();
    assert_eq!(found(&pm), "a b host c");
    load(&pm, &["c", "b", "a"], "").unwrap();
    assert_eq!(found(&pm), "c b host a");
    assert!(pm.withdraw(host));
    assert_eq!(found(&pm), "c b a");
}
