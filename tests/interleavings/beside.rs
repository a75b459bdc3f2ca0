//! Operations of other threads beside a load: starts, stops and removals of the plugins that the load makes anew.
//!
//! Of the two plugins, `web` requires the service that `store` provides. Each notes whether it is up, and a store notes who
//! uses it. So a run fails at once if a call reaches a plugin that is not up, if a plugin starts with a store that is not
//! up, or if a store stops under a plugin that has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use pluginkit::Error;
use pluginkit::config::PluginConfig;
use pluginkit::lifecycle::StartPolicy;
use pluginkit::loading::PluginFactory;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use shuttle::thread;

use crate::explore;

#[extension_point]
trait Uses {
    fn version(&self) -> u32;
}

#[extension_point(service)]
trait Store: Send + Sync {
    fn state(&self) -> Arc<Site>;
}

/// Whether a store is up, and how many plugins have it.
#[derive(Default)]
struct Site {
    version: u32,
    is_up: AtomicBool,
    users: AtomicUsize,
}

struct StorePart(Arc<Site>);

#[extension(service)]
impl Store for StorePart {
    fn state(&self) -> Arc<Site> {
        Arc::clone(&self.0)
    }
}

#[extension]
impl Uses for StorePart {
    fn version(&self) -> u32 {
        assert!(self.0.is_up.load(SeqCst), "a store is called that is not up");
        thread::yield_now();
        assert!(self.0.is_up.load(SeqCst), "a store is stopped under a call");
        self.0.version
    }
}

#[extension]
impl Lifecycle for StorePart {
    fn start(&self) -> Result<(), BoxError> {
        thread::yield_now();
        assert!(!self.0.is_up.swap(true, SeqCst), "a store is started twice");
        Ok(())
    }
    fn stop(&self) -> Result<(), BoxError> {
        assert_eq!(self.0.users.load(SeqCst), 0, "a store is stopped under a plugin that has it");
        assert!(self.0.is_up.swap(false, SeqCst), "a store is stopped twice");
        Ok(())
    }
}

/// A plugin that uses the store it finds in its start, until its stop.
#[derive(Default)]
struct Web(std::sync::Mutex<Option<Arc<Site>>>);

impl Web {
    fn site(&self) -> Option<Arc<Site>> {
        self.0.lock().expect("no panic").clone()
    }
}

#[extension]
impl Uses for Web {
    fn version(&self) -> u32 {
        let site = self.site().expect("a plugin is called that is not up");
        assert!(site.is_up.load(SeqCst), "a plugin has a store that is not up");
        thread::yield_now();
        assert!(site.is_up.load(SeqCst), "the store of a plugin is stopped under a call");
        100 + site.version
    }
}

#[extension]
impl Lifecycle for Web {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let site = cx.service::<dyn Store>()?.state();
        site.users.fetch_add(1, SeqCst);
        assert!(site.is_up.load(SeqCst), "a plugin starts with a store that is not up");
        thread::yield_now();
        let before = self.0.lock().expect("no panic").replace(site);
        assert!(before.is_none(), "a plugin is started twice");
        Ok(())
    }
    fn stop(&self) -> Result<(), BoxError> {
        let site = self.0.lock().expect("no panic").take().expect("a plugin is stopped that is not up");
        site.users.fetch_sub(1, SeqCst);
        Ok(())
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Settings {
    version: u32,
}

fn config(version: u32) -> PluginConfig {
    let text = format!("[plugins]\nall = ['web', 'store']\n[plugin.store]\nversion = {version}");
    PluginConfig::from_toml_str(&text).expect("it is right")
}

/// A manager that has loaded version 1.
fn manager() -> PluginManager {
    let pm = PluginManager::builder("beside").drain_limit(None).build();
    pm.add_extension_points(Uses).expect("they are of every project");
    let store = |Settings { version }| StorePart(Arc::new(Site { version, ..Site::default() }));
    pm.add_factory(PluginFactory::configured(PluginMetadata::new("store"), store));
    let web = PluginMetadata::new("web").requires_service::<dyn Store>();
    pm.add_factory(PluginFactory::new(web, Web::default));
    pm.load_config(&config(1)).expect("nothing fails");
    pm
}

fn is_up(pm: &PluginManager, name: &str) -> bool {
    pm.descriptor(name).is_some_and(|plugin| plugin.state == PluginState::Started)
}

/// The versions that a call finds, which are of one load.
fn call(pm: &PluginManager) -> Vec<u32> {
    let versions = pm.caller(Uses::version).call();
    let loads: Vec<u32> = versions.iter().map(|version| version % 100).collect();
    assert!(loads.windows(2).all(|pair| pair[0] == pair[1]), "a mix: {versions:?}");
    versions
}

type Operation = fn(&PluginManager) -> Result<(), Error>;

/// Lets `operation` meet a load, and a call meet both. Returns whether the load and the operation succeeded.
fn meet(pm: &PluginManager, operation: Operation) -> (bool, bool) {
    let mut outcome = (false, false);
    let (loaded, done) = (&mut outcome.0, &mut outcome.1);
    thread::scope(|scope| {
        scope.spawn(|| *loaded = pm.load_config(&config(2)).is_ok());
        scope.spawn(|| *done = operation(pm).is_ok());
        scope.spawn(|| drop(call(pm)));
    });
    call(pm);
    // A load that succeeded is the last.
    if outcome.0 {
        for (name, version) in [("store", 2), ("web", 102)] {
            assert!(!is_up(pm, name) || call(pm).contains(&version), "{name} is of another load");
        }
    }
    outcome
}

/// Checks that the manager can be used on, and that nothing is left over in the end.
fn end(pm: &PluginManager) {
    pm.load_config(&config(3)).expect("no load is under way");
    pm.start_all().expect("nothing fails");
    assert_eq!(call(pm), [103, 3]);
    pm.stop_all().expect("nothing fails");
    assert!(call(pm).is_empty());
    assert!(!is_up(pm, "web") && !is_up(pm, "store"));
}

#[test]
fn a_stop_of_a_dependent_beside_a_load_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        pm.start_all().expect("nothing fails");
        let (_, stopped) = meet(&pm, |pm| pm.stop_plugin("web"));
        assert!(!stopped || !is_up(&pm, "web"), "it was stopped, and runs");
        assert!(is_up(&pm, "store"));
        end(&pm);
    });
}

#[test]
fn a_stop_of_a_provider_beside_a_load_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        pm.start_all().expect("nothing fails");
        let (_, stopped) = meet(&pm, |pm| pm.stop_plugin("store"));
        assert!(!stopped || !is_up(&pm, "store") && !is_up(&pm, "web"), "it was stopped, and runs");
        end(&pm);
    });
}

#[test]
fn a_stop_of_all_beside_a_load_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        pm.start_all().expect("nothing fails");
        let (_, stopped) = meet(&pm, PluginManager::stop_all);
        assert!(!stopped || !is_up(&pm, "store") && !is_up(&pm, "web"), "it was stopped, and runs");
        end(&pm);
    });
}

#[test]
fn a_start_of_a_dependent_beside_a_load_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        pm.start_plugin("store").expect("nothing fails");
        let (_, started) = meet(&pm, |pm| pm.start_plugin("web"));
        assert!(!started || is_up(&pm, "web"), "it was started, and does not run");
        assert!(is_up(&pm, "store"));
        end(&pm);
    });
}

#[test]
fn a_start_of_all_beside_a_load_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        let (_, started) = meet(&pm, |pm| pm.start_all_with(StartPolicy::Keep));
        assert!(!started || is_up(&pm, "web") && is_up(&pm, "store"), "it was started, and does not run");
        end(&pm);
    });
}

#[test]
fn a_restart_of_a_dependent_beside_a_load_ends_with_what_was_asked_last() {
    explore(|| {
        let pm = manager();
        pm.start_all().expect("nothing fails");
        let (_, restarted) = meet(&pm, |pm| {
            pm.stop_plugin("web")?;
            pm.start_plugin("web")
        });
        assert!(!restarted || is_up(&pm, "web"), "it was started again, and does not run");
        end(&pm);
    });
}

#[test]
fn a_removal_beside_a_load_leaves_nothing_half() {
    let removals: [Operation; 2] =
        [|pm| pm.remove("web").map(drop), |pm| pm.remove_with_dependents("store").map(drop)];
    for removal in removals {
        let explored = move || {
            let pm = manager();
            pm.start_all().expect("nothing fails");
            let (loaded, removed) = meet(&pm, removal);
            // The load lists it, so that it may come again with it.
            assert!(loaded || !removed || !pm.is_registered("web"), "it was removed, and is there");
            for name in ["web", "store"] {
                assert!(
                    !pm.is_registered(name) || is_up(&pm, name) || removed,
                    "{name} is there, and does not run"
                );
            }
            end(&pm);
        };
        explore(explored);
    }
}

#[test]
fn a_removal_beside_a_replacement_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        pm.start_all().expect("nothing fails");
        let mut removed = false;
        thread::scope(|scope| {
            scope.spawn(|| {
                let store = StorePart(Arc::new(Site { version: 2, ..Site::default() }));
                drop(pm.replace_built(PluginBuilder::new(store).named("store")));
            });
            scope.spawn(|| removed = pm.remove("web").is_ok());
            scope.spawn(|| drop(call(&pm)));
        });
        assert!(!removed || !pm.is_registered("web"), "it was removed, and is there");
        assert!(is_up(&pm, "store"));
        pm.stop_all().expect("nothing fails");
    });
}

#[test]
fn two_loads_and_a_stop_meet() {
    explore(|| {
        let pm = manager();
        pm.start_all().expect("nothing fails");
        thread::scope(|scope| {
            for version in [2, 3] {
                let pm = &pm;
                // One of them may find the other under way.
                scope.spawn(move || drop(pm.load_config(&config(version))));
            }
            scope.spawn(|| drop(pm.stop_plugin("store")));
        });
        call(&pm);
        end(&pm);
    });
}
