//! Putting one plugin in the place of another of its name.

use std::sync::{Arc, Mutex};

use pluginkit::Error;
use pluginkit::metadata::PluginState;
use pluginkit::prelude::*;

use super::kind::{Manager, wait};

#[extension_point]
trait Specs {
    fn version(&self) -> u32;
}

#[extension_point]
trait Unknown {
    fn other(&self);
}

type Log = Arc<Mutex<Vec<&'static str>>>;

#[plugin(id = "store", version = "1.0.0")]
struct Old(Log);

#[extension]
impl Specs for Old {
    fn version(&self) -> u32 {
        1
    }
}

#[extension]
impl Lifecycle for Old {
    fn start(&self) -> Result<(), BoxError> {
        self.0.lock().unwrap().push("start");
        Ok(())
    }
    fn stop(&self) -> Result<(), BoxError> {
        self.0.lock().unwrap().push("stop");
        if self.0.lock().unwrap().contains(&"break") { Err("broken".into()) } else { Ok(()) }
    }
    fn unload(&self) -> Result<(), BoxError> {
        self.0.lock().unwrap().push("unload");
        Ok(())
    }
}

#[plugin(id = "store", version = "2.0.0")]
struct New;

#[extension]
impl Specs for New {
    fn version(&self) -> u32 {
        2
    }
}

#[plugin(id = "store", version = "2.0.0")]
struct Misfit;

#[extension]
impl Unknown for Misfit {
    fn other(&self) {}
}

#[plugin(id = "user", version = "1.0.0", requires = ["store"])]
struct User;

fn manager() -> (Manager, Log) {
    let (pm, log) = (Manager::new("replace"), Log::default());
    pm.add_extension_points(Specs).unwrap();
    pm.register(Old(Arc::clone(&log))).unwrap();
    (pm, log)
}

fn versions(pm: &Manager) -> Vec<u32> {
    wait!(pm.caller(Specs::version).call())
}

#[test]
fn the_old_plugin_is_stopped_and_the_new_one_has_its_name() {
    let (pm, log) = manager();
    wait!(pm.start_all()).unwrap();
    let old = wait!(pm.replace(New)).unwrap().unwrap();
    assert!(old.downcast::<Old>().is_ok());
    assert_eq!(*log.lock().unwrap(), ["start", "stop", "unload"]);
    assert_eq!(versions(&pm), [2]);
    let store = pm.descriptor("store").unwrap();
    assert_eq!((store.state, &*store.metadata.version), (PluginState::Started, "2.0.0"));
    assert_eq!(pm.plugin_names(), ["store"]);
    assert!(pm.unregister("store").is_some());
    assert!(versions(&pm).is_empty());
}

struct Third;

#[extension]
impl Specs for Third {
    fn version(&self) -> u32 {
        3
    }
}

#[test]
fn the_new_plugin_has_the_place_of_the_old_one() {
    let (pm, _) = manager();
    pm.register_as("third", Third).unwrap();
    wait!(pm.replace(New)).unwrap();
    assert_eq!(versions(&pm), [2, 3]);
    assert_eq!(pm.plugin_names(), ["store", "third"]);
}

#[test]
fn where_there_was_none_it_is_registered() {
    let pm = Manager::new("replace");
    pm.add_extension_points(Specs).unwrap();
    assert!(wait!(pm.replace(New)).unwrap().is_none());
    assert_eq!(versions(&pm), [2]);
}

#[test]
fn one_that_is_refused_leaves_the_old_one_running() {
    let (pm, log) = manager();
    wait!(pm.start_all()).unwrap();
    let error = wait!(pm.replace(Misfit)).unwrap_err();
    assert!(matches!(error, Error::UnknownSpecs { .. }), "{error}");
    assert_eq!(*log.lock().unwrap(), ["start"]);
    assert_eq!(versions(&pm), [1]);
    let store = pm.descriptor("store").unwrap();
    assert_eq!((store.state, &*store.metadata.version), (PluginState::Started, "1.0.0"));
    // It can be replaced by another.
    wait!(pm.replace(New)).unwrap();
    assert_eq!(versions(&pm), [2]);
}

#[test]
fn a_started_dependent_is_restarted_with_its_dependency() {
    let (pm, log) = manager();
    pm.register(User).unwrap();
    wait!(pm.start_all()).unwrap();
    let user = pm.descriptor("user").unwrap().last_state_change;
    wait!(pm.replace(New)).unwrap();
    assert_eq!(versions(&pm), [2]);
    assert_eq!(*log.lock().unwrap(), ["start", "stop", "unload"]);
    assert!(pm.descriptor("user").unwrap().last_state_change > user);
    assert_eq!(pm.descriptor("user").unwrap().state, PluginState::Started);
}

#[test]
fn it_is_replaced_even_if_it_fails_to_stop() {
    let (pm, log) = manager();
    wait!(pm.start_all()).unwrap();
    log.lock().unwrap().push("break");
    let error = wait!(pm.replace(New)).unwrap_err();
    assert_eq!(error.kind(), pluginkit::ErrorKind::Stop);
    assert_eq!(versions(&pm), [2]);
}

#[plugin(id = "between", version = "1.0.0")]
struct Down;

#[extension]
impl Specs for Down {
    #[extension(after = "first", before = "second")]
    fn version(&self) -> u32 {
        1
    }
}

#[plugin(id = "between", version = "2.0.0")]
struct Up;

#[extension]
impl Specs for Up {
    #[extension(after = "second", before = "first")]
    fn version(&self) -> u32 {
        2
    }
}

#[plugin(id = "between", version = "3.0.0")]
struct Both;

#[extension]
impl Specs for Both {
    #[extension(after = "second", before = "second")]
    fn version(&self) -> u32 {
        3
    }
}

#[test]
fn a_plugin_that_turns_the_order_of_the_one_it_replaces_round_is_ordered_by_its_own() {
    let pm = Manager::new("replace");
    pm.add_extension_points(Specs).unwrap();
    for (name, version) in [("first", 10), ("second", 20)] {
        pm.register_fn(name, Specs::version, move |_| version).unwrap();
    }
    pm.register(Down).unwrap();
    assert_eq!(versions(&pm), [10, 1, 20]);
    wait!(pm.replace(Up)).unwrap();
    assert_eq!(versions(&pm), [20, 2, 10]);

    // One that is refused leaves the other and its order.
    let error = wait!(pm.replace(Both)).unwrap_err();
    assert!(matches!(error, Error::OrderCycle { .. }), "{error}");
    assert_eq!(versions(&pm), [20, 2, 10]);
    wait!(pm.replace(Down)).unwrap();
    assert_eq!(versions(&pm), [10, 1, 20]);
}

#[extension_point]
trait Remembered {
    #[extension_point(historic)]
    fn note(&self, number: u32) -> Result<(), String>;
}

#[plugin(id = "store", version = "3.0.0")]
struct Picky;

#[extension]
impl Remembered for Picky {
    fn note(&self, number: u32) -> Result<(), String> {
        Err(format!("{number} is refused"))
    }
}

#[test]
fn a_replay_that_fails_leaves_the_old_one_running() {
    let (pm, log) = manager();
    pm.add_extension_points(Remembered).unwrap();
    wait!(pm.caller(Remembered::note).call_historic(7)).unwrap();
    wait!(pm.start_all()).unwrap();
    let error = wait!(pm.replace(Picky)).unwrap_err();
    assert!(matches!(&error, Error::Replay { .. }), "{error:?}");
    assert_eq!(versions(&pm), [1]);
    assert_eq!(pm.descriptor("store").unwrap().state, PluginState::Started);
    assert_eq!(*log.lock().unwrap(), ["start"]);
}

#[test]
fn a_stop_that_fails_is_told_and_the_new_one_is_in() {
    let (pm, log) = manager();
    wait!(pm.start_all()).unwrap();
    log.lock().unwrap().push("break");
    let error = wait!(pm.replace(New)).unwrap_err();
    assert!(matches!(&error, Error::Stop { .. }), "{error:?}");
    assert_eq!(versions(&pm), [2]);
    assert_eq!(pm.descriptor("store").unwrap().state, PluginState::Started);
}
