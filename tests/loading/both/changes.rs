//! A load into a running manager: the new plugins start beside the old ones, and one step shows them to calls.

use std::sync::{Arc, Mutex, OnceLock, Weak};

use pluginkit::loading::{LoadPolicy, PluginFactory};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;

use super::kind::{Manager, awaited, implement, wait};
use crate::toml;

#[extension_point]
trait Parts {
    fn version(&self) -> String;
    #[extension_point(historic)]
    fn note(&self, text: &str) -> Result<(), String>;
}

#[extension_point(service)]
trait Store: Send + Sync {
    fn version(&self) -> String;
}

/// What happened, and the manager that it happened in.
#[derive(Clone, Default)]
struct Stage {
    log: Arc<Mutex<Vec<String>>>,
    host: Arc<OnceLock<Weak<Manager>>>,
}

impl Stage {
    fn push(&self, entry: String) {
        self.log.lock().unwrap().push(entry);
    }

    fn line(&self) -> String {
        std::mem::take(&mut *self.log.lock().unwrap()).join(", ")
    }
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Settings {
    version: String,
    /// What it does wrong.
    fault: String,
}

/// A plugin of any name, which tells its phases and the store that it sees.
struct Part {
    name: &'static str,
    settings: Settings,
    stage: Stage,
}

impl Part {
    fn title(&self) -> String {
        format!("{}{}", self.name, self.settings.version)
    }

    fn seen(&self, cx: &PluginContext) -> String {
        let inside = cx.service::<dyn Store>().map_or("nothing".to_owned(), |store| store.version());
        let outside = self.stage.host.get().and_then(Weak::upgrade).unwrap();
        let outside = outside.service::<dyn Store>().map_or("nothing".to_owned(), |store| store.version());
        format!("{inside}/{outside}")
    }
}

implement! {
    #[extension]
    impl Parts for Part {
        fn version(&self) -> String {
            self.title()
        }
        fn note(&self, text: &str) -> Result<(), String> {
            self.stage.push(format!("{} notes {text}", self.title()));
            if self.settings.fault == "deaf" { Err("deaf".to_owned()) } else { Ok(()) }
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Part {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            self.stage.push(format!("start {} ({})", self.title(), self.seen(cx)));
            assert!(self.settings.fault != "panic", "it panics");
            if self.settings.fault == "start" { Err("no start".into()) } else { Ok(()) }
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.stage.push(format!("stop {}", self.title()));
            if self.settings.fault == "stop" { Err("no stop".into()) } else { Ok(()) }
        }
    }
}

/// A part that is a store, too.
struct StorePart(Part);

implement! {
    #[extension]
    impl Parts for StorePart {
        fn version(&self) -> String {
            self.0.title()
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for StorePart {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            self.0.stage.push(format!("start {} ({})", self.0.title(), self.0.seen(cx)));
            if self.0.settings.fault == "start" { Err("no start".into()) } else { Ok(()) }
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.0.stage.push(format!("stop {}", self.0.title()));
            if self.0.settings.fault == "stop" { Err("no stop".into()) } else { Ok(()) }
        }
    }
}

#[extension(service)]
impl Store for StorePart {
    fn version(&self) -> String {
        self.0.title()
    }
}

struct Mock;

impl Store for Mock {
    fn version(&self) -> String {
        "mock".to_owned()
    }
}

/// Adds a factory of a part with these requirements, which may be `dyn Store`. A `!` before its name makes it exclusive.
fn add(pm: &Manager, stage: &Stage, name: &'static str, requires: &[&str]) {
    let stage = stage.clone();
    let (name, exclusive) = name.strip_prefix('!').map_or((name, false), |name| (name, true));
    let (services, requires): (Vec<&str>, Vec<&str>) = requires.iter().partition(|it| **it == "dyn Store");
    let metadata = PluginMetadata::new(name).requires(requires).exclusive(exclusive);
    let metadata = if services.is_empty() { metadata } else { metadata.requires_service::<dyn Store>() };
    let part = move |settings: Settings| Part { name, settings, stage: stage.clone() };
    let extends = |factory: PluginFactory| drop(pm.add_factory(factory));
    if name == "store" {
        let factory = PluginFactory::configured(metadata, move |settings| StorePart(part(settings)));
        extends(factory.erased());
    } else {
        extends(PluginFactory::configured(metadata, part).erased());
    }
}

/// Returns a manager that runs a store, the parts `web` and `jobs`, of which `web` requires the store, and what the tests
/// add.
fn running(store: &'static str, web: &'static str) -> (Arc<Manager>, Stage) {
    running_with(store, web, "store")
}

/// Returns the same manager, where `web` requires this.
fn running_with(store: &'static str, web: &'static str, requires: &str) -> (Arc<Manager>, Stage) {
    let (pm, stage) = (Arc::new(Manager::new("changes")), Stage::default());
    stage.host.set(Arc::downgrade(&pm)).unwrap();
    pm.add_extension_points(Parts).unwrap();
    add(&pm, &stage, store, &[]);
    add(&pm, &stage, web, &[requires]);
    add(&pm, &stage, "jobs", &[]);
    load(&pm, "version = '1'").unwrap();
    wait!(pm.start_all()).unwrap();
    stage.line();
    (pm, stage)
}

fn load(pm: &Manager, store: &str) -> Result<pluginkit::loading::LoadReport, pluginkit::Error> {
    load_all(pm, &format!("[plugin.store]\n{store}"))
}

fn load_all(pm: &Manager, settings: &str) -> Result<pluginkit::loading::LoadReport, pluginkit::Error> {
    wait!(pm.load_config(&toml(&format!("[plugins]\nall = ['store', 'web', 'jobs']\n{settings}"))))
}

fn versions(pm: &Manager) -> Vec<String> {
    wait!(pm.caller(Parts::version).call())
}

fn store(pm: &Manager) -> String {
    pm.service::<dyn Store>().map_or("nothing".to_owned(), |store| store.version())
}

#[test]
fn what_changes_and_what_uses_it_starts_beside_the_old_and_the_old_stops_last() {
    let (pm, stage) = running("store", "web");
    let report = load(&pm, "version = '2'").unwrap();
    // What starts sees the new store, and all others the old one.
    assert_eq!(
        stage.line(),
        "start store2 (store2/store1), start web (store2/store1), stop web, stop store1"
    );
    assert_eq!(versions(&pm), ["store2", "web", "jobs"]);
    assert_eq!(store(&pm), "store2");
    assert_eq!(report.reconfigured(), ["store"]);
    assert_eq!(report.rebuilt(), [("web".into(), "store".into())]);
    assert_eq!(report.unchanged(), ["web", "jobs"]);
    assert!(report.restarted().is_empty() && report.stop_errors().is_empty());
    assert_eq!(report.to_string(), "reconfigured `store`\nrebuilt `web`, because it uses `store`\n");
    // It is loaded as it is now.
    assert!(load(&pm, "version = '2'").unwrap().is_unchanged());
    wait!(pm.stop_all()).unwrap();
    assert_eq!(stage.line(), "stop web, stop store2, stop jobs");
}

#[test]
fn what_requires_a_service_is_made_anew_with_the_plugin_that_provides_it() {
    let (pm, stage) = running_with("store", "web", "dyn Store");
    let handle = pm.service_handle::<dyn Store>();
    let report = load(&pm, "version = '2'").unwrap();
    assert_eq!(
        stage.line(),
        "start store2 (store2/store1), start web (store2/store1), stop web, stop store1"
    );
    assert_eq!(report.rebuilt(), [("web".into(), "store".into())]);
    assert_eq!(handle.get().unwrap().version(), "store2");
    load(&pm, "version = '3'\nfault = 'start'").unwrap_err();
    assert_eq!(stage.line(), "start store3 (store3/store2)");
    assert_eq!((handle.get().unwrap().version(), versions(&pm).len()), ("store2".to_owned(), 3));
    // A load cannot take the last provider away.
    let error = wait!(pm.load_config(&toml("[plugins]\nall = ['web', 'jobs']"))).unwrap_err();
    assert_eq!(error.code(), "has_dependents", "{error}");
    // The host can provide it from now on.
    pm.provide::<dyn Store>(Arc::new(Mock)).unwrap();
    wait!(pm.load_config(&toml("[plugins]\nall = ['web', 'jobs']"))).unwrap();
    assert_eq!(stage.line(), "start web (mock/store2), stop web, stop store2");
    assert_eq!(handle.get().unwrap().version(), "mock");
    // A plugin that nothing changes stays.
    assert!(wait!(pm.load_config(&toml("[plugins]\nall = ['web', 'jobs']"))).unwrap().is_unchanged());
}

#[test]
fn another_plugin_can_take_over_a_required_service_in_one_load() {
    let (pm, stage) = running_with("store", "web", "dyn Store");
    let other = stage.clone();
    let part = move |settings: Settings| StorePart(Part { name: "other", settings, stage: other.clone() });
    pm.add_factory(PluginFactory::configured(PluginMetadata::new("other"), part).erased());
    let report = wait!(pm.load_config(&toml("[plugins]\nall = ['other', 'web', 'jobs']"))).unwrap();
    assert_eq!(stage.line(), "start other (other/store1), start web (other/store1), stop web, stop store1");
    assert_eq!((report.removed(), report.rebuilt().len()), (&["store".into()][..], 1));
    // Both at once cannot go.
    let error = wait!(pm.load_config(&toml("[plugins]\nall = ['web', 'jobs']"))).unwrap_err();
    assert_eq!(error.code(), "has_dependents", "{error}");
}

#[test]
fn an_exclusive_provider_is_restarted_with_what_requires_its_service() {
    let (pm, stage) = running_with("!store", "web", "dyn Store");
    let report = load(&pm, "version = '2'").unwrap();
    assert_eq!(
        stage.line(),
        "stop web, stop store1, start store2 (store2/nothing), start web (store2/nothing)"
    );
    assert_eq!(report.rebuilt(), [("web".into(), "store".into())]);
}

#[test]
fn a_failure_before_the_step_leaves_the_old_running_and_stops_what_had_started() {
    for (settings, started) in [
        ("[plugin.store]\nversion = '2'\nfault = 'start'", "start store2 (store2/store1)"),
        (
            "[plugin.store]\nversion = '2'\n[plugin.web]\nversion = '2'\nfault = 'start'",
            "start store2 (store2/store1), start web2 (store2/store1), stop store2",
        ),
        (
            "[plugin.store]\nversion = '2'\n[plugin.web]\nversion = '2'\nfault = 'panic'",
            "start store2 (store2/store1), start web2 (store2/store1), stop store2",
        ),
    ] {
        let (pm, stage) = running("store", "web");
        let error = load_all(&pm, settings).unwrap_err();
        assert_eq!(error.code(), "start", "{error}");
        assert_eq!(stage.line(), started);
        assert_eq!(versions(&pm), ["store1", "web", "jobs"]);
        assert_eq!(store(&pm), "store1");
        assert!(pm.descriptors().iter().all(|plugin| plugin.state == PluginState::Started));
        assert!(load(&pm, "version = '1'").unwrap().is_unchanged());
        // Nothing of it is left.
        load(&pm, "version = '3'").unwrap();
        assert_eq!(versions(&pm), ["store3", "web", "jobs"]);
    }
}

#[test]
fn an_old_plugin_that_fails_to_stop_is_reported_and_the_new_one_stays() {
    let (pm, stage) = running("store", "web");
    load(&pm, "version = '2'\nfault = 'stop'").unwrap();
    stage.line();
    let report = load(&pm, "version = '3'").unwrap();
    assert_eq!(report.stop_errors().len(), 1);
    assert_eq!(report.stop_errors()[0].code(), "stop");
    assert!(report.to_string().contains("failed to stop"), "{report}");
    assert_eq!(versions(&pm), ["store3", "web", "jobs"]);
    assert!(stage.line().ends_with("stop web, stop store2"));
}

#[test]
fn an_exclusive_plugin_stops_before_its_replacement_starts() {
    let (pm, stage) = running("!store", "web");
    load(&pm, "version = '2'").unwrap();
    // What uses it is stopped as long.
    assert_eq!(
        stage.line(),
        "stop web, stop store1, start store2 (store2/nothing), start web (store2/nothing)"
    );
    assert_eq!(versions(&pm), ["store2", "web", "jobs"]);

    // One that fails lets the old one start again.
    let error = load(&pm, "version = '3'\nfault = 'start'").unwrap_err();
    assert_eq!(error.code(), "start");
    assert_eq!(
        stage.line(),
        "stop web, stop store2, start store3 (store3/nothing), start store2 (store2/store2), start web (store2/store2)"
    );
    assert_eq!(versions(&pm), ["store2", "web", "jobs"]);
    assert!(load(&pm, "version = '2'").unwrap().is_unchanged());
}

#[test]
fn an_exclusive_plugin_that_uses_what_changes_is_restarted() {
    let (pm, stage) = running("store", "!web");
    let report = load(&pm, "version = '2'").unwrap();
    assert_eq!(
        stage.line(),
        "start store2 (store2/store1), stop web, start web (store2/store1), stop store1"
    );
    assert_eq!(report.restarted(), [("web".into(), "store".into())]);
    assert!(report.rebuilt().is_empty());
    assert_eq!(report.to_string(), "reconfigured `store`\nrestarted `web`, because it uses `store`\n");
    assert_eq!(versions(&pm), ["store2", "web", "jobs"]);
}

#[test]
fn a_plugin_of_the_host_that_uses_what_changes_is_restarted_in_place() {
    let (pm, stage) = running("store", "web");
    let own = Part { name: "own", settings: Settings::default(), stage: stage.clone() };
    let metadata = PluginMetadata::new("own").requires(["store"]);
    PluginBuilder::new(own).metadata(metadata).extends(Parts).extends(Lifecycle).register(&pm).unwrap();
    wait!(pm.start_all()).unwrap();
    stage.line();
    let report = load(&pm, "version = '2'").unwrap();
    assert_eq!(
        stage.line(),
        "start store2 (store2/store1), start web (store2/store1), stop own, start own (store2/store1), \
         stop web, stop store1"
    );
    assert_eq!(report.restarted(), [("own".into(), "store".into())]);
    assert_eq!(versions(&pm), ["store2", "web", "jobs", "own"]);

    // A failure of another lets it start again with the old store.
    let error = load(&pm, "version = '3'\nfault = 'start'").unwrap_err();
    assert_eq!(error.code(), "start");
    assert_eq!(stage.line(), "start store3 (store3/store2)");
    assert_eq!(versions(&pm), ["store2", "web", "jobs", "own"]);
}

#[test]
fn a_plugin_of_the_host_that_does_not_start_again_takes_the_change_back() {
    struct Moody(Stage, Mutex<u32>);
    implement! {
        #[extension]
        impl Lifecycle for Moody {
            fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
                let store = cx.service::<dyn Store>().unwrap().version();
                self.0.push(format!("moody sees {store}"));
                let mut starts = self.1.lock().unwrap();
                *starts += 1;
                if *starts == 2 { Err("not again".into()) } else { Ok(()) }
            }
        }
    }
    let (pm, stage) = running("store", "web");
    let metadata = PluginMetadata::new("moody").requires(["store"]);
    let moody = PluginBuilder::new(Moody(stage.clone(), Mutex::new(0))).metadata(metadata);
    moody.extends(Lifecycle).register(&pm).unwrap();
    wait!(pm.start_all()).unwrap();
    stage.line();
    let error = load(&pm, "version = '2'").unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("start", "moody"));
    assert_eq!(
        stage.line(),
        "start store2 (store2/store1), start web (store2/store1), moody sees store2, stop web, stop store2, \
         moody sees store1"
    );
    assert_eq!(versions(&pm), ["store1", "web", "jobs"]);
    assert!(pm.descriptors().iter().all(|plugin| plugin.state == PluginState::Started));
}

#[test]
fn past_calls_are_replayed_before_the_start_and_a_refusal_changes_nothing() {
    let (pm, stage) = running("store", "web");
    wait!(pm.caller(Parts::note).call_historic("a")).unwrap();
    stage.line();
    load_all(&pm, "[plugin.store]\nversion = '1'\n[plugin.jobs]\nversion = '2'").unwrap();
    assert_eq!(stage.line(), "jobs2 notes a, start jobs2 (store1/store1), stop jobs");
    let error = load_all(&pm, "[plugin.store]\nversion = '1'\n[plugin.jobs]\nfault = 'deaf'").unwrap_err();
    assert_eq!(error.code(), "replay");
    assert_eq!(stage.line(), "jobs notes a");
    assert_eq!(versions(&pm), ["store1", "web", "jobs2"]);
}

#[test]
fn a_past_call_of_meanwhile_is_replayed_before_the_step() {
    /// Makes a historic call when it starts.
    struct Calls(Stage, String);
    implement! {
        #[extension]
        impl Parts for Calls {
            fn note(&self, text: &str) -> Result<(), String> {
                self.0.push(format!("calls{} notes {text}", self.1));
                Ok(())
            }
        }
    }
    implement! {
        #[extension]
        impl Lifecycle for Calls {
            fn start(&self) -> Result<(), BoxError> {
                let pm = self.0.host.get().and_then(Weak::upgrade).unwrap();
                awaited!(pm.caller(Parts::note).call_historic(&self.1))?;
                Ok(())
            }
        }
    }
    let (pm, stage) = (Arc::new(Manager::new("changes")), Stage::default());
    stage.host.set(Arc::downgrade(&pm)).unwrap();
    pm.add_extension_points(Parts).unwrap();
    let own = stage.clone();
    let make = move |settings: Settings| Calls(own.clone(), settings.version);
    pm.add_factory(PluginFactory::configured(PluginMetadata::new("calls"), make).erased());
    let load = |version: &str| {
        let config = toml(&format!("[plugins]\nall = ['calls']\n[plugin.calls]\nversion = '{version}'"));
        wait!(pm.load_config(&config)).unwrap();
    };
    load("1");
    wait!(pm.start_all()).unwrap();
    assert_eq!(stage.line(), "calls1 notes 1");
    load("2");
    // The old one is called, and the new one gets both exactly once.
    assert_eq!(stage.line(), "calls2 notes 1, calls1 notes 2, calls2 notes 2");
    load("3");
    assert_eq!(stage.line(), "calls3 notes 1, calls3 notes 2, calls2 notes 3, calls3 notes 3");
}

#[test]
fn settings_by_the_host_and_places_hold_for_what_is_made_anew() {
    let (pm, stage) = running("store", "web");
    pm.disable("web", "for now").unwrap();
    pm.set_drain_limit("store", std::time::Duration::ZERO).unwrap();
    load(&pm, "version = '2'").unwrap();
    assert_eq!(versions(&pm), ["store2", "jobs"]);
    assert_eq!(pm.disabled_reason("web").as_deref(), Some("for now"));
    pm.enable("web").unwrap();
    assert_eq!(versions(&pm), ["store2", "web", "jobs"]);
    stage.line();
}

#[test]
fn a_load_that_skips_failures_changes_the_others() {
    let (pm, stage) = running("store", "web");
    let settings = "[plugin.store]\nversion = '2'\nfault = 'start'\n[plugin.jobs]\nversion = '2'";
    let config = toml(&format!("[plugins]\nall = ['jobs', 'store', 'web']\n{settings}"));
    let report = wait!(pm.load_config_with(&config, LoadPolicy::Skip)).unwrap();
    assert_eq!(report.skipped().len(), 1);
    assert_eq!(report.skipped()[0].plugin, "store");
    assert_eq!(report.reconfigured(), ["jobs"]);
    assert_eq!(versions(&pm), ["jobs2", "store1", "web"]);
    assert_eq!(pm.group("all").ids(), ["jobs", "store", "web"]);
    stage.line();
}

#[test]
fn a_plugin_that_loads_in_its_own_call_is_replaced_without_a_wait_for_itself() {
    struct Loads(Stage, String);
    implement! {
        #[extension]
        impl Parts for Loads {
            fn version(&self) -> String {
                if self.1 == "1" {
                    let pm = self.0.host.get().and_then(Weak::upgrade).unwrap();
                    let config = toml("[plugins]\nall = ['loads']\n[plugin.loads]\nversion = '2'");
                    let report = awaited!(pm.load_config(&config)).unwrap();
                    self.0.push(report.to_string());
                }
                self.1.clone()
            }
        }
    }
    implement! {
        #[extension]
        impl Lifecycle for Loads {
            fn stop(&self) -> Result<(), BoxError> {
                self.0.push(format!("stop {}", self.1));
                Ok(())
            }
        }
    }
    let pm = Arc::new(Manager::builder("changes").drain_limit(None).build());
    let stage = Stage::default();
    stage.host.set(Arc::downgrade(&pm)).unwrap();
    pm.add_extension_points(Parts).unwrap();
    let own = stage.clone();
    let make = move |settings: Settings| Loads(own.clone(), settings.version);
    pm.add_factory(PluginFactory::configured(PluginMetadata::new("loads"), make).erased());
    wait!(pm.load_config(&toml("[plugins]\nall = ['loads']\n[plugin.loads]\nversion = '1'"))).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(versions(&pm), ["1"]);
    assert_eq!(stage.line(), "stop 1, reconfigured `loads`\n");
    assert_eq!(versions(&pm), ["2"]);
}

/// Does something to its manager when its second version starts.
struct Meddles {
    stage: Stage,
    version: String,
    act: &'static str,
}

implement! {
    #[extension]
    impl Lifecycle for Meddles {
        fn start(&self) -> Result<(), BoxError> {
            self.stage.push(format!("start meddles{}", self.version));
            let pm = self.stage.host.get().and_then(Weak::upgrade).unwrap();
            match (self.version.as_str(), self.act) {
                ("2", "take") => drop(pm.register_fn("late", Parts::version, |_| "own".to_owned())?),
                ("2", "stop") => awaited!(pm.stop_all())?,
                _ => {}
            }
            Ok(())
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.stage.push(format!("stop meddles{}", self.version));
            Ok(())
        }
    }
}

/// Returns a manager that runs the store, and the change of `meddles` to its second version, with a new plugin `late`.
fn meddling(act: &'static str) -> (Arc<Manager>, Stage, pluginkit::config::PluginConfig) {
    let (pm, stage) = running("store", "web");
    let own = stage.clone();
    let make = move |settings: Settings| Meddles { stage: own.clone(), version: settings.version, act };
    pm.add_factory(PluginFactory::configured(PluginMetadata::new("meddles"), make).erased());
    add(&pm, &stage, "late", &["meddles"]);
    let config = |late: &str, version: &str| {
        toml(&format!(
            "[plugins]\nall = ['store', 'web', 'jobs', 'meddles'{late}]\n\
             [plugin.store]\nversion = '1'\n[plugin.meddles]\nversion = '{version}'"
        ))
    };
    wait!(pm.load_config(&config("", "1"))).unwrap();
    stage.line();
    (pm, stage, config(", 'late'", "2"))
}

#[test]
fn what_was_started_stops_if_the_manager_refuses_the_step() {
    let (pm, stage, config) = meddling("take");
    let error = wait!(pm.load_config(&config)).unwrap_err();
    assert_eq!(error.code(), "name_taken", "{error}");
    assert_eq!(stage.line(), "start meddles2, start late (store1/store1), stop late, stop meddles2");
    assert_eq!(versions(&pm), ["store1", "web", "jobs", "own"]);
    assert_eq!(pm.descriptor("meddles").unwrap().state, PluginState::Started);
}

#[test]
fn all_that_is_new_stops_if_all_was_stopped_meanwhile() {
    let (pm, stage, config) = meddling("stop");
    let report = wait!(pm.load_config(&config)).unwrap();
    assert!(report.stop_errors().is_empty());
    assert!(stage.line().ends_with("stop late, stop meddles2"));
    assert!(
        pm.descriptors().iter().all(|plugin| plugin.state == PluginState::Stopped),
        "{:?}",
        pm.descriptors()
    );
    assert!(versions(&pm).is_empty());
}

#[test]
fn a_plugin_of_the_host_that_had_failed_stays_out_of_calls() {
    struct Stuck;
    implement! {
        #[extension]
        impl Parts for Stuck {
            fn version(&self) -> String {
                "stuck".to_owned()
            }
        }
    }
    implement! {
        #[extension]
        impl Lifecycle for Stuck {
            fn init(&self) -> Result<(), BoxError> {
                Ok(())
            }
            fn start(&self) -> Result<(), BoxError> {
                Err("no".into())
            }
        }
    }
    let (pm, _) = running("store", "web");
    let metadata = PluginMetadata::new("stuck").requires(["store"]);
    PluginBuilder::new(Stuck).metadata(metadata).extends(Parts).extends(Lifecycle).register(&pm).unwrap();
    wait!(pm.start_all_with(pluginkit::lifecycle::StartPolicy::Continue)).unwrap_err();
    load(&pm, "version = '2'").unwrap();
    assert_eq!(versions(&pm), ["store2", "web", "jobs"]);
}
