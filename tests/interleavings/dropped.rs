//! Loads of an async manager whose future is dropped on the way, beside calls and other operations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Waker};

use pluginkit::Error;
use pluginkit::config::PluginConfig;
use pluginkit::loading::PluginFactory;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use shuttle::future::{block_on, yield_now};
use shuttle::thread;

use crate::explore;

#[extension_point]
trait Uses {
    fn version(&self) -> u32;
}

struct Part {
    version: u32,
    is_up: Arc<AtomicBool>,
}

#[extension]
impl Uses for Part {
    async fn version(&self) -> u32 {
        assert!(self.is_up.load(SeqCst), "it is called before its start or after its stop");
        yield_now().await;
        assert!(self.is_up.load(SeqCst), "it is stopped under a call");
        self.version
    }
}

#[extension]
impl Lifecycle for Part {
    async fn start(&self) -> Result<(), BoxError> {
        yield_now().await;
        assert!(!self.is_up.swap(true, SeqCst), "it is started twice");
        Ok(())
    }
    async fn stop(&self) -> Result<(), BoxError> {
        // Also if it has started in part.
        yield_now().await;
        self.is_up.store(false, SeqCst);
        Ok(())
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Settings {
    version: u32,
}

fn config(version: u32) -> PluginConfig {
    let text = format!(
        "[plugins]\nall = ['one', 'two']\n[plugin.one]\nversion = {version}\n[plugin.two]\nversion = {version}"
    );
    PluginConfig::from_toml_str(&text).expect("it is right")
}

fn manager() -> AsyncPluginManager {
    let pm = AsyncPluginManager::builder("dropped").drain_limit(None).build();
    pm.add_extension_points(Uses).expect("they are of every project");
    for id in ["one", "two"] {
        let part = |Settings { version }| Part { version, is_up: Arc::default() };
        pm.add_factory(PluginFactory::configured(PluginMetadata::new(id), part));
    }
    block_on(pm.load_config(&config(1))).expect("nothing fails");
    block_on(pm.start_all()).expect("nothing fails");
    pm
}

/// The version that a call finds.
fn call(pm: &AsyncPluginManager) -> u32 {
    let versions = block_on(pm.caller(Uses::version).call());
    assert!(versions == [1, 1] || versions == [2, 2] || versions == [3, 3], "{versions:?}");
    versions[0]
}

/// Loads until no other load is under way. The rest of a dropped load runs on a thread of its own.
fn load(pm: &AsyncPluginManager, version: u32) {
    while let Err(error) = block_on(pm.load_config(&config(version))) {
        assert!(matches!(error, Error::LoadBusy), "{error}");
        thread::yield_now();
    }
}

#[test]
fn a_load_that_is_dropped_leaves_the_old_or_the_new_to_all_calls() {
    for polls in [2, 5, 8] {
        explore(move || {
            let pm = manager();
            thread::scope(|scope| {
                scope.spawn(|| {
                    let config = config(2);
                    let mut load = Box::pin(pm.load_config(&config));
                    for _ in 0..polls {
                        if load.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                            break;
                        }
                        thread::yield_now();
                    }
                });
                scope.spawn(|| {
                    let (first, second) = (call(&pm), call(&pm));
                    assert!(first <= second, "{second} after {first}");
                });
            });
            let left = call(&pm);
            load(&pm, 3);
            assert!(left < 3);
            assert_eq!(call(&pm), 3);
            let states = pm.descriptors();
            assert!(states.iter().all(|plugin| plugin.state == PluginState::Started), "{states:?}");
        });
    }
}

#[test]
fn a_load_that_is_dropped_beside_a_stop_leaves_nothing_running() {
    explore(|| {
        let pm = manager();
        thread::scope(|scope| {
            scope.spawn(|| {
                let config = config(2);
                let mut load = Box::pin(pm.load_config(&config));
                for _ in 0..4 {
                    if load.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                        break;
                    }
                    thread::yield_now();
                }
            });
            scope.spawn(|| block_on(pm.stop_all()).expect("nothing fails"));
        });
        load(&pm, 3);
        assert!(block_on(pm.caller(Uses::version).call()).is_empty(), "something runs after all was stopped");
    });
}
