//! Loading a configuration that has changed.

use std::sync::{Arc, Mutex, OnceLock, Weak};

use pluginkit::config::PluginConfig;
use pluginkit::loading::{LoadOptions, LoadPolicy};
use pluginkit::observe::Event;
use pluginkit::prelude::*;

use super::kind::{Manager, implement, wait};
use crate::plugins::{Core, Log, Specs};
use crate::toml;

fn manager() -> Manager {
    let pm = Manager::new("reloading");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn log(pm: &Manager) -> String {
    pm.shared_state().get_or_insert_with(Log::default).take().join(", ")
}

fn config(plugins: &str, settings: &str) -> PluginConfig {
    toml(&format!("[plugins]\ng = [{plugins}]\n{settings}"))
}

#[test]
fn loading_the_same_again_does_nothing() {
    let pm = manager();
    let config = config("'core', 'text'", "[plugin.core]\nsky = 'grey'");
    wait!(pm.load_config(&config)).unwrap();
    wait!(pm.start_all()).unwrap();
    log(&pm);
    let core = pm.plugin_as::<Core>("core").unwrap();
    let report = wait!(pm.load_config(&config)).unwrap();
    assert!(report.is_unchanged());
    assert_eq!(report.unchanged(), ["core", "text"]);
    assert_eq!(report.to_string(), "no plugin changed\n");
    assert!(Arc::ptr_eq(&core, &pm.plugin_as::<Core>("core").unwrap()));
    assert_eq!(log(&pm), "");
}

#[test]
fn the_difference_is_applied_and_reported() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'cache'", ""))).unwrap();
    let report = wait!(pm.load_config(&config("'core', 'text'", "[plugin.core]\nsky = 'blue'"))).unwrap();
    assert_eq!(report.to_string(), "added `text`\nremoved `cache`\nreconfigured `core`\n");
    assert_eq!(pm.plugin_names(), ["core", "text"]);
    assert_eq!(pm.plugin_as::<Core>("core").unwrap().0.sky, "blue");
}

#[test]
fn a_changed_plugin_keeps_its_place() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'text', 'cache'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    let caller = pm.caller(Specs::fetch);
    wait!(pm.load_config(&config("'core', 'text', 'cache'", "[plugin.text]\nsky = 'new'"))).unwrap();
    assert_eq!(wait!(caller.call("x")), ["core ", "text new", "cache "]);
    assert_eq!(wait!(caller.within_group("g").call("x")), ["core ", "text new", "cache "]);
    assert_eq!(pm.plugin_names(), ["core", "text", "cache"]);
}

#[test]
fn a_new_plugin_has_its_place_among_the_others() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'cache'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    pm.register_fn("own", Specs::fetch, |_| "own".to_owned()).unwrap();
    let caller = pm.caller(Specs::fetch);
    let group = caller.within_group("g");
    wait!(group.call("x"));
    let report = wait!(pm.load_config(&config("'core', 'text', 'cache'", ""))).unwrap();
    assert_eq!(report.to_string(), "added `text`\n");
    assert_eq!(wait!(group.call("x")), ["core ", "text ", "cache "]);
    // They share the places they have, of which the new one is behind the host's own plugin.
    assert_eq!(wait!(caller.call("x")), ["core ", "text ", "own", "cache "]);
    assert_eq!(pm.plugin_names(), ["core", "text", "own", "cache"]);
}

#[test]
fn an_order_that_changes_is_applied_and_reported() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'text', 'cache'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    log(&pm);
    pm.disable("core", "for a while").unwrap();
    let core = pm.plugin_as::<Core>("core").unwrap();
    let caller = pm.caller(Specs::fetch);
    assert_eq!(wait!(caller.call("x")), ["text ", "cache "]);
    let report = wait!(pm.load_config(&config("'cache', 'core', 'text'", ""))).unwrap();
    assert_eq!(
        (report.to_string().as_str(), report.is_unchanged()),
        ("moved `cache`\nregrouped `g`\n", false)
    );
    assert_eq!(report.moved(), ["cache"]);
    assert_eq!(report.unchanged(), ["cache", "core", "text"]);
    assert_eq!(pm.plugin_names(), ["cache", "core", "text"]);
    assert_eq!(
        (wait!(caller.call("x")), log(&pm)),
        (vec!["cache ".to_owned(), "text ".to_owned()], String::new())
    );
    pm.set_enabled("core", true).unwrap();
    assert_eq!(wait!(caller.call("x")), ["cache ", "core ", "text "]);
    assert!(Arc::ptr_eq(&core, &pm.plugin_as::<Core>("core").unwrap()));
    // With other changes, too; and who has moved can leave.
    let report =
        wait!(pm.load_config(&config("'text', 'core', 'cache'", "[plugin.core]\nsky = 'new'"))).unwrap();
    assert_eq!(
        report.to_string(),
        "reconfigured `core`\nmoved `core`\nmoved `cache`\nrebuilt `text`, because it uses `core`\nregrouped `g`\n"
    );
    assert_eq!(wait!(caller.call("x")), ["text ", "core new", "cache "]);
    assert!(pm.unregister("cache").is_some());
    assert_eq!(wait!(caller.call("x")), ["text ", "core new"]);
    let report = wait!(pm.load_config(&config("'core', 'text'", "[plugin.core]\nsky = 'new'"))).unwrap();
    assert_eq!(report.to_string(), "moved `text`\nregrouped `g`\n");
    assert_eq!(wait!(caller.call("x")), ["core new", "text "]);
}

#[test]
fn calls_during_a_change_see_the_old_plugin_or_the_new_one() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'cache'", "[plugin.core]\nsky = '0'"))).unwrap();
    wait!(pm.start_all()).unwrap();
    let over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let calls = scope.spawn(|| {
            let caller = pm.caller(Specs::fetch);
            let mut count = 0;
            while !over.load(std::sync::atomic::Ordering::Relaxed) || count == 0 {
                let answers = wait!(caller.call("x"));
                assert!(answers.len() == 2 && answers[0].starts_with("core "), "{answers:?}");
                count += 1;
            }
        });
        for sky in 1..200 {
            wait!(pm.load_config(&config("'core', 'cache'", &format!("[plugin.core]\nsky = '{sky}'"))))
                .unwrap();
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        calls.join().unwrap();
    });
}

#[test]
fn a_started_plugin_that_changes_starts_with_its_dependents_before_the_old_ones_stop() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'text', 'cache'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(log(&pm), "start core, start text, start cache");
    wait!(pm.load_config(&config("'core', 'text', 'cache'", "[plugin.core]\nsky = 'new'"))).unwrap();
    assert_eq!(log(&pm), "start core, start text, stop text, stop core");
    let running = pm.descriptors().iter().all(|descriptor| descriptor.state == PluginState::Started);
    assert!(running);
}

#[test]
fn a_removed_plugin_is_stopped() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'text', 'cache'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    log(&pm);
    wait!(pm.load_config(&config("'core', 'cache'", ""))).unwrap();
    assert_eq!(log(&pm), "stop text");
    assert!(!pm.is_registered("text"));
}

#[test]
fn a_new_plugin_starts_in_a_manager_that_runs() {
    let pm = manager();
    wait!(pm.load_config(&config("'core'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    log(&pm);
    wait!(pm.load_config(&config("'core', 'cache'", ""))).unwrap();
    assert_eq!(log(&pm), "start cache");
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["core ", "cache "]);
    wait!(pm.stop_all()).unwrap();
    log(&pm);
    wait!(pm.load_config(&config("'core', 'cache', 'text'", ""))).unwrap();
    assert_eq!(log(&pm), "");
    assert_eq!(pm.descriptor("text").unwrap().state, PluginState::Loaded);
    wait!(pm.start_all()).unwrap();
    assert_eq!(log(&pm), "start core, start cache, start text");
}

#[test]
fn a_plugin_that_another_requires_is_not_removed() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'text'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    log(&pm);
    let error = wait!(pm.load_config(&config("'text'", ""))).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("has_dependents", "core"));
    assert_eq!((pm.plugin_names(), log(&pm)), (vec!["core".into(), "text".into()], String::new()));
    // Both together do.
    wait!(pm.load_config(&config("", ""))).unwrap();
    assert_eq!(log(&pm), "stop text, stop core");
}

#[test]
fn a_load_that_is_refused_leaves_everything_running() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'text'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    log(&pm);
    let core = pm.plugin_as::<Core>("core").unwrap();
    let settings = "[plugin.core]\nsky = 'new'\n[plugin.cache]\nskies = 1";
    wait!(pm.load_config(&config("'core', 'cache'", settings))).unwrap_err();
    assert_eq!(log(&pm), "");
    // The manager refuses one, and no other has changed.
    pm.set_blocked("cache");
    let error = wait!(pm.load_config(&config("'core', 'cache'", "[plugin.core]\nsky = 'new'"))).unwrap_err();
    assert_eq!(error.code(), "blocked");
    assert_eq!(log(&pm), "");
    assert!(Arc::ptr_eq(&core, &pm.plugin_as::<Core>("core").unwrap()));
    assert_eq!(pm.group("g").ids(), ["core", "text"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["core ", "text "]);
}

#[test]
fn a_change_that_fails_to_start_is_taken_back() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'text', 'cache'", "[plugin.core]\nsky = 'old'"))).unwrap();
    wait!(pm.start_all()).unwrap();
    log(&pm);
    let failing = "[plugin.core]\nsky = 'new'\nfails = true";
    let error = wait!(pm.load_config(&config("'core', 'text'", failing))).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("start", "core"));
    assert_eq!(pm.plugin_names(), ["core", "text", "cache"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["core old", "text ", "cache "]);
    let running = pm.descriptors().iter().all(|descriptor| descriptor.state == PluginState::Started);
    assert!(running, "{:?}", pm.descriptors());
    // It is loaded still as it was.
    let old = config("'core', 'text', 'cache'", "[plugin.core]\nsky = 'old'");
    assert!(wait!(pm.load_config(&old)).unwrap().is_unchanged());
}

#[test]
fn services_of_a_change_that_is_taken_back_are_there_again() {
    #[extension_point(service)]
    trait Sky: Send + Sync {
        fn sky(&self) -> String;
    }
    struct Offers(String);
    #[extension(service)]
    impl Sky for Offers {
        fn sky(&self) -> String {
            self.0.clone()
        }
    }
    #[derive(serde::Deserialize)]
    struct Settings {
        sky: String,
    }

    let pm = manager();
    let metadata = pluginkit::metadata::PluginMetadata::new("offers");
    pm.add_factory(pluginkit::loading::PluginFactory::configured(metadata, |settings: Settings| {
        Offers(settings.sky)
    }));
    let config = |more: &str, sky: &str| {
        config(&format!("'offers'{more}"), &format!("[plugin.offers]\nsky = '{sky}'"))
    };
    wait!(pm.load_config(&config("", "old"))).unwrap();
    pm.set_blocked("cache");
    wait!(pm.load_config(&config(", 'cache'", "new"))).unwrap_err();
    let skies = || pm.services::<dyn Sky>().iter().map(|sky| sky.sky()).collect::<Vec<_>>();
    assert_eq!(skies(), ["old"]);
    wait!(pm.load_config(&config("", "new"))).unwrap();
    assert_eq!(skies(), ["new"]);
    // Those of one priority stand as their plugins do.
    pm.add_factory(pluginkit::loading::PluginFactory::new(
        pluginkit::metadata::PluginMetadata::new("other"),
        || Offers("other".to_owned()),
    ));
    wait!(pm.load_config(&config(", 'other'", "newer"))).unwrap();
    assert_eq!(skies(), ["newer", "other"]);
    wait!(pm.load_config(&config(", 'other'", "newest"))).unwrap();
    assert_eq!(skies(), ["newest", "other"]);
    wait!(pm.load_config(&toml("[plugins]\ng = ['other', 'offers']\n[plugin.offers]\nsky = 'newest'")))
        .unwrap();
    assert_eq!(skies(), ["other", "newest"]);
}

#[test]
fn a_replay_that_fails_is_taken_back() {
    #[extension_point]
    trait Past {
        #[extension_point(historic)]
        fn tell(&self, text: &str) -> Result<(), String>;
    }
    #[derive(serde::Deserialize, Default)]
    #[serde(default)]
    struct Settings {
        deaf: bool,
    }
    struct Hears(bool);
    #[extension]
    impl Past for Hears {
        fn tell(&self) -> Result<(), String> {
            if self.0 { Err("deaf".to_owned()) } else { Ok(()) }
        }
    }
    struct Dazed;
    #[extension]
    impl Past for Dazed {
        fn tell(&self) -> Result<(), String> {
            panic!("dazed")
        }
    }

    let pm = manager();
    pm.add_extension_points(Past).unwrap();
    wait!(pm.caller(Past::tell).call_historic("x")).unwrap();
    let metadata = pluginkit::metadata::PluginMetadata::new("hears");
    pm.add_factory(pluginkit::loading::PluginFactory::configured(metadata, |settings: Settings| {
        Hears(settings.deaf)
    }));
    wait!(pm.load_config(&config("'hears'", ""))).unwrap();
    let error = wait!(pm.load_config(&config("'hears', 'core'", "[plugin.hears]\ndeaf = true"))).unwrap_err();
    assert_eq!(error.code(), "replay");
    assert_eq!(pm.plugin_names(), ["hears"]);
    assert!(!pm.plugin_as::<Hears>("hears").unwrap().0);
    wait!(pm.caller(Past::tell).call_historic("y")).unwrap();
    // So is one that panics, and who ran runs.
    pm.add_factory(pluginkit::loading::PluginFactory::new(
        pluginkit::metadata::PluginMetadata::new("dazed"),
        || Dazed,
    ));
    wait!(pm.load_config(&config("'hears', 'core'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    let changed = config("'hears', 'core', 'dazed'", "[plugin.core]\nsky = 'new'");
    let error = wait!(pm.load_config(&changed)).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("replay", "dazed"));
    assert!(format!("{error:?}").contains("it panicked: dazed"), "{error:?}");
    assert_eq!(pm.plugin_names(), ["hears", "core"]);
    assert!(pm.descriptors().iter().all(|plugin| plugin.state == PluginState::Started));
    // Left out, it hinders no other.
    let report = wait!(pm.load_config_with(&changed, LoadPolicy::Skip)).unwrap();
    assert_eq!(report.skipped()[0].plugin, "dazed");
    assert_eq!(
        (report.reconfigured(), pm.plugin_names()),
        (&["core".into()][..], vec!["hears".into(), "core".into()])
    );
}

#[test]
fn settings_by_the_host_hold_for_the_replacement_of_a_plugin() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'cache'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    pm.disable("core", "too loud").unwrap();
    wait!(pm.load_config(&config("'core', 'cache'", "[plugin.core]\nsky = 'new'"))).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["cache "]);
    assert_eq!(pm.disabled_reason("core").as_deref(), Some("too loud"));
    pm.set_enabled("core", true).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["core new", "cache "]);
}

#[test]
fn a_manager_made_from_one_configuration_can_load_another() {
    let texts = [
        "[plugins]\ng = ['text']",
        "[plugins]\ndisabled = ['cache']",
        "[plugins]\ng = ['cache', 'core']",
        "[plugins]\ndiscover = true\ng = ['text']",
        "[plugins]\ndiscover = true\ndisabled = ['cache']",
        "",
    ];
    for (before, after) in texts.iter().flat_map(|before| texts.iter().map(move |after| (before, after))) {
        let pm = wait!(Manager::from_config("reloading", Specs, toml(before))).unwrap();
        wait!(pm.load_config(&toml(after))).unwrap();
        let fresh = wait!(Manager::from_config("reloading", Specs, toml(after))).unwrap();
        assert_eq!(pm.plugin_names(), fresh.plugin_names(), "{before} then {after}");
        assert_eq!(
            wait!(pm.caller(Specs::fetch).call("x")),
            wait!(fresh.caller(Specs::fetch).call("x")),
            "{before} then {after}"
        );
    }
}

#[test]
fn a_plugin_that_the_host_unregistered_is_loaded_again() {
    let pm = manager();
    let config = config("'core', 'cache'", "");
    wait!(pm.load_config(&config)).unwrap();
    pm.unregister("cache");
    assert_eq!(wait!(pm.load_config(&config)).unwrap().added(), ["cache"]);
    // What it has registered in its place is its own.
    pm.unregister("cache");
    pm.register_fn("cache", Specs::fetch, |_| "own".to_owned()).unwrap();
    assert!(wait!(pm.load_config(&config)).unwrap().is_unchanged());
    wait!(pm.start_all()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["core ", "own"]);
}

#[test]
fn discovered_plugins_follow_the_configuration_too() {
    let pm = manager();
    let first = toml("[plugin.core]\nsky = 'old'");
    wait!(pm.discover_with(pluginkit::loading::Discovery::new().config(&first))).unwrap();
    assert_eq!(pm.plugin_names(), ["cache", "core", "text"]);
    let second = toml("[plugins]\ndisabled = ['cache']\n[plugin.core]\nsky = 'new'");
    let report = wait!(pm.load_config(&second)).unwrap();
    let expected = "removed `cache`\nreconfigured `core`\nskipped plugin `cache` (loading::plugins::";
    assert!(report.to_string().starts_with(expected), "{report}");
    assert!(report.to_string().ends_with("): the configuration turns it off\n"), "{report}");
    wait!(pm.start_all()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["core new", "text "]);
}

#[test]
fn a_discovered_plugin_that_a_configuration_lists_goes_with_its_entry() {
    let pm = manager();
    wait!(pm.discover()).unwrap();
    let report = wait!(pm.load_config(&config("'cache'", ""))).unwrap();
    assert_eq!(report.unchanged(), ["cache", "core", "text"]);
    let report = wait!(pm.load_config(&config("", ""))).unwrap();
    assert_eq!(report.to_string(), "removed `cache`\n");
    assert_eq!(pm.plugin_names(), ["core", "text"]);
}

#[test]
fn a_plugin_that_one_entry_turns_on_is_discovered_though_another_turns_it_off() {
    let pm = manager();
    let config = toml(
        "[plugins]\na = ['text', { id = 'core', enabled = false }, { id = 'cache', enabled = false }]\nb = ['core']",
    );
    wait!(pm.discover_with(pluginkit::loading::Discovery::new().config(&config))).unwrap();
    assert_eq!(pm.plugin_names(), ["core", "text"]);
}

#[test]
fn a_refused_load_says_why_though_new_plugins_panic_when_they_are_dropped() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'text'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    log(&pm);
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&told);
    pm.observe(move |event: &Event<'_>| {
        if let Event::DropPanicked { message, .. } = event {
            noted.lock().unwrap().push((*message).to_owned());
        }
    })
    .forget();
    pm.set_blocked("cache");
    let cases = [
        // Settings of another plugin are wrong.
        ("'core', 'cache'", "[plugin.core]\nbursts = true\n[plugin.cache]\nskies = 1", "config", "core", ""),
        // The manager refuses another one.
        ("'core', 'cache'", "[plugin.core]\nbursts = true", "blocked", "core", ""),
        // A plugin that is to leave is required.
        ("'text', 'cache'", "[plugin.cache]\nbursts = true", "has_dependents", "cache", ""),
    ];
    for (plugins, settings, code, bursts, lived) in cases {
        for policy in [LoadPolicy::Refuse, LoadPolicy::Skip] {
            if policy == LoadPolicy::Skip && code != "has_dependents" {
                continue;
            }
            let options = LoadOptions::new().failing(policy);
            let error = wait!(pm.load_config_with(&config(plugins, settings), options)).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert_eq!(std::mem::take(&mut *told.lock().unwrap()), [format!("{bursts} bursts")]);
            assert_eq!(log(&pm), lived);
            assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["core ", "text "]);
        }
    }
}

#[test]
fn a_change_that_fails_to_start_is_taken_back_though_its_plugin_panics_when_it_is_dropped() {
    let pm = manager();
    wait!(pm.load_config(&config("'core', 'text'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    log(&pm);
    let failing = config("'core', 'text'", "[plugin.core]\nfails = true\nbursts = true");
    let error = wait!(pm.load_config(&failing)).unwrap_err();
    assert_eq!(error.code(), "start", "{error}");
    assert_eq!(log(&pm), "start core");
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["core ", "text "]);
}

#[test]
fn a_discovered_plugin_whose_settings_stay_is_kept() {
    let pm = manager();
    let config = toml("[plugin.core]\nsky = 'old'");
    wait!(pm.discover_with(pluginkit::loading::Discovery::new().config(&config))).unwrap();
    let core = pm.plugin_as::<Core>("core").unwrap();
    assert!(wait!(pm.load_config(&config)).unwrap().is_unchanged());
    assert!(Arc::ptr_eq(&core, &pm.plugin_as::<Core>("core").unwrap()));
}

/// How a plugin finds its manager.
type Host = Arc<OnceLock<Weak<Manager>>>;

/// Registers an own plugin `cache` when it starts, and fails.
struct Taker {
    takes: bool,
    host: Host,
}

implement! {
    #[extension]
    impl Lifecycle for Taker {
        fn start(&self) -> Result<(), BoxError> {
            if self.takes {
                let pm = self.host.get().and_then(Weak::upgrade).ok_or("no manager")?;
                pm.register_fn("cache", Specs::fetch, |_| "own".to_owned())?;
                return Err("it has taken the name".into());
            }
            Ok(())
        }
    }
}

#[test]
fn a_plugin_that_is_to_leave_keeps_its_name_until_the_step() {
    #[derive(serde::Deserialize, Default)]
    #[serde(default)]
    struct Settings {
        takes: bool,
    }
    let pm = Arc::new(manager());
    let host = Host::default();
    host.set(Arc::downgrade(&pm)).unwrap();
    let metadata = pluginkit::metadata::PluginMetadata::new("taker");
    pm.add_factory(pluginkit::loading::PluginFactory::configured(metadata, move |settings: Settings| {
        Taker { takes: settings.takes, host: Arc::clone(&host) }
    }));
    wait!(pm.load_config(&config("'taker', 'cache', 'core'", ""))).unwrap();
    wait!(pm.start_all()).unwrap();
    let error = wait!(pm.load_config(&config("'taker'", "[plugin.taker]\ntakes = true"))).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("start", "taker"));
    assert!(format!("{error:?}").contains("`cache`"), "{error:?}");
    assert_eq!(pm.plugin_names(), ["taker", "cache", "core"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["cache ", "core "]);
}
