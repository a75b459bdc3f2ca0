//! What other operations do while a load is under way.

use std::sync::{Arc, Mutex};
use std::thread;

use pluginkit::loading::{LoadReport, PluginFactory};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{Manager, implement, wait};
use crate::toml;

#[extension_point]
trait Parts {
    fn version(&self) -> String;
}

#[extension_point(service)]
trait Store: Send + Sync {
    fn version(&self) -> String;
}

type Meanwhile = Box<dyn FnOnce(&Manager) + Send>;

/// What a test sees, and what it does within the start of `jobs2`, on a thread of its own.
struct Stage {
    pm: Manager,
    log: Log,
    meanwhile: Mutex<Option<Meanwhile>>,
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Settings {
    version: String,
}

struct Part {
    title: String,
    stage: Arc<Stage>,
}

implement! {
    #[extension]
    impl Parts for Part {
        fn version(&self) -> String {
            self.title.clone()
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Part {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            let store = cx.service::<dyn Store>().map_or("none".to_owned(), |store| store.version());
            self.stage.log.push(format!("+{}({store})", self.title));
            if self.title == "jobs2" {
                let work = self.stage.meanwhile.lock().unwrap().take();
                thread::scope(|scope| {
                    scope.spawn(|| work.into_iter().for_each(|work| work(&self.stage.pm)));
                });
            }
            Ok(())
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.stage.log.push(format!("-{}", self.title));
            Ok(())
        }
    }
}

struct StorePart(String);

#[extension(service)]
impl Store for StorePart {
    fn version(&self) -> String {
        self.0.clone()
    }
}

implement! {
    #[extension]
    impl Parts for StorePart {
        fn version(&self) -> String {
            self.0.clone()
        }
    }
}

/// A manager that has loaded these plugins in version 1. Of those, `web` requires a store.
fn loaded(plugins: &str) -> Arc<Stage> {
    let pm = Manager::new("meanwhile");
    let stage = Arc::new(Stage { pm, log: Log::default(), meanwhile: Mutex::default() });
    stage.pm.add_extension_points(Parts).unwrap();
    for name in ["web", "jobs", "extra"] {
        let weak = Arc::downgrade(&stage);
        let part = move |settings: Settings| Part {
            title: format!("{name}{}", settings.version),
            stage: weak.upgrade().unwrap(),
        };
        let metadata = PluginMetadata::new(name);
        let metadata = if name == "jobs" { metadata } else { metadata.requires_service::<dyn Store>() };
        stage.pm.add_factory(PluginFactory::configured(metadata, part));
    }
    let store = |settings: Settings| StorePart(format!("store{}", settings.version));
    stage.pm.add_factory(PluginFactory::configured(PluginMetadata::new("store"), store));
    stage.load(plugins, "1", "1").unwrap();
    stage
}

impl Stage {
    /// Loads these plugins, `store` and `jobs` in these versions.
    fn load(&self, plugins: &str, store: &str, jobs: &str) -> Result<LoadReport, pluginkit::Error> {
        wait!(self.pm.load_config(&toml(&format!(
            "[plugins]\nall = [{plugins}]\n[plugin.store]\nversion = '{store}'\n[plugin.jobs]\nversion = '{jobs}'"
        ))))
    }

    fn meanwhile(&self, work: impl FnOnce(&Manager) + Send + 'static) {
        *self.meanwhile.lock().unwrap() = Some(Box::new(work));
    }

    fn versions(&self) -> String {
        wait!(self.pm.caller(Parts::version).call()).join(" ")
    }

    fn line(&self) -> String {
        self.log.line()
    }
}

#[test]
fn a_plugin_that_is_started_meanwhile_and_has_the_old_service_is_restarted() {
    let stage = loaded("'store', 'web', 'jobs'");
    wait!(stage.pm.start_all()).unwrap();
    wait!(stage.pm.stop_plugin("web")).unwrap();
    stage.line();
    stage.meanwhile(|pm| wait!(pm.start_plugin("web")).unwrap());
    let report = stage.load("'store', 'web', 'jobs'", "2", "2").unwrap();
    assert_eq!(stage.line(), "+jobs2(store2) +web(store1) -web +web(store2) -jobs1");
    assert_eq!(report.restarted(), [("web".into(), "store".into())]);
    assert_eq!(stage.versions(), "store2 web jobs2");
}

#[test]
fn a_load_fails_if_what_a_new_plugin_requires_is_stopped_meanwhile() {
    let stage = loaded("'store', 'jobs'");
    wait!(stage.pm.start_all()).unwrap();
    stage.line();
    stage.meanwhile(|pm| wait!(pm.stop_plugin("store")).unwrap());
    // The new `web` starts first, and requires the store.
    let error = stage.load("'store', 'web', 'jobs'", "1", "2").unwrap_err();
    assert_eq!(error.plugin().unwrap(), "web", "{error}");
    assert_eq!(stage.line(), "+web(store1) +jobs2(store1) -web -jobs2");
    assert_eq!(stage.versions(), "jobs1");
    assert_eq!(stage.pm.plugin_names(), ["store", "jobs"]);
    wait!(stage.pm.start_all()).unwrap();
    assert_eq!(stage.versions(), "store1 jobs1");
}

#[test]
fn a_plugin_of_the_host_that_is_to_stop_while_it_is_restarted_stops_in_the_end() {
    let stage = loaded("'store', 'jobs'");
    let host = Part { title: "host".to_owned(), stage: Arc::clone(&stage) };
    let metadata = PluginMetadata::new("host").requires_service::<dyn Store>();
    PluginBuilder::new(host).metadata(metadata).register(&stage.pm).unwrap();
    wait!(stage.pm.start_all()).unwrap();
    stage.line();
    stage.meanwhile(|pm| wait!(pm.stop_plugin("host")).unwrap());
    stage.load("'store', 'jobs'", "2", "2").unwrap();
    assert_eq!(stage.line(), "+jobs2(store2) -host +host(store2) -jobs1 -host");
    assert_eq!(stage.pm.descriptor("host").unwrap().state, PluginState::Stopped);
}

#[test]
fn what_is_to_be_started_meanwhile_is_started_in_its_new_version() {
    let stage = loaded("'store', 'web', 'jobs'");
    wait!(stage.pm.start_plugin("jobs")).unwrap();
    stage.line();
    stage.meanwhile(|pm| wait!(pm.start_all()).unwrap());
    stage.load("'store', 'web', 'jobs', 'extra'", "2", "2").unwrap();
    let states = stage.pm.descriptors();
    assert!(states.iter().all(|plugin| plugin.state == PluginState::Started), "{states:?}");
    assert_eq!(stage.versions(), "store2 web jobs2 extra");
    assert!(!stage.line().contains("+extra(store1)"));
}

#[test]
fn what_is_to_be_started_meanwhile_is_started_in_its_old_version_if_the_load_fails() {
    let stage = loaded("'store', 'jobs'");
    wait!(stage.pm.start_plugin("jobs")).unwrap();
    stage.meanwhile(|pm| {
        wait!(pm.start_all()).unwrap();
        assert!(pm.set_blocked("extra").is_none());
    });
    stage.load("'store', 'jobs', 'extra'", "2", "2").unwrap_err();
    let states = stage.pm.descriptors();
    assert!(states.iter().all(|plugin| plugin.state == PluginState::Started), "{states:?}");
    assert_eq!(stage.versions(), "store1 jobs1");
}

#[test]
fn a_plugin_that_a_load_replaces_is_not_replaced_meanwhile() {
    let stage = loaded("'store', 'web', 'jobs'");
    wait!(stage.pm.start_all()).unwrap();
    let refused = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&refused);
    stage.meanwhile(move |pm| {
        let store = PluginBuilder::new(StorePart("own".to_owned())).named("store");
        let error = wait!(pm.replace_built(store)).unwrap_err();
        assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("being_replaced", "store"));
        // Nor is what a load makes anew with it.
        let error = wait!(pm.replace_built(PluginBuilder::new(StorePart("own".to_owned())).named("web")))
            .unwrap_err();
        *told.lock().unwrap() = error.to_string();
    });
    stage.load("'store', 'web', 'jobs'", "2", "2").unwrap();
    assert!(
        refused.lock().unwrap().starts_with("plugin `web` is being replaced or removed by another operation")
    );
    assert_eq!(stage.versions(), "store2 web jobs2");
    // After the load, it can be.
    wait!(stage.pm.replace_built(PluginBuilder::new(StorePart("own".to_owned())).named("store"))).unwrap();
    assert_eq!(stage.versions(), "own web jobs2");
}

#[test]
fn a_load_leaves_alone_what_is_being_replaced() {
    let stage = loaded("'store', 'web', 'jobs'");
    wait!(stage.pm.start_all()).unwrap();
    let jobs = Part { title: "jobs2".to_owned(), stage: Arc::clone(&stage) };
    stage.meanwhile({
        let stage = Arc::downgrade(&stage);
        move |_| {
            let stage = stage.upgrade().unwrap();
            for plugins in ["'store', 'web', 'jobs'", "'store', 'web'"] {
                let error = stage.load(plugins, "2", "3").unwrap_err();
                assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("being_replaced", "jobs"));
            }
            assert_eq!(stage.versions(), "store1 web jobs1");
        }
    });
    wait!(stage.pm.replace_built(PluginBuilder::new(jobs).named("jobs"))).unwrap();
    assert_eq!(stage.versions(), "store1 web jobs2");
}
