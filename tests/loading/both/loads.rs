//! Loading a configuration for the first time.

use pluginkit::Error;
use pluginkit::config::{EntryBuilder, Location, PluginConfig, ProblemKind, Profile};
use pluginkit::prelude::*;

use super::kind::{Manager, wait};
use crate::plugins::{Auth, Cors, Limiter, Specs};
use crate::toml;

fn manager() -> Manager {
    let pm = Manager::new("loading");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn plugins_are_made_and_registered_in_the_order_listed() {
    let pm = manager();
    let config = toml(
        "[plugins]\nweb = ['store', { id = 'auth', priority = 1 }, 'loading::plugins::Cors']\ntext = ['shout']",
    );
    let report = wait!(pm.load_config(&config)).unwrap();
    assert!(report.skipped().is_empty());
    assert_eq!(report.added(), ["auth", "store", "cors", "shout"]);
    assert_eq!(pm.plugin_names(), report.added());
    assert_eq!(report.to_string(), "added `auth`\nadded `store`\nadded `cors`\nadded `shout`\n");
    wait!(pm.start_all()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["auth[x]", "store localhost:6379[x]", "cors [x]"]);
}

#[test]
fn a_plugin_that_is_not_enabled_is_not_made() {
    let pm = manager();
    let config =
        toml("[plugins]\ndisabled = ['store']\nweb = ['store', { id = 'limiter', enabled = false }, 'auth']");
    assert_eq!(wait!(pm.load_config(&config)).unwrap().added(), ["auth"]);
    assert_eq!(pm.group("web").ids(), ["auth"]);
    let pm = manager();
    assert!(
        wait!(pm.load_config(&toml("[plugins]\nenabled = false\nweb = ['auth']"))).unwrap().is_unchanged()
    );
    assert!(pm.group("web").is_empty());
}

#[derive(serde::Deserialize)]
struct Delay {
    delay_ms: u32,
}

#[test]
fn a_plugin_that_is_not_built_is_told_with_its_cause_and_the_place_of_its_settings() {
    let pm = manager();
    let metadata = pluginkit::metadata::PluginMetadata::new("wiki");
    pm.add_factory(pluginkit::loading::PluginFactory::try_configured(metadata, |settings: Delay| {
        if settings.delay_ms > 60_000 { Err("`delay_ms` is above a minute") } else { Ok(Auth) }
    }));
    let load = |text: &str| wait!(pm.load_config(&toml(text))).unwrap_err().to_string();
    let error = load("[plugins]\nx = ['wiki']\n\n[plugin.wiki]\ndelay_ms = 70000");
    assert_eq!(
        error,
        "plugin `wiki` was not built: `delay_ms` is above a minute; fix the cause, or leave the plugin out; its settings are at <toml>:4:1"
    );
}

#[test]
fn how_a_crate_is_linked_is_told_once() {
    let error = wait!(manager().load_config(&toml("[plugins]\nx = ['one', 'two', 'three']"))).unwrap_err();
    let text = error.to_string();
    assert_eq!(text.matches("no such plugin is linked into this program").count(), 3, "{text}");
    assert_eq!(text.matches("use its_crate as _;").count(), 1, "{text}");
}

#[test]
fn turning_off_a_misspelled_plugin_is_refused_and_one_that_is_not_linked_is_off() {
    let pm = manager();
    let config =
        toml("[plugins]\ndisabled = ['stoer']\nweb = ['store', { id = 'auht', enabled = false }, 'auth']");
    let error = wait!(pm.load_config(&config)).unwrap_err();
    let Error::Config { source, .. } = &error else { panic!("{error}") };
    let problems: Vec<_> = source
        .problems()
        .iter()
        .map(|problem| {
            let line = problem.location().and_then(Location::line).unwrap();
            (problem.kind(), problem.plugin().unwrap(), problem.group(), line, problem.suggestion())
        })
        .collect();
    assert_eq!(
        problems,
        [
            (ProblemKind::UnknownPlugin, "stoer", None, 2, Some("store")),
            (ProblemKind::UnknownPlugin, "auht", Some("web"), 3, Some("auth")),
        ]
    );
    let config =
        toml("[plugins]\ndisabled = ['telemetry']\nweb = [{ id = 'billing', enabled = false }, 'auth']");
    assert_eq!(wait!(pm.load_config(&config)).unwrap().added(), ["auth"]);
}

#[test]
fn a_configuration_that_is_off_as_a_whole_turns_off_nothing_by_itself() {
    let pm = manager();
    let config = toml("[plugins]\nenabled = false\nweb = [{ id = 'auht', enabled = false }]");
    assert!(wait!(pm.load_config(&config)).unwrap().is_unchanged());
    assert!(pm.plugin_names().is_empty());
}

#[test]
fn a_path_means_the_plugin_that_the_host_registered_itself() {
    let pm = manager();
    pm.register_as("auth", Auth).unwrap();
    let own = pm.plugin("auth").unwrap();
    let report =
        wait!(pm.load_config(&toml("[plugins]\nweb = ['loading::plugins::Auth', 'store']"))).unwrap();
    assert_eq!(report.added(), ["store"]);
    assert_eq!(pm.group("web").ids(), ["auth", "store"]);
    assert!(std::sync::Arc::ptr_eq(&own, &pm.plugin("auth").unwrap()));
}

#[test]
fn a_function_has_no_settings() {
    let pm = manager();
    let metadata = pluginkit::metadata::PluginMetadata::new("plain");
    pm.add_factory(pluginkit::loading::PluginFactory::function(metadata, Specs::fetch, |_| {
        "plain".to_owned()
    }));
    let error =
        wait!(pm.load_config(&toml("[plugins]\nweb = ['plain']\n[plugin.plain]\nloud = true"))).unwrap_err();
    assert!(
        error
            .to_string()
            .contains(":4:1: plugin `plain` of group `web`: a function has no settings; remove `loud`"),
        "{error}"
    );
    wait!(pm.load_config(&toml("[plugins]\nweb = ['plain']\n[plugin.plain]"))).unwrap();
}

#[test]
fn a_plugin_of_several_entries_is_made_once() {
    let pm = manager();
    let config = toml("[plugins]\na = ['auth', 'loading::plugins::Auth']\nb = ['auth']");
    assert_eq!(wait!(pm.load_config(&config)).unwrap().added(), ["auth"]);
    assert_eq!((pm.group("a").len(), pm.group("b").len()), (1, 1));
    let [a, b] = [pm.group("a").get_as::<Auth>("auth"), pm.group("b").get_as("auth")].map(Option::unwrap);
    assert!(std::sync::Arc::ptr_eq(&a, &b));
}

#[test]
fn entries_of_one_plugin_with_different_settings_contradict_each_other() {
    let pm = manager();
    let config = toml("[plugins]\na = ['cors']\nb = [{ id = 'cors', config = { origin = 'x' } }]");
    let error = wait!(pm.load_config(&config)).unwrap_err();
    assert!(error.to_string().contains("write the settings of both into `[plugin.cors]`"), "{error}");
    assert!(error.to_string().contains(":3:"), "{error}");
}

#[test]
fn a_plugin_that_the_host_registered_is_taken_as_it_is() {
    let pm = manager();
    pm.register_as("auth", Limiter(1)).unwrap();
    let config = toml("[plugins]\nweb = ['auth', 'cors']\n[plugin.auth]\nwhatever = 1");
    let report = wait!(pm.load_config(&config)).unwrap();
    assert_eq!((report.added(), report.unchanged()), (&["cors".into()][..], &["auth".into()][..]));
    assert_eq!(pm.group("web").get_as::<Limiter>("auth").unwrap().0, 1);
    // It is the host's, also when the configuration has it no more.
    wait!(pm.load_config(&PluginConfig::default())).unwrap();
    assert_eq!(pm.plugin_names(), ["auth"]);
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_nothing_is_registered() {
    let pm = manager();
    let config = toml(
        "[plugins]\nweb = ['cors', 'limiter', 'athu', 'elsewhere']\n[plugin.limiter]\nmax_request = 1\n[plugin.cors]\norigin = 7\n[plugin.stor]\nx = 1",
    );
    let error = wait!(pm.load_config(&config)).unwrap_err();
    let Error::Config { source, .. } = &error else { panic!("{error}") };
    let problems: Vec<_> = source
        .problems()
        .iter()
        .map(|problem| {
            let line = problem.location().and_then(Location::line).unwrap();
            (problem.kind(), problem.plugin().unwrap(), problem.group(), line, problem.suggestion())
        })
        .collect();
    assert_eq!(
        problems,
        [
            (ProblemKind::UnknownPlugin, "athu", Some("web"), 2, Some("auth")),
            (ProblemKind::UnknownPlugin, "elsewhere", Some("web"), 2, None),
            (ProblemKind::Missing, "limiter", Some("web"), 3, None),
            (ProblemKind::UnknownKey, "limiter", Some("web"), 4, Some("max_requests")),
            (ProblemKind::WrongType, "cors", Some("web"), 6, None),
            (ProblemKind::UnknownKey, "stor", None, 7, Some("store")),
        ]
    );
    let text = error.to_string();
    assert!(text.contains("linked are: auth, cors, greet, limiter, shout, store; if its crate is a dependency, name it in code, as in `use its_crate as _;`"), "{text}");
    assert!(
        text.contains(
            "this is a plugin of the project `another-project`, but the manager is of the project `loading`"
        ),
        "{text}"
    );
    assert_eq!(pm.plugin_names(), [""; 0]);
    assert!(pm.groups().is_empty());
}

#[test]
fn a_path_that_means_nothing_is_told_with_a_path_that_does() {
    let pm = manager();
    let error = wait!(pm.load_config(&toml("[plugins]\nweb = ['loading::plugins::Corse']"))).unwrap_err();
    assert!(error.to_string().contains("did you mean `loading::plugins::Cors`?"), "{error}");
    let error = wait!(pm.load_config(&toml("[plugins]\nweb = ['Cors']"))).unwrap_err();
    assert!(error.to_string().contains("did you mean `cors`?"), "{error}");
}

#[test]
fn an_id_that_two_linked_plugins_have_is_no_reference() {
    let pm = Manager::new("doubles");
    let error = wait!(pm.load_config(&toml("[plugins]\nx = ['double']"))).unwrap_err();
    assert_eq!(error.code(), "same_id");
    wait!(pm.load_config(&toml("[plugins]\nx = ['loading::plugins::two::Double']"))).unwrap();
    assert!(pm.plugin_as::<crate::plugins::two::Double>("double").is_some());
}

#[test]
fn an_id_that_two_linked_plugins_have_is_one_error_of_a_load_that_discovers() {
    let error = wait!(Manager::from_config("doubles", (), toml("[plugins]\ndiscover = true"))).unwrap_err();
    assert_eq!(error.errors().iter().map(Error::code).collect::<Vec<_>>(), ["same_id"]);
}

#[test]
fn a_plugin_that_the_manager_refuses_leaves_all_as_it_was() {
    let pm = manager();
    pm.set_blocked("shout");
    let error = wait!(pm.load_config(&toml("[plugins]\na = ['auth', 'shout']"))).unwrap_err();
    assert_eq!(error.code(), "blocked");
    assert_eq!(pm.plugin_names(), [""; 0]);
    pm.unblock("shout");
    wait!(pm.load_config(&toml("[plugins]\na = ['auth', 'shout']"))).unwrap();
}

#[test]
fn settings_come_from_every_source_the_later_over_the_earlier() {
    let file =
        toml("[plugins]\nweb = ['cors']\n[plugin.cors]\norigin = 'file'\n[plugin.cors.ages]\na = 1\nb = 1");
    let code = PluginConfig::builder()
        .entry("web", EntryBuilder::new("cors").config(&toml::toml! { ages = { b = 2 } }))
        .build()
        .unwrap();
    let variables = [("APP_PLUGIN__CORS__ORIGIN", "environment")];
    let config = file.merge(&code).with_env_vars("APP", variables).unwrap();
    let pm = manager();
    wait!(pm.load_config(&config)).unwrap();
    let cors = pm.plugin_as::<Cors>("cors").unwrap();
    assert_eq!(
        (cors.settings.origin.as_str(), &cors.settings.ages),
        ("environment", &[("a".to_owned(), 1), ("b".to_owned(), 2)].into())
    );
}

#[test]
fn settings_may_stand_under_the_path_too() {
    let pm = manager();
    wait!(
        pm.load_config(&toml(
            "[plugins]\nweb = ['cors']\n[plugin.'loading::plugins::Cors']\norigin = 'path'"
        ))
    )
    .unwrap();
    assert_eq!(pm.plugin_as::<Cors>("cors").unwrap().settings.origin, "path");
}

#[test]
fn the_profile_decides_which_plugins_are_registered() {
    let config = toml(
        "[plugins]\nweb = ['auth']\n[profile.production.plugins]\nweb = ['cors']\n[profile.development.plugins]\nweb = ['store']",
    );
    let ids = |profile| {
        let pm = manager();
        wait!(pm.load_config(&config.with_profile(profile))).unwrap();
        pm.plugin_names().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(ids(Profile::Production), ["auth", "cors"]);
    assert_eq!(ids(Profile::Development), ["auth", "store", "cors"]);
}

#[test]
fn managers_load_configurations_of_their_own() {
    let (one, two) = (manager(), manager());
    wait!(one.load_config(&toml("[plugins]\nweb = ['cors']\n[plugin.cors]\norigin = 'one'"))).unwrap();
    wait!(two.load_config(&toml("[plugins]\nweb = ['auth']"))).unwrap();
    assert_eq!(wait!(one.caller(Specs::fetch).call("x")), ["cors one[x]"]);
    assert_eq!(two.group("web").ids(), ["auth"]);
}

#[test]
fn loaded_plugins_take_part_in_the_life_of_the_manager() {
    let pm = manager();
    wait!(pm.load_config(&toml("[plugins]\nweb = ['store']"))).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(pm.descriptor("store").unwrap().state, PluginState::Started);
    wait!(pm.unload_all()).unwrap();
    assert!(pm.group("web").is_empty());
    // What is gone is loaded anew.
    assert_eq!(wait!(pm.load_config(&toml("[plugins]\nweb = ['store']"))).unwrap().added(), ["store"]);
}
