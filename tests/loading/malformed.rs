//! Documents of every kind, random ones too: an error or a load, never a panic, and an error changes nothing.

use pluginkit::PluginManager;
use pluginkit::config::PluginConfig;
use proptest::prelude::*;

use crate::plugins::Specs;

fn manager() -> PluginManager {
    let pm = PluginManager::new("loading");
    pm.add_extension_points(Specs).unwrap();
    let first =
        PluginConfig::from_toml_str("[plugins]\nweb = ['cors', 'auth']\n[plugin.cors]\norigin = 'here'");
    pm.load_config(&first.unwrap()).unwrap();
    pm
}

/// Loads a document if it is one; whether that went well, all is as the report says, and else as it was.
fn load(text: &str) {
    let Ok(config) = PluginConfig::from_toml_str(text) else { return };
    let pm = manager();
    let (before, group) = (pm.plugin_names(), pm.group("web").ids());
    match pm.load_config(&config) {
        Err(_) => assert_eq!((pm.plugin_names(), pm.group("web").ids()), (before, group), "{text}"),
        Ok(report) => {
            let mut there: Vec<_> = [report.added(), report.unchanged(), report.reconfigured()].concat();
            let mut names = pm.plugin_names();
            there.sort();
            names.sort();
            assert_eq!(there, names, "{text}");
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "cors",
        "auth",
        "limiter",
        "shout",
        "store",
        "nobody",
        "loading::plugins::Cors",
        "::",
        "a b",
        "",
    ]);
    let value = prop_oneof![
        Just("7".to_owned()),
        Just("-1.5".to_owned()),
        Just("true".to_owned()),
        Just("1979-05-27".to_owned()),
        Just("{ a = [] }".to_owned()),
        name.clone().prop_map(|name| format!("'{name}'")),
        prop::collection::vec(name.clone(), 0..4).prop_map(|names| format!(
            "[{}]",
            names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
        )),
        (name.clone(), any::<bool>())
            .prop_map(|(id, enabled)| format!("[{{ id = '{id}', enabled = {enabled} }}]")),
    ];
    let key = prop::sample::select(vec![
        "web",
        "enabled",
        "disabled",
        "origin",
        "max_requests",
        "port",
        "host",
        "id",
    ]);
    prop_oneof![
        3 => (key, value).prop_map(|(key, value)| format!("{key} = {value}")),
        1 => Just("[plugins]".to_owned()),
        2 => name.prop_map(|name| format!("[plugin.'{name}']")),
        1 => Just("[profile.development.plugins]".to_owned()),
    ]
}

proptest! {
    #[test]
    fn documents_put_together_at_random_are_loaded_or_refused(lines in prop::collection::vec(line(), 0..8)) {
        load(&lines.join("\n"));
    }

    #[test]
    fn noise_is_loaded_or_refused(text in "[\\PC\n\\[\\]=\"'{}.]{0,60}") {
        load(&text);
    }
}

#[test]
fn each_kind_of_mistake_is_refused_and_leaves_the_manager_alone() {
    for text in [
        "[plugins]\nweb = ['nobody']",
        "[plugins]\nweb = ['other_crate::Type']",
        "[plugins]\nweb = ['limiter']",
        "[plugins]\nweb = ['cors']\n[plugin.cors]\norigin = 7",
        "[plugins]\nweb = ['cors']\n[plugin.cors]\norigins = 'x'",
        "[plugins]\nweb = ['cors']\n[plugin.cors]\norigin = 'nowhere'",
        "[plugins]\nweb = ['limiter']\n[plugin.limiter]\nmax_requests = 99999999999",
        "[plugins]\nweb = []\n[plugin.corse]\norigin = 'x'",
    ] {
        let pm = manager();
        let config = PluginConfig::from_toml_str(text).unwrap();
        assert!(pm.load_config(&config).is_err(), "{text}");
        assert_eq!(pm.group("web").ids(), ["cors", "auth"], "{text}");
    }
}
