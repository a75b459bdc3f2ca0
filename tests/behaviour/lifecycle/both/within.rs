//! Operations that a phase of a plugin asks of its manager.

use std::sync::{Arc, OnceLock, Weak};

use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::{PluginMetadata, PluginState};
use pluginkit::observe::{Event, Observer};
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error};
use pluginkit_tests::Log;

use super::kind::{Manager, awaited, implement, wait};
use super::plugins::{Stage, state, states};

/// How a plugin finds its manager.
type Host = Arc<OnceLock<Weak<Manager>>>;

fn hosted() -> (Arc<Manager>, Host) {
    let pm = Arc::new(Manager::new("lives"));
    let host = Host::default();
    host.set(Arc::downgrade(&pm)).unwrap();
    (pm, host)
}

fn manager_of(host: &Host) -> Arc<Manager> {
    host.get().unwrap().upgrade().unwrap()
}

/// Asks for itself, in `start` and in `stop`.
struct Selfish {
    host: Host,
    log: Log,
}

impl Selfish {
    fn note<T>(&self, outcome: Result<T, Error>) {
        match outcome {
            Ok(_) => self.log.push("ok"),
            Err(Error::LifecycleBusy { plugin, state, .. }) => self.log.push(format!("{plugin} is {state}")),
            Err(other) => self.log.push(other.to_string()),
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Selfish {
        fn start(&self) -> Result<(), BoxError> {
            let pm = manager_of(&self.host);
            self.note(awaited!(pm.start_plugin("selfish")));
            self.note(awaited!(pm.stop_plugin("selfish")));
            self.note(awaited!(pm.remove("selfish")));
            self.note(awaited!(pm.stop_all()));
            self.note(awaited!(pm.unload_all()));
            Ok(())
        }

        fn stop(&self) -> Result<(), BoxError> {
            let pm = manager_of(&self.host);
            self.note(awaited!(pm.start_all()));
            self.note(awaited!(pm.stop_all()));
            Ok(())
        }
    }
}

#[test]
fn an_operation_that_would_wait_for_itself_is_refused() {
    let (pm, host) = hosted();
    let log = Log::new();
    pm.register_as("selfish", Selfish { host, log: log.clone() }).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(log.take(), vec!["selfish is starting"; 5]);
    assert_eq!(state(&pm, "selfish"), PluginState::Started);
    wait!(pm.stop_all()).unwrap();
    assert_eq!(log.take(), vec!["selfish is stopping"; 2]);
    assert_eq!(state(&pm, "selfish"), PluginState::Stopped);
}

/// Registers, starts and removes others while it is started.
struct Hiring {
    host: Host,
    stage: Stage,
}

implement! {
    #[extension]
    impl Lifecycle for Hiring {
        fn start(&self) -> Result<(), BoxError> {
            let pm = manager_of(&self.host);
            self.stage.add(&pm, "hired", &["base"]);
            awaited!(pm.start_plugin("hired"))?;
            self.stage.add(&pm, "fired", &[]);
            awaited!(pm.start_plugin("fired"))?;
            awaited!(pm.remove("fired"))?;
            self.stage.log.push("hiring.start");
            Ok(())
        }

        fn stop(&self) -> Result<(), BoxError> {
            self.stage.log.push("hiring.stop");
            Ok(())
        }
    }
}

#[test]
fn a_plugin_may_start_and_remove_others_while_it_starts() {
    let (pm, host) = hosted();
    let stage = Stage::default();
    stage.add(&pm, "base", &[]);
    pm.register_as("hiring", Hiring { host, stage: stage.clone() }).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(
        stage.line(),
        "base.init base.start hired.init hired.start fired.init fired.start fired.stop fired.unload hiring.start"
    );
    assert_eq!(states(&pm), "base=started hiring=started hired=started");
    wait!(pm.stop_all()).unwrap();
    assert_eq!(stage.line(), "hiring.stop hired.stop hired.unload base.stop base.unload");
}

/// Starts a plugin that requires it.
struct Circular {
    host: Host,
}

implement! {
    #[extension]
    impl Lifecycle for Circular {
        fn start(&self) -> Result<(), BoxError> {
            awaited!(manager_of(&self.host).start_plugin("user"))?;
            Ok(())
        }
    }
}

#[test]
fn starting_a_dependent_of_a_starting_plugin_is_refused() {
    let (pm, host) = hosted();
    pm.register_as("circular", Circular { host }).unwrap();
    let stage = Stage::default();
    stage.add(&pm, "user", &["circular"]);
    let error = wait!(pm.start_plugin("user")).unwrap_err();
    assert!(format!("{error:?}").contains("`circular` is starting"), "{error:?}");
    assert_eq!(states(&pm), "circular=failed user=loaded");
    assert_eq!(stage.line(), "");
}

/// Unregisters itself while it starts.
struct Leaving {
    host: Host,
}

implement! {
    #[extension]
    impl Lifecycle for Leaving {
        fn start(&self) -> Result<(), BoxError> {
            manager_of(&self.host).unregister("leaving");
            Ok(())
        }
    }
}

#[test]
fn a_plugin_that_was_unregistered_while_it_started_is_not_started() {
    let (pm, host) = hosted();
    pm.register_as("leaving", Leaving { host }).unwrap();
    assert!(matches!(wait!(pm.start_all()), Err(Error::UnknownPlugin { .. })));
    assert!(pm.plugin_names().is_empty());
}

#[test]
fn what_fails_in_the_rollback_after_a_plugin_left_is_reported_too() {
    let (pm, host) = hosted();
    let stage = Stage::default();
    stage.add(&pm, "base", &[]);
    stage.fail(&["base.stop"]);
    pm.register_as("leaving", Leaving { host }).unwrap();
    let error = wait!(pm.start_all()).unwrap_err();
    let [Error::UnknownPlugin { plugin: gone, .. }, Error::Stop { plugin: stopped, .. }] = error.errors()
    else {
        panic!("{error:?}")
    };
    assert_eq!((gone.as_str(), stopped.as_str()), ("leaving", "base"));
    assert_eq!(states(&pm), "base=failed");
}

/// Asks to remove the plugin that it requires, while it starts.
struct Ungrateful {
    host: Host,
    log: Log,
}

implement! {
    #[extension]
    impl Lifecycle for Ungrateful {
        fn start(&self) -> Result<(), BoxError> {
            match awaited!(manager_of(&self.host).remove_with_dependents("base")) {
                Err(Error::LifecycleBusy { plugin, .. }) => self.log.push(format!("{plugin} is busy")),
                other => self.log.push(format!("{other:?}")),
            }
            Ok(())
        }
    }
}

#[test]
fn a_removal_that_would_wait_for_the_plugin_that_asks_stops_no_other() {
    let (pm, host) = hosted();
    let stage = Stage::default();
    stage.add(&pm, "base", &[]);
    stage.add(&pm, "other", &["base"]);
    wait!(pm.start_all()).unwrap();
    stage.line();
    let metadata = PluginMetadata::new("ungrateful").requires(["base"]);
    PluginBuilder::new(Ungrateful { host, log: stage.log.clone() })
        .metadata(metadata)
        .extends(Lifecycle)
        .register(&pm)
        .unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(stage.line(), "ungrateful is busy");
    assert_eq!(states(&pm), "base=started other=started ungrateful=started");
}

/// Stops everything when it is dropped, and tells how that went.
struct Stops(Host, Log);

impl Drop for Stops {
    fn drop(&mut self) {
        match wait!(manager_of(&self.0).stop_all()) {
            Err(Error::LifecycleBusy { plugin, .. }) => self.1.push(format!("{plugin} is busy")),
            other => self.1.push(format!("{other:?}")),
        }
    }
}

struct Keeps(Host, Log);

implement! {
    #[extension]
    impl Lifecycle for Keeps {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            cx.state().insert(Stops(self.0.clone(), self.1.clone()));
            Ok(())
        }
    }
}

#[test]
fn a_destructor_between_the_phases_is_within_them() {
    let (pm, host) = hosted();
    let log = Log::new();
    pm.register_as("keeps", Keeps(host, log.clone())).unwrap();
    wait!(pm.start_all()).unwrap();
    wait!(pm.stop_all()).unwrap();
    assert_eq!(log.take(), ["keeps is busy"]);
    assert_eq!(state(&pm, "keeps"), PluginState::Stopped);
}

/// Asks for the plugin whose state it is told of.
struct Nosy(Selfish);

impl Observer for Nosy {
    fn observe(&self, event: &Event<'_>) {
        if let Event::StateChanged { plugin, state: Some(state), .. } = event
            && let Some(pm) = self.0.host.get().and_then(Weak::upgrade)
        {
            match state {
                PluginState::Starting => self.0.note(wait!(pm.stop_plugin(plugin))),
                PluginState::Stopping => self.0.note(wait!(pm.start_plugin(plugin))),
                _ => {}
            }
        }
    }
}

#[test]
fn an_observer_of_a_state_does_not_wait_for_the_phases_that_follow() {
    let (pm, host) = hosted();
    let log = Log::default();
    Stage::default().add(&pm, "living", &[]);
    let _guard = pm.observe(Nosy(Selfish { host, log: log.clone() }));
    wait!(pm.start_plugin("living")).unwrap();
    assert_eq!(log.line(), "living is starting");
    wait!(pm.stop_plugin("living")).unwrap();
    assert_eq!(log.line(), "living is stopping");
    assert_eq!(state(&pm, "living"), PluginState::Stopped);
}

/// The first of a chain, which its manager restarts in place. Its second one asks for the last of the chain.
#[plugin(id = "first", exclusive)]
struct First {
    host: Host,
    asks: bool,
}

implement! {
    #[extension]
    impl Lifecycle for First {
        fn start(&self) -> Result<(), BoxError> {
            if self.asks {
                awaited!(manager_of(&self.host).start_plugin("last"))?;
            }
            Ok(())
        }
    }
}

#[test]
fn a_chain_that_is_started_within_a_replacement_of_its_first_starts_after_it() {
    let (pm, host) = hosted();
    let stage = Stage::default();
    pm.register(First { host: Arc::clone(&host), asks: false }).unwrap();
    stage.add(&pm, "middle", &["first"]);
    stage.add(&pm, "last", &["middle"]);
    wait!(pm.start_plugin("first")).unwrap();
    wait!(pm.replace(First { host, asks: true })).unwrap();
    assert_eq!(state(&pm, "first"), PluginState::Started);
    assert_eq!(state(&pm, "middle"), PluginState::Started);
    assert_eq!(state(&pm, "last"), PluginState::Started);
}
