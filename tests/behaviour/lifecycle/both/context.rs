//! The context that phases of a plugin get.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pluginkit::lifecycle::{CancellationSignal, Lifecycle, StartPolicy};
use pluginkit::metadata::PluginState;
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error};

use super::kind::{Manager, implement, wait};

#[derive(Debug, PartialEq)]
struct Settings {
    limit: u32,
}

#[derive(Default)]
struct Counter(AtomicUsize);

#[derive(Default)]
struct Seen {
    signals: Vec<CancellationSignal>,
    private: Vec<Option<String>>,
    limits: Vec<Option<u32>>,
    context: Option<PluginContext>,
}

#[plugin(id = "seeing", version = "1.2.3")]
struct Seeing {
    seen: Arc<Mutex<Seen>>,
    fails: Arc<Mutex<bool>>,
}

implement! {
    #[extension]
    impl Lifecycle for Seeing {
        fn init(&self, cx: &PluginContext) -> Result<(), BoxError> {
            let mut seen = self.seen.lock().unwrap();
            seen.private.push(cx.state().get::<String>().map(|it| it.to_string()));
            cx.state().insert(String::from("from init"));
            seen.limits.push(cx.config::<Settings>().map(|it| it.limit));
            cx.shared_state().get_or_insert_with(Counter::default).0.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }

        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            let mut seen = self.seen.lock().unwrap();
            seen.private.push(cx.state().get::<String>().map(|it| it.to_string()));
            seen.signals.push(cx.cancellation().clone());
            seen.context = Some(cx.clone());
            assert_eq!(cx.descriptor().metadata.version, "1.2.3");
            if *self.fails.lock().unwrap() { Err("told to")? }
            Ok(())
        }

        fn stop(&self, cx: &PluginContext) -> Result<(), BoxError> {
            assert!(cx.cancellation().is_cancelled());
            let private = cx.state().get::<String>().map(|it| it.to_string());
            self.seen.lock().unwrap().private.push(private);
            Ok(())
        }
    }
}

fn seeing() -> (Manager, Arc<Mutex<Seen>>, Arc<Mutex<bool>>) {
    let (pm, seen, fails) = (Manager::new("lives"), Arc::default(), Arc::default());
    pm.register(Seeing { seen: Arc::clone(&seen), fails: Arc::clone(&fails) }).unwrap();
    (pm, seen, fails)
}

#[test]
fn a_plugin_finds_its_configuration() {
    let (pm, seen, _) = seeing();
    wait!(pm.start_all()).unwrap();
    assert!(pm.configure("seeing", Settings { limit: 7 }).unwrap().is_none());
    let before = pm.configure("seeing", Settings { limit: 8 }).unwrap().unwrap();
    assert_eq!(*before, Settings { limit: 7 });
    wait!(pm.stop_all()).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(seen.lock().unwrap().limits, [None, Some(8)]);
    assert!(matches!(pm.configure("ghost", 1_u8), Err(Error::UnknownPlugin { .. })));
}

#[test]
fn its_own_state_lasts_from_init_to_unload() {
    let (pm, seen, _) = seeing();
    for _ in 0..2 {
        wait!(pm.start_all()).unwrap();
        wait!(pm.stop_all()).unwrap();
    }
    let own = Some("from init".to_owned());
    let seen = seen.lock().unwrap();
    assert_eq!(seen.private, [None, own.clone(), own.clone(), None, own.clone(), own]);
    assert!(seen.context.as_ref().unwrap().state().is_empty());
}

#[test]
fn the_shared_state_is_everybodys() {
    let (pm, seen, _) = seeing();
    pm.shared_state().insert(Counter(AtomicUsize::new(41)));
    wait!(pm.start_all()).unwrap();
    assert_eq!(pm.shared_state().get::<Counter>().unwrap().0.load(Ordering::SeqCst), 42);
    wait!(pm.unload_all()).unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.context.as_ref().unwrap().shared_state().get::<Counter>().is_some());
    assert!(Manager::new("lives").shared_state().is_empty());
}

#[test]
fn every_start_has_a_signal_that_its_stop_gives() {
    let (pm, seen, fails) = seeing();
    let given =
        || -> Vec<_> { seen.lock().unwrap().signals.iter().map(CancellationSignal::is_cancelled).collect() };
    wait!(pm.start_all()).unwrap();
    assert_eq!(given(), [false]);
    wait!(pm.stop_all()).unwrap();
    assert_eq!(given(), [true]);
    wait!(pm.start_all()).unwrap();
    assert_eq!(given(), [true, false]);
    wait!(pm.stop_all()).unwrap();
    *fails.lock().unwrap() = true;
    wait!(pm.start_plugins(["seeing"], StartPolicy::Keep)).unwrap_err();
    assert_eq!(given(), [true, true, true]);
}

#[test]
fn a_kept_context_keeps_nothing_alive() {
    let (pm, seen, _) = seeing();
    wait!(pm.start_all()).unwrap();
    let instance = Arc::downgrade(&pm.plugin_as::<Seeing>("seeing").unwrap());
    let cx = seen.lock().unwrap().context.clone().unwrap();
    assert_eq!(cx.descriptor().state, PluginState::Started);
    drop(pm);
    assert!(instance.upgrade().is_none());
    assert_eq!(cx.id(), "seeing");
}

#[test]
fn no_plugin_finds_the_state_of_another_and_none_is_left_of_one_that_leaves() {
    let pm = Manager::new("lives");
    let mut contexts = Vec::new();
    for name in ["a", "b"] {
        let seen = Arc::<Mutex<Seen>>::default();
        pm.register_as(name, Seeing { seen: Arc::clone(&seen), fails: Arc::default() }).unwrap();
        wait!(pm.start_plugin(name)).unwrap();
        contexts.push(seen.lock().unwrap().context.clone().unwrap());
    }
    for (context, own) in contexts.iter().zip([1_u32, 2]) {
        assert!(context.state().insert(own).is_none(), "the other has not put its own there");
    }
    let own: Vec<_> = contexts.iter().map(|context| *context.state().get::<u32>().unwrap()).collect();
    assert_eq!(own, [1, 2]);
    assert!(pm.shared_state().get::<u32>().is_none(), "nor is it everybody's");
    pm.unregister("a").unwrap();
    assert!(contexts[0].state().is_empty(), "it left without being unloaded");
    assert_eq!(contexts[1].state().len(), 2);
}
