//! Observers that are removed while a call or an operation has them, with destructors that panic.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pluginkit::Options;
use pluginkit::observe::{Event, Observer, ObserverGuard};
use pluginkit::prelude::*;
use pluginkit_tests::panic_of;

use super::kind::{Manager, wait};

#[extension_point]
trait Specs {
    fn get(&self) -> u32;
    #[extension_point(historic)]
    fn learn(&self) -> Result<u32, String>;
}

type Guards = Arc<Mutex<Vec<ObserverGuard>>>;

/// Panics when it is dropped.
struct Panics {
    drops: Arc<AtomicUsize>,
    /// What it drops when it is told of a plugin.
    removed: Guards,
}

impl Observer for Panics {
    fn observe(&self, event: &Event<'_>) {
        if matches!(event, Event::StateChanged { .. }) {
            remove(&self.removed);
        }
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        panic!("an observer is dropped");
    }
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("a plugin is dropped");
    }
}

fn remove(guards: &Guards) {
    let removed = std::mem::take(&mut *guards.lock().unwrap());
    drop(removed);
}

/// Returns a manager, the guard of its observer, which extensions drop, and the number of drops.
fn manager() -> (Manager, Guards, Arc<AtomicUsize>) {
    let (pm, guards, drops) = (Manager::new("observers"), Guards::default(), Arc::new(AtomicUsize::new(0)));
    pm.add_extension_points(Specs).unwrap();
    let (get, learn) = (Arc::clone(&guards), Arc::clone(&guards));
    pm.register_fn("gets", Specs::get, move |_| {
        remove(&get);
        1
    })
    .unwrap();
    pm.register_fn("learns", Specs::learn, move |_| {
        remove(&learn);
        Ok(1)
    })
    .unwrap();
    (pm, guards, drops)
}

/// Lets the manager have the observer, which `removed` removes when it is told of a plugin.
fn observe(pm: &Manager, guards: &Guards, removed: &Guards, drops: &Arc<AtomicUsize>) {
    let guard = pm.observe(Panics { drops: Arc::clone(drops), removed: Arc::clone(removed) });
    guards.lock().unwrap().push(guard);
}

#[test]
fn a_guarded_call_fails_with_the_panic_of_the_observer_that_it_had_last() {
    let (pm, guards, drops) = manager();
    let (get, learn) = (pm.caller(Specs::get), pm.caller(Specs::learn));
    let nothing = Guards::default();
    let message = "an observer is dropped";

    observe(&pm, &guards, &nothing, &drops);
    let error = wait!(get.try_call()).unwrap_err();
    assert!(matches!(&error, CallError::DropPanicked { message: of, .. } if of == message), "{error:?}");
    assert_eq!(wait!(get.try_call()).unwrap(), [1]);

    observe(&pm, &guards, &nothing, &drops);
    let settled = wait!(get.settle());
    let results: Vec<_> = settled.iter().map(|each| each.result.is_ok()).collect();
    assert_eq!(results, [true, false], "{settled:?}");

    observe(&pm, &guards, &nothing, &drops);
    let error = wait!(learn.try_call_historic()).unwrap_err();
    assert!(matches!(&error, CallError::DropPanicked { message: of, .. } if of == message), "{error:?}");

    observe(&pm, &guards, &nothing, &drops);
    assert_eq!(panic_of(|| wait!(get.call())), message);
    assert_eq!(drops.load(Ordering::SeqCst), 4);
}

#[test]
fn an_operation_is_not_stopped_by_the_panic_of_an_observer_that_it_tells_last() {
    let (pm, guards, drops) = manager();
    PluginBuilder::new(())
        .named("starts")
        .extension(Lifecycle::start, Options::new(), |_, _| Ok(()))
        .register(&pm)
        .unwrap();
    observe(&pm, &guards, &guards, &drops);
    let messages = Arc::new(Mutex::new(Vec::new()));
    let of_events = Arc::clone(&messages);
    let observer = pm.observe(move |event: &Event<'_>| {
        if let Event::DropPanicked { message, .. } = event {
            of_events.lock().unwrap().push((*message).to_owned());
        }
    });
    wait!(pm.start_all()).unwrap();
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(*messages.lock().unwrap(), ["an observer is dropped"]);
    drop(observer);
}

#[test]
fn observers_that_are_left_are_told_of_panics_that_reach_no_caller() {
    let (pm, guards, drops) = manager();
    pm.register_fn("fails", Specs::learn, |_| Err("no".to_owned())).unwrap();
    let messages = Arc::new(Mutex::new(Vec::new()));
    let of_events = Arc::clone(&messages);
    let observer = pm.observe(move |event: &Event<'_>| {
        if let Event::DropPanicked { message, .. } = event {
            of_events.lock().unwrap().push((*message).to_owned());
        }
    });
    let nothing = Guards::default();
    for _ in 0..3 {
        observe(&pm, &guards, &nothing, &drops);
    }
    wait!(pm.caller(Specs::get).try_call()).unwrap_err();
    assert_eq!(messages.lock().unwrap().len(), 2, "the first is in the error");
    observe(&pm, &guards, &nothing, &drops);
    let error = wait!(pm.caller(Specs::learn).try_call_historic()).unwrap_err();
    assert!(matches!(error, CallError::DropPanicked { .. } | CallError::Failed { .. }), "{error:?}");
    assert_eq!(drops.load(Ordering::SeqCst), 3 + usize::from(guards.lock().unwrap().is_empty()));
    drop(observer);
}

#[test]
fn a_phase_that_removes_an_observer_succeeds() {
    let (pm, guards, drops) = manager();
    let of_phase = Arc::clone(&guards);
    for name in ["one", "two", "three"] {
        let guards = (name == "two").then(|| Arc::clone(&of_phase));
        PluginBuilder::new(guards)
            .named(name)
            .extension(Lifecycle::start, Options::new(), |this, _| {
                if let Some(guards) = &**this {
                    remove(guards);
                }
                Ok(())
            })
            .register(&pm)
            .unwrap();
    }
    let messages = Arc::new(Mutex::new(Vec::new()));
    let of_events = Arc::clone(&messages);
    let observer = pm.observe(move |event: &Event<'_>| {
        if let Event::DropPanicked { message, .. } = event {
            of_events.lock().unwrap().push((*message).to_owned());
        }
    });
    observe(&pm, &guards, &Guards::default(), &drops);
    wait!(pm.start_all()).unwrap();
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(*messages.lock().unwrap(), ["an observer is dropped"]);
    for name in ["one", "two", "three"] {
        assert_eq!(pm.descriptor(name).unwrap().state, PluginState::Started);
    }
    drop(observer);
}

#[test]
fn a_change_is_not_stopped_by_the_panic_of_an_observer_that_is_removed_during_it() {
    let (pm, guards, drops) = manager();
    let messages = Arc::new(Mutex::new(Vec::new()));
    let of_events = Arc::clone(&messages);
    let observer = pm.observe(move |event: &Event<'_>| {
        if let Event::DropPanicked { message, .. } = event {
            of_events.lock().unwrap().push((*message).to_owned());
        }
    });
    let changes: [(&str, &dyn Fn()); 3] = [
        ("register", &|| {
            let plugin = pm.register_fn("late", Specs::get, |_| 2).unwrap();
            assert_eq!(plugin, "late");
        }),
        ("unregister", &|| assert!(pm.unregister("late").is_some())),
        ("block", &|| assert!(pm.block("learns").is_some())),
    ];
    for (done, (name, change)) in changes.into_iter().enumerate() {
        observe(&pm, &guards, &guards, &drops);
        change();
        assert_eq!(drops.load(Ordering::SeqCst), done + 1, "{name}");
        assert_eq!(messages.lock().unwrap().len(), done + 1, "{name}");
    }
    assert_eq!(wait!(pm.caller(Specs::get).try_call()).unwrap(), [1]);
    assert!(pm.is_blocked("learns"));
    drop(observer);
}

#[test]
fn a_change_whose_plugin_and_observer_panic_passes_on_the_panic_of_the_plugin() {
    let (pm, guards, drops) = manager();
    let messages = Arc::new(Mutex::new(Vec::new()));
    let of_events = Arc::clone(&messages);
    let observer = pm.observe(move |event: &Event<'_>| {
        if let Event::DropPanicked { message, .. } = event {
            of_events.lock().unwrap().push((*message).to_owned());
        }
    });
    let plugin = PanicsOnDrop;
    pm.register_fn("late", Specs::get, move |_| {
        let _ = &plugin;
        2
    })
    .unwrap();
    observe(&pm, &guards, &guards, &drops);
    assert_eq!(panic_of(|| drop(pm.unregister("late"))), "a plugin is dropped");
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(*messages.lock().unwrap(), ["an observer is dropped"]);
    assert!(!pm.is_registered("late"));
    drop(observer);
}
