//! Policies for plugins that cannot be loaded.

use pluginkit::loading::{LoadOptions, LoadPolicy};

use super::kind::{Manager, wait};
use crate::plugins::{Cors, Specs};
use crate::toml;

fn manager() -> Manager {
    let pm = Manager::new("loading");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn missing_plugins_may_be_left_out_and_are_reported() {
    let pm = manager();
    let config = toml("[plugins]\nweb = ['auth', 'nobody', 'cors']\n[plugin.nothing]\nx = 1");
    let options = LoadOptions::new().missing(LoadPolicy::Skip);
    let report = wait!(pm.load_config_with(&config, options)).unwrap();
    assert_eq!(report.added(), ["auth", "cors"]);
    assert_eq!(pm.group("web").ids(), ["auth", "cors"]);
    let skipped: Vec<_> = report.skipped().iter().map(|skipped| skipped.plugin.as_str()).collect();
    assert_eq!(skipped, ["nobody", "nothing"]);
    assert!(report.skipped()[0].error().unwrap().to_string().contains("no such plugin is linked"));
    // A plugin that fails is another matter.
    let config = toml("[plugins]\nweb = ['auth', 'limiter']");
    assert!(wait!(manager().load_config_with(&config, options)).is_err());
}

#[test]
fn failing_plugins_may_be_left_out_and_the_others_keep_their_order() {
    let pm = manager();
    pm.set_blocked("shout");
    let config = toml(
        "[plugins]\nweb = ['auth', 'cors', 'limiter', 'shout', 'store']\n[plugin.cors]\norigin = 'nowhere'",
    );
    let options = LoadOptions::new().failing(LoadPolicy::Skip);
    let report = wait!(pm.load_config_with(&config, options)).unwrap();
    assert_eq!(report.added(), ["auth", "store"]);
    assert_eq!(pm.group("web").ids(), ["auth", "store"]);
    let skipped: Vec<_> = report
        .skipped()
        .iter()
        .map(|skipped| (skipped.plugin.as_str(), skipped.error().unwrap().code()))
        .collect();
    assert_eq!(skipped, [("cors", "factory"), ("limiter", "config"), ("shout", "blocked")]);
    assert!(report.skipped()[0].to_string().starts_with("plugin `cors` (loading::plugins::Cors): "));
    // A reference to nobody is another matter.
    assert!(wait!(manager().load_config_with(&toml("[plugins]\nweb = ['nobody']"), options)).is_err());
}

#[test]
fn a_plugin_that_fails_to_change_stays_as_it_was() {
    let pm = manager();
    let config = |origin: &str| {
        toml(&format!("[plugins]\nweb = ['cors', 'auth']\n[plugin.cors]\norigin = '{origin}'"))
    };
    wait!(pm.load_config(&config("here"))).unwrap();
    let report = wait!(pm.load_config_with(&config("nowhere"), LoadPolicy::Skip)).unwrap();
    assert_eq!((report.reconfigured(), report.skipped().len()), (&[][..], 1));
    assert_eq!(pm.plugin_as::<Cors>("cors").unwrap().settings.origin, "here");
    assert_eq!(pm.group("web").ids(), ["cors", "auth"]);
    // It is still known to be loaded, with its old settings.
    assert!(wait!(pm.load_config(&config("here"))).unwrap().is_unchanged());
    assert_eq!(wait!(pm.load_config(&config("there"))).unwrap().reconfigured(), ["cors"]);
    assert_eq!(wait!(pm.load_config(&toml(""))).unwrap().removed(), ["cors", "auth"]);
}
