//! A manager made by one call, and its life.

use std::fs;

use pluginkit::config::PluginConfig;
use pluginkit::prelude::*;

use super::kind::{Manager, wait, work};
use crate::plugins::completing::Store;
use crate::plugins::{Log, Specs};
use crate::toml;

#[extension_point]
trait Others {
    fn other(&self) -> u8;
}

fn everything() -> PluginConfig {
    toml("[plugins]\ndiscover = true")
}

#[test]
fn one_call_makes_what_is_listed_and_what_that_requires() {
    let names =
        |text: &str| wait!(Manager::from_config("reloading", Specs, toml(text))).unwrap().plugin_names();
    assert_eq!(names(""), [""; 0]);
    assert_eq!(names("[plugins]\nx = ['cache']"), ["cache"]);
    assert_eq!(names("[plugins]\nx = ['text']"), ["text", "core"]);
    assert_eq!(names("[plugins]\nx = ['text']\ndiscover = true"), ["text", "cache", "core"]);
    assert_eq!(names("[plugins]\nx = ['text']\ndiscover = true\ndisabled = ['cache']"), ["text", "core"]);
    let variables = [("F_PLUGINS_DISCOVER", "true")];
    let config = PluginConfig::default().with_env_vars("F", variables).unwrap();
    let pm = wait!(Manager::from_config("reloading", Specs, config)).unwrap();
    assert_eq!(pm.plugin_names(), ["cache", "core", "text"]);
    // Nothing asks for them any more.
    let report = wait!(pm.load_config(&toml("[plugins]\nx = ['text']"))).unwrap();
    assert_eq!(
        (report.removed(), pm.plugin_names()),
        (&["cache".into()][..], vec!["text".into(), "core".into()])
    );
    // Another manager makes what it is told.
    let pm = Manager::new("reloading");
    pm.add_extension_points(Specs).unwrap();
    wait!(pm.load_config(&toml("[plugins]\nx = ['text']"))).unwrap();
    assert_eq!(pm.plugin_names(), ["text"]);
    wait!(pm.load_config(&everything())).unwrap();
    assert_eq!(pm.plugin_names(), ["cache", "core", "text"]);
}

struct Mock;

impl Store for Mock {}

#[test]
fn one_call_makes_the_only_plugin_that_provides_a_required_service() {
    let config = |listed: &str| toml(&format!("[plugins]\nx = [{listed}]"));
    let names = |text: &str| {
        wait!(Manager::from_config("completing", Specs, config(text))).unwrap().plugin_names().join(" ")
    };
    assert_eq!(names("'memory'"), "memory");
    // Two provide the cache: neither is chosen.
    let pm = wait!(Manager::from_config("completing", Specs, config("'web'"))).unwrap();
    assert_eq!(pm.plugin_names().join(" "), "web disk driver");
    let error = pm.validate().unwrap_err().to_string();
    assert!(error.contains("requires the service `dyn Cache`, but neither"), "{error}");
    assert_eq!(names("'web', 'redis'"), "web redis disk driver");
    assert_eq!(names("'web', 'memory'"), "web memory disk driver");
    // The plugins stay if nothing changes, and go with what required them.
    assert!(wait!(pm.load_config(&config("'web'"))).unwrap().is_unchanged());
    wait!(pm.load_config(&config("'memory'"))).unwrap();
    assert_eq!(pm.plugin_names().join(" "), "memory");
    // The host provides it.
    pm.provide::<dyn Store>(std::sync::Arc::new(Mock)).unwrap();
    wait!(pm.load_config(&config("'web', 'memory'"))).unwrap();
    assert_eq!(pm.plugin_names().join(" "), "web memory");
    // A loaded plugin that provides it stays though it is not listed any more, unless another one is.
    let pm = wait!(Manager::from_config("completing", Specs, config("'web', 'redis'"))).unwrap();
    wait!(pm.load_config(&config("'web'"))).unwrap();
    assert_eq!(pm.plugin_names().join(" "), "web disk driver redis");
    wait!(pm.load_config(&config("'web', 'memory'"))).unwrap();
    assert_eq!(pm.plugin_names().join(" "), "web memory disk driver");
    wait!(pm.load_config(&config("'memory'"))).unwrap();
    assert_eq!(pm.plugin_names().join(" "), "memory");
    // Turned off is turned off.
    let off = toml("[plugins]\nx = ['web']\ndisabled = ['redis', 'disk']");
    let pm = wait!(Manager::from_config("completing", Specs, off)).unwrap();
    assert_eq!(pm.plugin_names().join(" "), "web memory");
}

#[test]
fn one_call_makes_a_manager_that_is_ready_to_start() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("config")).unwrap();
    let file = directory.path().join("config/reloading.toml");
    fs::write(&file, "[plugins]\nlast = ['text']\ndisabled = ['cache']\n[plugin.core]\nsky = 'blue'")
        .unwrap();
    // The path of a directory, of a file, or what was read of it.
    let config = PluginConfig::from_path(&file).unwrap();
    let managers = [
        wait!(Manager::from_config("reloading", Specs, directory.path())).unwrap(),
        wait!(Manager::from_config("reloading", (Specs, Others), &file)).unwrap(),
        wait!(Manager::from_config("reloading", (Specs,), &config)).unwrap(),
        wait!(Manager::from_config("reloading", Specs, file.to_str().unwrap())).unwrap(),
    ];
    for pm in managers {
        // The listed ones first, then what they require.
        assert_eq!(pm.plugin_names(), ["text", "core"]);
        assert!(pm.descriptors().iter().all(|descriptor| descriptor.state == PluginState::Loaded));
        wait!(pm.start_all()).unwrap();
        assert_eq!(pm.shared_state().get::<Log>().unwrap().take(), ["start core", "start text"]);
        assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["text ", "core blue"]);
        wait!(pm.stop_all()).unwrap();
    }
}

#[test]
fn a_builder_makes_a_manager_of_a_configuration() {
    let clock = pluginkit::testing::FakeClock::new();
    let builder = Manager::builder("reloading").clock(clock.reader());
    let pm = wait!(builder.from_config(Specs, toml("[plugins]\nx = ['text']"))).unwrap();
    assert_eq!(pm.plugin_names(), ["text", "core"]);
    assert_eq!(pm.descriptor("core").unwrap().loaded_at, clock.now());
}

#[test]
fn one_call_tells_what_is_wrong() {
    let code =
        |config: &str| wait!(Manager::from_config("reloading", Specs, toml(config))).unwrap_err().code();
    assert_eq!(code("[plugins]\nx = ['nobody']"), "config");
    assert_eq!(code("[plugins]\ndiscover = true\n[plugin.core]\nskies = 7"), "config");
    assert_eq!(code("[plugins]\nx = ['text']\n[plugin.core]\nskies = 7"), "config");
    let error = wait!(Manager::from_config("reloading", Specs, "no/such/file.toml")).unwrap_err();
    assert!(error.to_string().contains("no/such/file.toml: the file cannot be read"), "{error}");
    let error = wait!(Manager::from_config("reloading", (), everything())).unwrap_err();
    assert_eq!(error.errors()[0].code(), "unknown_specs");
}

#[test]
fn turned_off_there_are_no_plugins() {
    let pm =
        wait!(Manager::from_config("reloading", Specs, toml("[plugins]\nenabled = false\nx = ['core']")))
            .unwrap();
    assert_eq!(pm.plugin_names(), [""; 0]);
    // Only a boolean turns them on or off.
    assert!(PluginConfig::from_toml_str("[plugins]\nenabled = 'yes'").is_err());
}

#[test]
fn a_run_stops_what_it_started() {
    let pm = wait!(Manager::from_config("reloading", Specs, everything())).unwrap();
    let log = pm.shared_state().get_or_insert_with(Log::default);
    let work = work(|| {
        assert_eq!(log.take(), ["start cache", "start core", "start text"]);
        7
    });
    assert_eq!(wait!(pm.run(work)).unwrap(), 7);
    assert_eq!(log.take(), ["stop text", "stop core", "stop cache"]);
}

#[test]
fn a_run_that_panics_stops_what_it_started() {
    let pm = wait!(Manager::from_config("reloading", Specs, everything())).unwrap();
    let work = work(|| {
        assert!(!pm.is_registered("core"), "the work is bad");
    });
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wait!(pm.run(work)))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the work is bad"));
    assert!(pm.descriptors().iter().all(|descriptor| descriptor.state == PluginState::Stopped));
}

#[test]
fn a_run_that_cannot_start_does_no_work() {
    let pm = wait!(Manager::from_config(
        "reloading",
        Specs,
        toml("[plugins]\ndiscover = true\n[plugin.text]\nfails = true")
    ))
    .unwrap();
    let work = work(|| panic!("nothing was started"));
    let error = wait!(pm.run::<()>(work)).unwrap_err();
    assert_eq!(error.code(), "start");
    assert!(pm.descriptors().iter().all(|descriptor| descriptor.state != PluginState::Started));
}
