//! Stopping and removing plugins, and failures of a stop.

use std::sync::Arc;

use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::PluginState;
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error, ErrorKind};

use super::kind::{Manager, implement, wait};
use super::plugins::{manager, state, states};

#[test]
fn plugins_stop_in_the_reverse_of_the_order_they_were_started_in() {
    let (pm, stage) = manager(&["a", "b: a", "c", "d"]);
    // Not the order that requirements and registration would give.
    wait!(pm.start_plugin("d")).unwrap();
    wait!(pm.start_plugin("b")).unwrap();
    wait!(pm.start_all()).unwrap();
    stage.line();
    wait!(pm.stop_all()).unwrap();
    assert_eq!(stage.line(), "c.stop c.unload b.stop b.unload a.stop a.unload d.stop d.unload");
    wait!(pm.stop_all()).unwrap();
    assert_eq!(stage.line(), "");
}

#[test]
fn a_stop_stops_the_dependents_first() {
    let (pm, stage) = manager(&["a", "b: a", "c: b", "d: ?a", "other", "idle: a"]);
    for name in ["c", "d", "other"] {
        wait!(pm.start_plugin(name)).unwrap();
    }
    stage.line();
    wait!(pm.stop_plugin("a")).unwrap();
    assert_eq!(stage.line(), "d.stop d.unload c.stop c.unload b.stop b.unload a.stop a.unload");
    assert_eq!(states(&pm), "a=stopped b=stopped c=stopped d=stopped other=started idle=loaded");
    wait!(pm.stop_plugin("a")).unwrap();
    assert_eq!(stage.line(), "");
}

#[test]
fn every_plugin_is_stopped_whatever_fails_and_all_failures_are_told() {
    let (pm, stage) = manager(&["a", "b", "c"]);
    wait!(pm.start_all()).unwrap();
    stage.line();
    stage.fail(&["c.stop", "b.unload", "c.unload"]);
    let error = wait!(pm.stop_all()).unwrap_err();
    assert_eq!(stage.line(), "c.stop! c.unload! b.stop b.unload! a.stop a.unload");
    assert_eq!(states(&pm), "a=stopped b=failed c=failed");
    assert_eq!(error.kind(), ErrorKind::Stop);
    let told: Vec<_> = error.errors().iter().map(|error| format!("{error:?}")).collect();
    assert_eq!(told.len(), 3);
    assert!(
        told[0].starts_with("plugin `c` failed to stop, in its `stop`") && told[0].ends_with("c.stop broke"),
        "{}",
        told[0]
    );
    assert!(told[1].contains("`c`") && told[1].contains("`unload`"), "{}", told[1]);
    assert!(error.to_string().starts_with("3 errors:\n- plugin `c`"), "{error}");
    assert_eq!(pm.descriptor("c").unwrap().failed_reason.as_deref(), Some("c.stop broke"));
    // What has been stopped is not stopped again, and what failed is tried again.
    stage.fail(&[]);
    wait!(pm.stop_all()).unwrap();
    assert_eq!(stage.line(), "c.stop c.unload b.unload");
    assert_eq!(states(&pm), "a=stopped b=stopped c=stopped");
}

#[test]
fn a_dependent_that_fails_to_stop_delays_no_other_plugin() {
    let (pm, stage) = manager(&["a", "b: a"]);
    wait!(pm.start_all()).unwrap();
    stage.line();
    stage.fail(&["b.stop"]);
    let error = wait!(pm.stop_plugin("a")).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "b");
    assert_eq!(stage.line(), "b.stop! b.unload a.stop a.unload");
    assert_eq!(states(&pm), "a=stopped b=failed");
}

#[test]
fn plugins_started_before_a_failure_are_stopped() {
    let (pm, stage) = manager(&["a", "b", "c"]);
    stage.fail(&["b.start"]);
    wait!(pm.start_all_with(pluginkit::lifecycle::StartPolicy::Keep)).unwrap_err();
    stage.line();
    wait!(pm.stop_all()).unwrap();
    assert_eq!(stage.line(), "b.unload a.stop a.unload");
    assert_eq!(states(&pm), "a=stopped b=stopped c=loaded");
}

#[test]
fn removing_stops_and_unregisters() {
    let (pm, stage) = manager(&["a", "b"]);
    wait!(pm.start_all()).unwrap();
    let instance = pm.plugin("a").unwrap();
    stage.line();
    let removed = wait!(pm.remove("a")).unwrap().unwrap();
    assert!(Arc::ptr_eq(&removed, &instance));
    assert_eq!(stage.line(), "a.stop a.unload");
    assert_eq!(pm.plugin_names(), ["b"]);
    assert!(wait!(pm.remove("a")).unwrap().is_none());
    assert!(wait!(pm.remove_with_dependents("ghost")).unwrap().is_none());
    // What was stopped already is not unloaded again.
    wait!(pm.stop_all()).unwrap();
    stage.line();
    wait!(pm.remove("b")).unwrap();
    assert_eq!(stage.line(), "");
}

#[test]
fn a_plugin_that_others_require_is_not_removed_alone() {
    let (pm, stage) = manager(&["a", "b: a", "c: b", "d: ?a"]);
    wait!(pm.start_all()).unwrap();
    stage.line();
    let error = wait!(pm.remove("a")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    assert_eq!(
        error.to_string(),
        "plugin `a` was not removed: other plugins require it: b, c, d; remove those first, or all at once with `remove_with_dependents`"
    );
    assert_eq!(
        (stage.line().as_str(), states(&pm).as_str()),
        ("", "a=started b=started c=started d=started")
    );
    wait!(pm.remove_with_dependents("a")).unwrap().unwrap();
    assert_eq!(stage.line(), "d.stop d.unload c.stop c.unload b.stop b.unload a.stop a.unload");
    // Who can do without it stays.
    assert_eq!(states(&pm), "d=stopped");
    wait!(pm.start_all()).unwrap();
    wait!(pm.stop_all()).unwrap();
}

#[test]
fn a_dependent_that_is_not_started_does_not_keep_a_plugin_from_stopping() {
    let (pm, _) = manager(&["a", "d: ?a"]);
    wait!(pm.remove("a")).unwrap().unwrap();
    assert_eq!(pm.plugin_names(), ["d"]);
    let (pm, _) = manager(&["a", "b: a"]);
    assert!(matches!(wait!(pm.remove("a")), Err(Error::HasDependents { .. })));
}

#[test]
fn a_plugin_leaves_even_if_its_phases_fail() {
    let (pm, stage) = manager(&["a", "b: a"]);
    wait!(pm.start_all()).unwrap();
    stage.line();
    stage.fail(&["a.stop", "b.unload"]);
    let error = wait!(pm.remove_with_dependents("a")).unwrap_err();
    assert_eq!(error.errors().len(), 2);
    assert_eq!(stage.line(), "b.stop b.unload! a.stop! a.unload");
    assert!(pm.plugin_names().is_empty());
    stage.fail(&[]);
    stage.add(&pm, "a", &[]);
    wait!(pm.start_all()).unwrap();
}

#[test]
fn everything_is_unloaded_whatever_fails() {
    let (pm, stage) = manager(&["a", "b: a", "broken: nobody", "idle"]);
    wait!(pm.start_plugin("b")).unwrap();
    stage.line();
    stage.fail(&["b.stop"]);
    let error = wait!(pm.unload_all()).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "b");
    assert_eq!(stage.line(), "b.stop! b.unload a.stop a.unload");
    assert!(pm.plugin_names().is_empty() && pm.descriptors().is_empty());
    wait!(pm.unload_all()).unwrap();
    stage.fail(&[]);
    stage.add(&pm, "a", &[]);
    wait!(pm.start_all()).unwrap();
    assert_eq!(stage.line(), "a.init a.start");
}

#[test]
fn unregistering_runs_no_phase() {
    let (pm, stage) = manager(&["a"]);
    wait!(pm.start_all()).unwrap();
    stage.line();
    pm.unregister("a").unwrap();
    assert_eq!(stage.line(), "");
    wait!(pm.stop_all()).unwrap();
    assert_eq!(stage.line(), "");
}

#[test]
fn a_panic_in_stop_is_a_failure_and_unload_runs() {
    struct Panicking(pluginkit_tests::Log);
    implement! {
        #[extension]
        impl Lifecycle for Panicking {
            fn init(&self) -> Result<(), BoxError> {
                Ok(())
            }
            fn stop(&self) -> Result<(), BoxError> {
                panic!("oh no")
            }
            fn unload(&self) -> Result<(), BoxError> {
                self.0.push("unload");
                Ok(())
            }
        }
    }
    let (pm, log) = (Manager::new("lives"), pluginkit_tests::Log::new());
    pm.register(Panicking(log.clone())).unwrap();
    wait!(pm.start_all()).unwrap();
    let error = wait!(pm.stop_all()).unwrap_err();
    assert!(format!("{error:?}").ends_with("panicked in `Lifecycle::stop`: oh no"), "{error:?}");
    assert_eq!(log.take(), ["unload"]);
    assert_eq!(state(&pm, "Panicking"), PluginState::Failed);
}

#[test]
fn a_failed_dependent_with_one_phase_left_keeps_a_plugin_from_being_removed() {
    for left in ["d.stop", "d.unload"] {
        let (pm, stage) = manager(&["a", "d: ?a"]);
        wait!(pm.start_all()).unwrap();
        stage.fail(&[left]);
        wait!(pm.stop_plugin("d")).unwrap_err();
        assert_eq!(state(&pm, "d"), PluginState::Failed);
        assert!(matches!(wait!(pm.remove("a")), Err(Error::HasDependents { .. })), "{left}");
        stage.fail(&[]);
        stage.line();
        wait!(pm.stop_plugin("d")).unwrap();
        assert_eq!(stage.line(), left, "the other phase has ended well");
        wait!(pm.remove("a")).unwrap().unwrap();
        assert_eq!(states(&pm), "d=stopped");
    }
}
