//! A load that is dropped, at every point where it waits.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::thread;

use pluginkit::loading::PluginFactory;
use pluginkit::metadata::{PluginMetadata, PluginState};
use pluginkit::prelude::*;
use pluginkit_tests::{block_on, pending};

use crate::toml;

#[extension_point]
trait Parts {
    fn version(&self) -> String;
}

#[extension_point(service)]
trait Store: Send + Sync {
    fn version(&self) -> u32;
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Settings {
    version: u32,
}

type Log = Arc<Mutex<Vec<String>>>;

/// A database, which is the store of its version while it runs.
struct Db(u32, Log);

#[extension(service)]
impl Store for Db {
    fn version(&self) -> u32 {
        self.0
    }
}

#[extension]
impl Lifecycle for Db {
    async fn start(&self) -> Result<(), BoxError> {
        pending(1).await;
        self.1.lock().unwrap().push(format!("start {}", self.0));
        Ok(())
    }
    async fn stop(&self) -> Result<(), BoxError> {
        pending(1).await;
        self.1.lock().unwrap().push(format!("stop {}", self.0));
        Ok(())
    }
}

/// Uses the store that it saw when it started.
#[derive(Default)]
struct User(Mutex<Option<Arc<dyn Store>>>);

#[extension]
impl Parts for User {
    async fn version(&self) -> String {
        pending(1).await;
        self.0.lock().unwrap().as_ref().map_or("none".to_owned(), |store| store.version().to_string())
    }
}

#[extension]
impl Lifecycle for User {
    async fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        pending(1).await;
        *self.0.lock().unwrap() = Some(cx.service::<dyn Store>()?);
        Ok(())
    }
    async fn stop(&self) -> Result<(), BoxError> {
        self.0.lock().unwrap().take();
        Ok(())
    }
}

fn manager(exclusive: bool) -> (AsyncPluginManager, Log) {
    let (pm, log) = (AsyncPluginManager::new("dropped"), Log::default());
    pm.add_extension_points(Parts).unwrap();
    let own = Arc::clone(&log);
    let db = PluginMetadata::new("db").exclusive(exclusive);
    let user = PluginMetadata::new("user").requires(["db"]);
    pm.add_factory(
        PluginFactory::configured(db, move |settings: Settings| Db(settings.version, Arc::clone(&own)))
            .erased(),
    );
    pm.add_factory(PluginFactory::configured(user, |_: Settings| User::default()).erased());
    block_on(load(&pm, 0)).unwrap();
    block_on(pm.start_all()).unwrap();
    (pm, log)
}

async fn load(pm: &AsyncPluginManager, version: u32) -> Result<(), pluginkit::Error> {
    let list = format!("[plugins]\ng = ['db', 'user']\n[plugin.db]\nversion = {version}");
    pm.load_config(&toml(&list)).await.map(drop)
}

fn poll<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// Waits until what is left of a load is over: until another may begin.
fn settle(pm: &AsyncPluginManager, version: u32) {
    while let Err(error) = block_on(load(pm, version)) {
        assert_eq!(error.code(), "load_busy", "{error}");
        thread::yield_now();
    }
}

/// Checks that a manager runs with the store of this version, whatever it went through.
fn check(pm: &AsyncPluginManager, log: &Log, version: u32, polls: u32) {
    assert!(pm.descriptors().iter().all(|plugin| plugin.state == PluginState::Started), "{polls}");
    assert_eq!(pm.service::<dyn Store>().unwrap().version(), version, "{polls}");
    assert_eq!(block_on(pm.caller(Parts::version).call()), [version.to_string()], "{polls}");
    assert_eq!(pm.all_services::<dyn Store>().len(), 1, "{polls}");
    let log = std::mem::take(&mut *log.lock().unwrap());
    let count = |what: &str| log.iter().filter(|entry| entry.starts_with(what)).count();
    assert_eq!(count("start"), count("stop") + 1, "{polls}: {log:?}");
}

#[test]
fn a_load_that_is_dropped_leaves_the_old_or_the_new_running() {
    for exclusive in [false, true] {
        let mut has_ended = false;
        let mut seen = Vec::new();
        for polls in 0..60 {
            let (pm, log) = manager(exclusive);
            {
                let mut loading = pin!(load(&pm, 1));
                has_ended = (0..polls).any(|_| poll(loading.as_mut()));
            }
            // Whichever runs, calls find one that is whole.
            loop {
                let versions = block_on(pm.caller(Parts::version).call());
                assert!(
                    versions.is_empty() && exclusive || versions == ["0"] || versions == ["1"],
                    "{versions:?}"
                );
                if !versions.is_empty() {
                    break;
                }
            }
            // What is left goes on to its end.
            while let Err(error) = block_on(pm.discover_with(true)) {
                assert_eq!(error.code(), "load_busy", "{error}");
                thread::yield_now();
            }
            let version = pm.service::<dyn Store>().unwrap().version();
            assert!(version == 1 || !has_ended, "{polls}");
            seen.push(version);
            check(&pm, &log, version, polls);
            settle(&pm, 2);
            log.lock().unwrap().insert(0, "start".to_owned());
            check(&pm, &log, 2, polls);
            if has_ended {
                break;
            }
        }
        assert!(has_ended && seen.contains(&0) && seen.is_sorted(), "{seen:?}");
    }
}

#[test]
fn a_load_that_is_dropped_while_the_old_drains_is_done() {
    let (pm, log) = manager(false);
    let caller = pm.caller(Parts::version);
    let mut call = Box::pin(caller.call());
    assert!(!poll(call.as_mut()));
    {
        let mut loading = pin!(load(&pm, 1));
        for _ in 0..50 {
            assert!(!poll(loading.as_mut()));
        }
    }
    assert_eq!(block_on(pm.caller(Parts::version).call()), ["1"]);
    assert_eq!(*log.lock().unwrap(), ["start 0", "start 1"]);
    // The call that was under way ends with the plugin and the store that it began with.
    assert_eq!(block_on(call), ["0"]);
    settle(&pm, 1);
    check(&pm, &log, 1, 0);
}

#[test]
fn a_load_that_is_dropped_in_a_runtime_goes_on_there() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (pm, log) = manager(false);
    runtime.block_on(async {
        {
            let mut loading = pin!(load(&pm, 1));
            assert!(!poll(loading.as_mut()) && !poll(loading.as_mut()));
        }
        while let Err(error) = pm.discover_with(true).await {
            assert_eq!(error.code(), "load_busy", "{error}");
            tokio::task::yield_now().await;
        }
        assert_eq!(pm.caller(Parts::version).call().await, ["0"]);
    });
    check(&pm, &log, 0, 2);
}

#[test]
fn a_load_whose_runtime_ends_after_its_step_drops_the_old_plugins() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (pm, log) = manager(false);
    // The plugin, its factory and this test.
    assert_eq!(Arc::strong_count(&log), 3);
    let caller = pm.caller(Parts::version);
    let mut call = Box::pin(caller.call());
    assert!(!poll(call.as_mut()));
    runtime.block_on(async {
        let mut loading = pin!(load(&pm, 1));
        while pm.service::<dyn Store>().unwrap().version() == 0 {
            assert!(!poll(loading.as_mut()));
        }
        // The new plugin is there, and the old one waits for the call.
        assert_eq!(Arc::strong_count(&log), 4);
    });
    assert_eq!(Arc::strong_count(&log), 4);
    drop(runtime);
    // The call that was under way has the old plugins as long as it needs them.
    assert_eq!(block_on(call), ["0"]);
    assert_eq!(Arc::strong_count(&log), 3);
    assert_eq!(block_on(pm.caller(Parts::version).call()), ["1"]);
    // Nothing ran its last phases.
    assert_eq!(*log.lock().unwrap(), ["start 0", "start 1"]);
    settle(&pm, 2);
    assert_eq!(pm.service::<dyn Store>().unwrap().version(), 2);
}
