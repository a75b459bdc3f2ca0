//! Service handles that move with their plugin, beside loads, starts and stops.
//!
//! `web` has a handle of the store from its start on, and looks the store up in each call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use pluginkit::config::PluginConfig;
use pluginkit::loading::PluginFactory;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use pluginkit::services::ServiceHandle;
use shuttle::thread;

use super::kind::{Manager, implement, pause, wait};
use crate::explore;

#[extension_point]
trait Uses {
    fn version(&self) -> Option<u32>;
}

#[extension_point(service)]
trait Store: Send + Sync {
    fn site(&self) -> Arc<Site>;
}

#[derive(Default)]
struct Site {
    version: u32,
    was_up: AtomicBool,
}

struct StorePart(Arc<Site>);

#[extension(service)]
impl Store for StorePart {
    fn site(&self) -> Arc<Site> {
        Arc::clone(&self.0)
    }
}

implement! {
    #[extension]
    impl Lifecycle for StorePart {
        fn start(&self) -> Result<(), BoxError> {
            pause!();
            self.0.was_up.store(true, SeqCst);
            Ok(())
        }
    }
}

#[derive(Default)]
struct Web(std::sync::OnceLock<ServiceHandle<dyn Store>>);

implement! {
    #[extension]
    impl Lifecycle for Web {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            let store = cx.service_handle::<dyn Store>();
            assert!(store.get()?.site().was_up.load(SeqCst), "a plugin starts with a store that is not started");
            let _ = self.0.set(store);
            pause!();
            Ok(())
        }
    }
}

implement! {
    #[extension]
    impl Uses for Web {
        fn version(&self) -> Option<u32> {
            let store = self.0.get().expect("it is called after its start");
            let site = store.get().ok()?.site();
            pause!();
            Some(site.version)
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Settings {
    version: u32,
}

fn config(version: u32) -> PluginConfig {
    let text = format!("[plugins]\nall = ['store', 'web']\n[plugin.store]\nversion = {version}");
    PluginConfig::from_toml_str(&text).expect("it is right")
}

/// A manager that runs version 1.
fn manager() -> Manager {
    let pm = Manager::builder("handles").drain_limit(None).build();
    pm.add_extension_points(Uses).expect("they are of every project");
    let store = |Settings { version }| StorePart(Arc::new(Site { version, ..Site::default() }));
    pm.add_factory(PluginFactory::configured(PluginMetadata::new("store"), store));
    let web = PluginMetadata::new("web").requires_service::<dyn Store>();
    pm.add_factory(PluginFactory::new(web, Web::default));
    wait!(pm.load_config(&config(1))).expect("nothing fails");
    wait!(pm.start_all()).expect("nothing fails");
    pm
}

fn seen(handle: &ServiceHandle<dyn Store>) -> u32 {
    let site = handle.get().expect("a store is provided throughout").site();
    assert!(site.was_up.load(SeqCst), "a store is handed out that is not started");
    site.version
}

#[test]
fn a_handle_moves_with_a_load_once_and_for_all() {
    explore(|| {
        let pm = manager();
        let handle = pm.service_handle::<dyn Store>();
        thread::scope(|scope| {
            scope.spawn(|| {
                wait!(pm.load_config(&config(2))).expect("nothing fails");
                assert_eq!(seen(&handle), 2, "the handle has not moved with the load");
            });
            scope.spawn(|| {
                let versions = [(); 3].map(|()| {
                    thread::yield_now();
                    seen(&handle)
                });
                assert!(versions.is_sorted(), "a handle went back: {versions:?}");
            });
            scope.spawn(|| {
                let versions = wait!(pm.caller(Uses::version).call());
                assert!(versions == [1] || versions == [2], "{versions:?}");
                // What a plugin looks up is not older than what the host has seen before.
                let before = seen(&handle);
                let [now] = wait!(pm.caller(Uses::version).call())[..] else { panic!("it runs throughout") };
                assert!(now >= before, "{now} after {before}");
            });
        });
        assert_eq!((seen(&handle), handle.all().len()), (2, 1));
        assert_eq!(wait!(pm.caller(Uses::version).call()), [2]);
    });
}

#[test]
fn a_handle_is_empty_or_has_a_store_beside_a_load_and_a_stop() {
    explore(|| {
        let pm = manager();
        let handle = pm.service_handle::<dyn Store>();
        thread::scope(|scope| {
            scope.spawn(|| drop(wait!(pm.load_config(&config(2)))));
            scope.spawn(|| {
                wait!(pm.stop_plugin("store")).expect("nothing fails");
                // The load starts the plugins that it replaces.
                wait!(pm.start_all()).expect("nothing fails");
            });
            scope.spawn(|| {
                // A plugin that has not started yet has its service, and one that has stopped has not.
                for store in [(); 2].map(|()| handle.get()).into_iter().flatten() {
                    assert!([1, 2].contains(&store.site().version));
                }
                let versions = wait!(pm.caller(Uses::version).call());
                assert!(versions.is_empty() || versions == [1] || versions == [2], "{versions:?}");
            });
        });
        seen(&handle);
    });
}
