//! Plugins that a configuration turns off: what reports tell of them, and what requires them.

use pluginkit::Error;
use pluginkit::loading::{LoadOptions, LoadPolicy, SkipReason};
use pluginkit::metadata::NamePlace;

use super::kind::{Manager, wait};
use crate::plugins::Specs;
use crate::toml;

fn load(text: &str) -> Result<Manager, Error> {
    wait!(Manager::from_config("reloading", Specs, toml(text)))
}

/// Registers a plugin of the host.
fn register(pm: &Manager, name: &'static str) {
    pm.register_fn(name, Specs::fetch, |args| args.topic.to_owned()).unwrap();
}

#[test]
fn the_report_has_what_the_configuration_turns_off() {
    let text = "[plugins]\ndisabled = ['cache', 'loud']\nx = ['text', 'text']";
    let pm = load(text).unwrap();
    let report = pm.report();
    assert_eq!(report.turned_off, ["cache"]);
    assert_eq!(report.unbound, pm.validate().unwrap());
    let [loud] = &report.unbound[..] else { panic!("{report}") };
    assert_eq!((loud.name.as_str(), &loud.place), ("loud", &NamePlace::Disabled));
    let [twice] = &report.remarks[..] else { panic!("{report}") };
    let shown = report.to_string();
    assert!(shown.contains("\n\nturned off by the configuration\ncache\n"), "{shown}");
    assert!(shown.contains("\nthe configuration turns off `loud`, but no plugin has that name\n"), "{shown}");
    assert!(shown.contains(&format!("\n\nremarks on the configuration\n{twice}\n")), "{shown}");
    assert!(twice.to_string().contains(":3:"), "{twice}");
    // The same load, by its report.
    let report = wait!(pm.load_config(&toml(text))).unwrap();
    let [cache] = report.skipped() else { panic!("{report}") };
    assert!(matches!(cache.reason, SkipReason::Disabled));
    assert!(report.to_string().contains("skipped plugin `cache` (loading::plugins::"), "{report}");
    assert_eq!(report.remarks().len(), 2);
    assert!(report.is_unchanged());
    // Plugins that come have the names.
    register(&pm, "loud");
    register(&pm, "cache");
    assert_eq!((pm.report().turned_off.len(), pm.validate().unwrap().len()), (0, 0));
    pm.unregister("loud").unwrap();
    pm.unregister("cache").unwrap();
    assert_eq!((pm.report().turned_off.len(), pm.validate().unwrap().len()), (1, 1));
    // The next load tells of its own.
    wait!(pm.load_config(&toml("[plugins]\nx = ['text', { id = 'cache', enabled = false }]"))).unwrap();
    let report = pm.report();
    assert_eq!(
        (&report.turned_off[..], report.unbound.len(), report.remarks.len()),
        (&["cache".into()][..], 0, 0)
    );
    wait!(pm.load_config(&toml("[plugins]\nx = ['text']"))).unwrap();
    assert!(pm.report().turned_off.is_empty());
}

#[test]
fn a_load_that_fails_changes_nothing_of_the_report() {
    let pm = load("[plugins]\ndisabled = ['cache', 'loud']\nx = ['text']").unwrap();
    let before = pm.report().to_string();
    wait!(pm.load_config(&toml("[plugins]\nx = ['nobody']"))).unwrap_err();
    assert_eq!(pm.report().to_string(), before);
}

const WRONG: &str = "[plugins]\ndisabled = ['core']\nx = ['text', 'cache']";

#[test]
fn turning_off_what_another_requires_is_refused_where_it_is_turned_off() {
    let expected = ":2:13: plugin `text`: it requires `core`, which is turned off here; turn `core` on, or turn `text` off, too";
    let error = load(WRONG).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
    // A reload says the same, and changes nothing.
    let pm = load("[plugins]\nx = ['text', 'cache']").unwrap();
    wait!(pm.start_all()).unwrap();
    let error = wait!(pm.load_config(&toml(WRONG))).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
    assert_eq!(pm.plugin_names(), ["text", "cache", "core"]);
    let in_group = "[plugins]\nx = ['text', { id = 'core', enabled = false }]";
    let error = load(in_group).unwrap_err().to_string();
    assert!(error.contains(":2:14: plugin `text`: it requires `core`"), "{error}");
    // A lenient load leaves out what requires it.
    let lenient = LoadOptions::new().failing(LoadPolicy::Skip);
    let report = wait!(pm.load_config_with(&toml(WRONG), lenient)).unwrap();
    assert_eq!(pm.plugin_names(), ["cache"]);
    let skipped: Vec<_> = report.skipped().iter().map(|skipped| skipped.plugin.as_str()).collect();
    assert_eq!(skipped, ["core", "text"]);
}

#[test]
fn the_host_may_register_what_is_turned_off() {
    let pm = load("[plugins]\nx = ['cache']").unwrap();
    register(&pm, "core");
    wait!(pm.load_config(&toml(WRONG))).unwrap();
    assert_eq!(pm.plugin_names().len(), 3);
    // Another manager has what the host registers later.
    let pm = Manager::new("reloading");
    pm.add_extension_points(Specs).unwrap();
    wait!(pm.load_config(&toml(WRONG))).unwrap();
    register(&pm, "core");
    wait!(pm.start_all()).unwrap();
}

#[test]
fn a_reload_that_drops_what_another_requires_advises_on_the_configuration() {
    let pm = Manager::new("reloading");
    pm.add_extension_points(Specs).unwrap();
    wait!(pm.load_config(&toml("[plugins]\nx = ['core', 'text']"))).unwrap();
    let error = wait!(pm.load_config(&toml("[plugins]\nx = ['text']"))).unwrap_err();
    assert_eq!(error.code(), "has_dependents");
    assert!(
        error.to_string().ends_with("text; list it again, or take those out of the configuration, too"),
        "{error}"
    );
    let error = wait!(pm.remove("core")).unwrap_err().to_string();
    assert!(
        error.ends_with("text; remove those first, or all at once with `remove_with_dependents`"),
        "{error}"
    );
}
