//! Every operation in every settled state, as it succeeds and as it fails. Operations on a plugin between two states
//! are in `within`, `threads` and `tasks`.

use pluginkit::ErrorKind;
use pluginkit::metadata::PluginState;

use super::kind::{Manager, wait};
use super::plugins::{Stage, manager, state};

/// How a plugin came to where it is.
#[derive(Clone, Copy, Debug)]
enum From {
    Loaded,
    Started,
    Stopped,
    /// In `start`, and what `init` did is left.
    FailedToStart,
    /// In `start`, and everything was taken back.
    RolledBack,
    /// In `stop`, and `unload` ran.
    FailedToStop,
}

fn at(from: From) -> (Manager, Stage) {
    let (pm, stage) = manager(&["p"]);
    match from {
        From::Loaded => {}
        From::Started => wait!(pm.start_all()).unwrap(),
        From::Stopped => {
            wait!(pm.start_all()).unwrap();
            wait!(pm.stop_all()).unwrap();
        }
        From::FailedToStart => {
            stage.fail(&["p.start"]);
            wait!(pm.start_plugins(["p"], pluginkit::lifecycle::StartPolicy::Keep)).unwrap_err();
        }
        From::RolledBack => {
            stage.fail(&["p.start"]);
            wait!(pm.start_plugin("p")).unwrap_err();
        }
        From::FailedToStop => {
            wait!(pm.start_all()).unwrap();
            stage.fail(&["p.stop"]);
            wait!(pm.stop_all()).unwrap_err();
        }
    }
    stage.line();
    stage.fail(&[]);
    (pm, stage)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operation {
    StartPlugin,
    StartAll,
    StopPlugin,
    StopAll,
    Remove,
    RemoveWithDependents,
    UnloadAll,
}

use Operation::{Remove, RemoveWithDependents, StartAll, StartPlugin, StopAll, StopPlugin, UnloadAll};

fn perform(pm: &Manager, operation: Operation) -> Result<(), pluginkit::Error> {
    match operation {
        StartPlugin => wait!(pm.start_plugin("p")),
        StartAll => wait!(pm.start_all()),
        StopPlugin => wait!(pm.stop_plugin("p")),
        StopAll => wait!(pm.stop_all()),
        Remove => wait!(pm.remove("p")).map(drop),
        RemoveWithDependents => wait!(pm.remove_with_dependents("p")).map(drop),
        UnloadAll => wait!(pm.unload_all()),
    }
}

const STARTS: [Operation; 2] = [StartPlugin, StartAll];
const STOPS: [Operation; 2] = [StopPlugin, StopAll];
const REMOVALS: [Operation; 3] = [Remove, RemoveWithDependents, UnloadAll];

/// Performs `operation` where `fails` fails, and compares what ran and where the plugin is then; `None` if it
/// is gone.
fn check(
    from: From,
    operation: Operation,
    fails: &[&str],
    ran: &str,
    then: Option<PluginState>,
    kind: Option<ErrorKind>,
) {
    let (pm, stage) = at(from);
    stage.fail(fails);
    let outcome = perform(&pm, operation);
    let case = format!("{from:?} {operation:?} {fails:?}");
    assert_eq!(stage.line(), ran, "{case}");
    assert_eq!(outcome.as_ref().err().map(pluginkit::Error::kind), kind, "{case}");
    assert_eq!(pm.is_registered("p"), then.is_some(), "{case}");
    let Some(then) = then else { return };
    assert_eq!(state(&pm, "p"), then, "{case}");
    let failed = then == PluginState::Failed;
    assert_eq!(pm.descriptor("p").unwrap().failed_reason.is_some(), failed, "{case}");
    assert_eq!(pm.descriptor("p").unwrap().failure().is_some(), failed, "{case}");
}

#[test]
fn whatever_is_not_started_is_started() {
    let started = Some(PluginState::Started);
    for from in [From::Loaded, From::Stopped, From::FailedToStart, From::RolledBack, From::FailedToStop] {
        for start in STARTS {
            check(from, start, &[], "p.init p.start", started, None);
        }
    }
    for start in STARTS {
        check(From::Started, start, &["p.init", "p.start"], "", started, None);
    }
}

#[test]
fn whatever_cannot_be_started_has_failed() {
    let (failed, kind) = (Some(PluginState::Failed), Some(ErrorKind::Start));
    for start in STARTS {
        for from in [From::Loaded, From::Stopped, From::RolledBack] {
            check(from, start, &["p.init"], "p.init!", failed, kind);
            check(from, start, &["p.start"], "p.init p.start! p.unload", failed, kind);
            check(from, start, &["p.start", "p.unload"], "p.init p.start! p.unload!", failed, kind);
        }
        // What an earlier start, or an earlier stop, has left is taken back, too.
        check(From::FailedToStart, start, &["p.init"], "p.init! p.unload", failed, kind);
        check(From::FailedToStop, start, &["p.init"], "p.init! p.stop", failed, kind);
    }
}

#[test]
fn started_plugins_are_stopped_and_the_others_are_left_alone() {
    for stop in STOPS {
        check(From::Loaded, stop, &["p.stop", "p.unload"], "", Some(PluginState::Loaded), None);
        check(From::Stopped, stop, &["p.stop", "p.unload"], "", Some(PluginState::Stopped), None);
        check(From::Started, stop, &[], "p.stop p.unload", Some(PluginState::Stopped), None);
    }
}

#[test]
fn a_failed_plugin_is_stopped_from_the_phase_it_reached() {
    for stop in STOPS {
        let stopped = Some(PluginState::Stopped);
        check(From::FailedToStart, stop, &["p.stop"], "p.unload", stopped, None);
        check(From::RolledBack, stop, &["p.stop", "p.unload"], "", stopped, None);
        check(From::FailedToStop, stop, &["p.unload"], "p.stop", stopped, None);
    }
}

#[test]
fn a_plugin_that_cannot_be_stopped_has_failed() {
    let (failed, kind) = (Some(PluginState::Failed), Some(ErrorKind::Stop));
    for stop in STOPS {
        check(From::Started, stop, &["p.stop"], "p.stop! p.unload", failed, kind);
        check(From::Started, stop, &["p.unload"], "p.stop p.unload!", failed, kind);
        check(From::Started, stop, &["p.stop", "p.unload"], "p.stop! p.unload!", failed, kind);
        check(From::FailedToStart, stop, &["p.unload"], "p.unload!", failed, kind);
        check(From::FailedToStop, stop, &["p.stop"], "p.stop!", failed, kind);
    }
}

#[test]
fn a_removed_plugin_is_stopped_from_the_phase_it_reached() {
    for removal in REMOVALS {
        check(From::Loaded, removal, &["p.stop", "p.unload"], "", None, None);
        check(From::Stopped, removal, &["p.stop", "p.unload"], "", None, None);
        check(From::RolledBack, removal, &["p.stop", "p.unload"], "", None, None);
        check(From::Started, removal, &[], "p.stop p.unload", None, None);
        check(From::FailedToStart, removal, &["p.stop"], "p.unload", None, None);
        check(From::FailedToStop, removal, &["p.unload"], "p.stop", None, None);
    }
}

#[test]
fn a_removed_plugin_leaves_even_if_its_stop_fails() {
    let kind = Some(ErrorKind::Stop);
    for removal in REMOVALS {
        check(From::Started, removal, &["p.stop"], "p.stop! p.unload", None, kind);
        check(From::Started, removal, &["p.unload"], "p.stop p.unload!", None, kind);
        check(From::FailedToStart, removal, &["p.unload"], "p.unload!", None, kind);
        check(From::FailedToStop, removal, &["p.stop"], "p.stop!", None, kind);
    }
}
