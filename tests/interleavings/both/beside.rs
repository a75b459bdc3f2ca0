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
use pluginkit::loading::{Discovery, PluginFactory};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use shuttle::thread;

use super::kind::{Manager, implement, pause, wait};
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
    /// Whether it may stop under a plugin that calls do not reach.
    is_left: bool,
}

struct StorePart(Arc<Site>);

#[extension(service)]
impl Store for StorePart {
    fn state(&self) -> Arc<Site> {
        Arc::clone(&self.0)
    }
}

implement! {
    #[extension]
    impl Uses for StorePart {
        fn version(&self) -> u32 {
            assert!(self.0.is_up.load(SeqCst), "a store is called that is not up");
            pause!();
            assert!(self.0.is_up.load(SeqCst), "a store is stopped under a call");
            self.0.version
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for StorePart {
        fn start(&self) -> Result<(), BoxError> {
            pause!();
            assert!(!self.0.is_up.swap(true, SeqCst), "a store is started twice");
            Ok(())
        }
        fn stop(&self) -> Result<(), BoxError> {
            assert!(self.0.is_left || self.0.users.load(SeqCst) == 0, "a store is stopped under a plugin that has it");
            assert!(self.0.is_up.swap(false, SeqCst), "a store is stopped twice");
            Ok(())
        }
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

implement! {
    #[extension]
    impl Uses for Web {
        fn version(&self) -> u32 {
            let site = self.site().expect("a plugin is called that is not up");
            assert!(site.is_up.load(SeqCst), "a plugin has a store that is not up");
            pause!();
            assert!(site.is_up.load(SeqCst), "the store of a plugin is stopped under a call");
            100 + site.version
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Web {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            let site = cx.service::<dyn Store>()?.state();
            site.users.fetch_add(1, SeqCst);
            assert!(site.is_left || site.is_up.load(SeqCst), "a plugin starts with a store that is not up");
            pause!();
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
fn manager() -> Manager {
    let pm = Manager::builder("beside").drain_limit(None).build();
    pm.add_extension_points(Uses).expect("they are of every project");
    let store = |Settings { version }| StorePart(Arc::new(Site { version, ..Site::default() }));
    pm.add_factory(PluginFactory::configured(PluginMetadata::new("store"), store));
    let web = PluginMetadata::new("web").requires_service::<dyn Store>();
    pm.add_factory(PluginFactory::new(web, Web::default));
    wait!(pm.load_config(&config(1))).expect("nothing fails");
    pm
}

fn is_up(pm: &Manager, name: &str) -> bool {
    pm.descriptor(name).is_some_and(|plugin| plugin.state == PluginState::Started)
}

/// The versions that a call finds, which are of one load.
fn call(pm: &Manager) -> Vec<u32> {
    let versions = wait!(pm.caller(Uses::version).call());
    let loads: Vec<u32> = versions.iter().map(|version| version % 100).collect();
    assert!(loads.windows(2).all(|pair| pair[0] == pair[1]), "a mix: {versions:?}");
    versions
}

type Operation = fn(&Manager) -> Result<(), Error>;

/// Lets `operation` meet a load, and a call meet both. Returns whether the load and the operation succeeded.
fn meet(pm: &Manager, operation: Operation) -> (bool, bool) {
    let mut outcome = (false, false);
    let (loaded, done) = (&mut outcome.0, &mut outcome.1);
    thread::scope(|scope| {
        scope.spawn(|| *loaded = wait!(pm.load_config(&config(2))).is_ok());
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
fn end(pm: &Manager) {
    wait!(pm.load_config(&config(3))).expect("no load is under way");
    wait!(pm.start_all()).expect("nothing fails");
    assert_eq!(call(pm), [103, 3]);
    wait!(pm.stop_all()).expect("nothing fails");
    assert!(call(pm).is_empty());
    assert!(!is_up(pm, "web") && !is_up(pm, "store"));
}

#[test]
fn a_stop_of_a_dependent_beside_a_load_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        wait!(pm.start_all()).expect("nothing fails");
        let (_, stopped) = meet(&pm, |pm| wait!(pm.stop_plugin("web")));
        assert!(!stopped || !is_up(&pm, "web"), "it was stopped, and runs");
        assert!(is_up(&pm, "store"));
        end(&pm);
    });
}

#[test]
fn a_stop_of_a_provider_beside_a_load_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        wait!(pm.start_all()).expect("nothing fails");
        let (_, stopped) = meet(&pm, |pm| wait!(pm.stop_plugin("store")));
        assert!(!stopped || !is_up(&pm, "store") && !is_up(&pm, "web"), "it was stopped, and runs");
        end(&pm);
    });
}

#[test]
fn a_stop_of_all_beside_a_load_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        wait!(pm.start_all()).expect("nothing fails");
        let (_, stopped) = meet(&pm, |pm| {
            wait!(pm.stop_all())?;
            Ok(())
        });
        assert!(!stopped || !is_up(&pm, "store") && !is_up(&pm, "web"), "it was stopped, and runs");
        end(&pm);
    });
}

#[test]
fn a_start_of_a_dependent_beside_a_load_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        wait!(pm.start_plugin("store")).expect("nothing fails");
        let (_, started) = meet(&pm, |pm| wait!(pm.start_plugin("web")));
        assert!(!started || is_up(&pm, "web"), "it was started, and does not run");
        assert!(is_up(&pm, "store"));
        end(&pm);
    });
}

#[test]
fn a_start_of_all_beside_a_load_is_done_in_the_end() {
    explore(|| {
        let pm = manager();
        let (_, started) = meet(&pm, |pm| wait!(pm.start_all_with(StartPolicy::Keep)));
        assert!(!started || is_up(&pm, "web") && is_up(&pm, "store"), "it was started, and does not run");
        end(&pm);
    });
}

#[test]
fn a_restart_of_a_dependent_beside_a_load_ends_with_what_was_asked_last() {
    explore(|| {
        let pm = manager();
        wait!(pm.start_all()).expect("nothing fails");
        let (_, restarted) = meet(&pm, |pm| {
            wait!(pm.stop_plugin("web"))?;
            wait!(pm.start_plugin("web"))
        });
        assert!(!restarted || is_up(&pm, "web"), "it was started again, and does not run");
        end(&pm);
    });
}

#[test]
fn a_removal_beside_a_load_leaves_nothing_half() {
    let removals: [Operation; 2] =
        [|pm| wait!(pm.remove("web")).map(drop), |pm| wait!(pm.remove_with_dependents("store")).map(drop)];
    for removal in removals {
        let explored = move || {
            let pm = manager();
            wait!(pm.start_all()).expect("nothing fails");
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
        wait!(pm.start_all()).expect("nothing fails");
        let mut removed = false;
        thread::scope(|scope| {
            scope.spawn(|| {
                let store = StorePart(Arc::new(Site { version: 2, ..Site::default() }));
                drop(wait!(pm.replace_built(PluginBuilder::new(store).named("store"))));
            });
            scope.spawn(|| removed = wait!(pm.remove("web")).is_ok());
            scope.spawn(|| drop(call(&pm)));
        });
        assert!(!removed || !pm.is_registered("web"), "it was removed, and is there");
        assert!(is_up(&pm, "store"));
        wait!(pm.stop_all()).expect("nothing fails");
    });
}

#[test]
fn two_loads_and_a_stop_meet() {
    explore(|| {
        let pm = manager();
        wait!(pm.start_all()).expect("nothing fails");
        thread::scope(|scope| {
            for version in [2, 3] {
                let pm = &pm;
                // One of them may find the other under way.
                scope.spawn(move || drop(wait!(pm.load_config(&config(version)))));
            }
            scope.spawn(|| drop(wait!(pm.stop_plugin("store"))));
        });
        call(&pm);
        end(&pm);
    });
}

/// What a discovery registers starts with the old store or the new one, and runs with the new one in the end.
#[test]
fn a_discovery_beside_a_replacement_of_what_it_uses_ends_with_the_new() {
    explore(|| {
        let pm = Manager::builder("beside").drain_limit(None).build();
        pm.add_extension_points(Uses).expect("they are of every project");
        let store = |version| {
            let store = StorePart(Arc::new(Site { version, is_left: true, ..Site::default() }));
            PluginBuilder::new(store).named("store")
        };
        store(1).register(&pm).expect("its name is free");
        wait!(pm.start_all()).expect("nothing fails");
        let web = PluginMetadata::new("web").requires_service::<dyn Store>();
        pm.add_factory(PluginFactory::new(web, Web::default));
        thread::scope(|scope| {
            scope.spawn(|| {
                let report = wait!(pm.discover_with(Discovery::new().only(["web"]))).expect("nothing fails");
                assert_eq!(report.registered(), ["web"]);
                assert!(report.stop_errors().is_empty(), "{report}");
                assert!(report.restarted().iter().all(|(_, because)| *because == "store"), "{report}");
            });
            scope.spawn(|| drop(wait!(pm.replace_built(store(2))).expect("nothing fails")));
            scope.spawn(|| drop(call(&pm)));
        });
        assert_eq!(call(&pm), [2, 102]);
        wait!(pm.stop_all()).expect("nothing fails");
        assert!(call(&pm).is_empty());
    });
}
