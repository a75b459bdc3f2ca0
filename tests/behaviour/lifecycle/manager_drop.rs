//! A dropped manager and its started plugins.

use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn name(&self) -> &'static str;
}

type Log = Arc<Mutex<Vec<&'static str>>>;

struct Noted(Log, bool);

#[extension]
impl Specs for Noted {
    fn name(&self) -> &'static str {
        "noted"
    }
}

#[extension]
impl Lifecycle for Noted {
    fn stop(&self) -> Result<(), BoxError> {
        self.0.lock().unwrap().push("stop");
        assert!(!self.1, "stop broke");
        Ok(())
    }
    fn unload(&self) -> Result<(), BoxError> {
        self.0.lock().unwrap().push("unload");
        Ok(())
    }
}

fn manager(breaks: bool) -> (PluginManager, Log) {
    let (pm, log) = (PluginManager::new("drop"), Log::default());
    pm.add_extension_points(Specs).unwrap();
    pm.register(Noted(Arc::clone(&log), breaks)).unwrap();
    (pm, log)
}

#[test]
fn a_dropped_manager_stops_its_started_plugins() {
    let (pm, log) = manager(false);
    pm.start_all().unwrap();
    let caller = pm.caller(Specs::name);
    drop(pm);
    assert_eq!(*log.lock().unwrap(), ["stop", "unload"]);
    // A caller that is left finds no plugin that runs.
    assert!(caller.call().is_empty());
}

#[test]
fn a_plugin_that_is_not_started_is_not_stopped() {
    let (pm, log) = manager(false);
    drop(pm);
    let (other, other_log) = manager(false);
    other.start_all().unwrap();
    other.stop_all().unwrap();
    drop(other);
    assert!(log.lock().unwrap().is_empty());
    assert_eq!(*other_log.lock().unwrap(), ["stop", "unload"]);
}

#[test]
fn a_panic_in_a_stop_delays_no_other_plugin() {
    let (pm, log) = manager(true);
    pm.start_all().unwrap();
    drop(pm);
    assert_eq!(*log.lock().unwrap(), ["stop", "unload"]);
}

#[test]
fn a_panic_that_drops_the_manager_stops_them_too() {
    let (pm, log) = manager(true);
    pm.start_all().unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _dropped = pm;
        panic!("the host broke");
    }));
    assert!(panicked.is_err());
    assert_eq!(*log.lock().unwrap(), ["stop", "unload"]);
}

struct Signalled(Arc<Mutex<Option<pluginkit::lifecycle::CancellationSignal>>>);

#[extension]
impl Lifecycle for Signalled {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        *self.0.lock().unwrap() = Some(cx.cancellation().clone());
        Ok(())
    }
}

#[test]
fn the_background_work_of_a_plugin_is_told_of_its_end_however_it_leaves() {
    let signal = Arc::default();
    let pm = PluginManager::new("drop");
    pm.register_as("signalled", Signalled(Arc::clone(&signal))).unwrap();
    pm.start_all().unwrap();
    let given = signal.lock().unwrap().take().unwrap();
    assert!(!given.is_cancelled());
    pm.unregister("signalled").unwrap();
    assert!(given.is_cancelled());

    let pm = AsyncPluginManager::new("drop");
    pm.register_as("signalled", Signalled(Arc::clone(&signal))).unwrap();
    pluginkit_tests::block_on(pm.start_all()).unwrap();
    let given = signal.lock().unwrap().take().unwrap();
    assert!(!given.is_cancelled());
    drop(pm);
    assert!(given.is_cancelled());
}
