//! Starting plugins, and failures of a start.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use pluginkit::lifecycle::{Lifecycle, StartPolicy};
use pluginkit::metadata::{Phase, PluginMetadata, PluginState};
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error, ErrorKind};
use pluginkit_tests::panic_of;

use super::kind::{Manager, implement, wait};
use super::plugins::{manager, state, states};

#[test]
fn plugins_start_one_after_the_other_dependencies_first() {
    let (pm, stage) = manager(&["c: b", "b: a", "a"]);
    wait!(pm.start_all()).unwrap();
    assert_eq!(stage.line(), "a.init a.start b.init b.start c.init c.start");
    assert_eq!(states(&pm), "c=started b=started a=started");
}

#[test]
fn the_order_of_registration_decides_between_independent_plugins() {
    let (pm, stage) = manager(&["zeta", "yb: alpha", "xa: alpha", "alpha"]);
    wait!(pm.start_all()).unwrap();
    assert_eq!(stage.line(), "zeta.init zeta.start alpha.init alpha.start yb.init yb.start xa.init xa.start");
}

#[test]
fn starting_again_starts_the_plugins_that_are_not_started() {
    let (pm, stage) = manager(&["a", "b: a"]);
    wait!(pm.start_plugin("a")).unwrap();
    wait!(pm.start_all()).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(stage.line(), "a.init a.start b.init b.start");
    stage.add(&pm, "late", &[]);
    wait!(pm.start_all()).unwrap();
    assert_eq!(stage.line(), "late.init late.start");
}

#[test]
fn a_plugin_is_started_with_its_dependencies_only() {
    let (pm, stage) = manager(&["c: b", "b: a", "a", "other"]);
    wait!(pm.start_plugin("b")).unwrap();
    assert_eq!(stage.line(), "a.init a.start b.init b.start");
    wait!(pm.start_plugin("c")).unwrap();
    assert_eq!(stage.line(), "c.init c.start");
    assert_eq!(state(&pm, "other"), PluginState::Loaded);
}

#[test]
fn an_optional_requirement_is_started_before_where_it_is_registered() {
    let (pm, stage) = manager(&["a: ?cache, ?nobody", "cache"]);
    wait!(pm.start_plugin("a")).unwrap();
    assert_eq!(stage.line(), "cache.init cache.start a.init a.start");
}

#[test]
fn a_failed_start_stops_the_plugins_it_started() {
    let (pm, stage) = manager(&["before", "a", "b: a", "c: b", "d"]);
    wait!(pm.start_plugin("before")).unwrap();
    stage.line();
    stage.fail(&["b.start"]);
    let error = wait!(pm.start_all()).unwrap_err();
    assert_eq!(stage.line(), "a.init a.start b.init b.start! b.unload a.stop a.unload");
    assert_eq!(states(&pm), "before=started a=stopped b=failed c=loaded d=loaded");
    assert_eq!((error.kind(), error.plugin().unwrap().as_str()), (ErrorKind::Start, "b"));
    assert_eq!(
        error.to_string(),
        "plugin `b` failed to start, in its `start`; fix the cause and start it again"
    );
    assert_eq!(error.source().unwrap().to_string(), "b.start broke");
    let descriptor = pm.descriptor("b").unwrap();
    assert_eq!(descriptor.failed_reason.as_deref(), Some("b.start broke"));
    assert_eq!(descriptor.failure().unwrap().to_string(), "b.start broke");
}

#[test]
fn failures_of_a_rollback_are_reported_too() {
    let (pm, stage) = manager(&["a", "b"]);
    stage.fail(&["a.stop", "b.init"]);
    let error = wait!(pm.start_all()).unwrap_err();
    let Error::Start { plugin, phase, rollback, .. } = &error else { panic!("{error}") };
    assert_eq!((plugin.as_str(), *phase), ("b", Phase::Init));
    assert_eq!(rollback.len(), 1);
    assert!(error.to_string().contains("plugin `a` failed to stop"), "{error}");
    assert_eq!(stage.line(), "a.init a.start b.init! a.stop! a.unload");
    assert_eq!(states(&pm), "a=failed b=failed");
}

#[test]
fn plugins_stay_started_under_the_policy_keep() {
    let (pm, stage) = manager(&["a", "b: a", "c"]);
    stage.fail(&["b.start"]);
    let error = wait!(pm.start_all_with(StartPolicy::Keep)).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "b");
    assert_eq!(stage.line(), "a.init a.start b.init b.start!");
    assert_eq!(states(&pm), "a=started b=failed c=loaded");
    stage.fail(&[]);
    wait!(pm.start_all()).unwrap();
    assert_eq!(stage.line(), "b.init b.start c.init c.start");
    assert_eq!(pm.descriptor("b").unwrap().failed_reason, None);
}

#[test]
fn the_others_are_started_where_that_is_asked_for() {
    let (pm, stage) = manager(&["a", "b: a", "c: b", "d", "e: ?b"]);
    stage.fail(&["b.start", "d.init"]);
    let error = wait!(pm.start_all_with(StartPolicy::Continue)).unwrap_err();
    let failed: Vec<_> = error.errors().iter().map(|error| error.plugin().unwrap().as_str()).collect();
    assert_eq!(failed, ["b", "d"]);
    assert_eq!(stage.line(), "a.init a.start b.init b.start! d.init! e.init e.start");
    assert_eq!(states(&pm), "a=started b=failed c=loaded d=failed e=started");
}

#[test]
fn everything_that_is_missing_is_told_before_anything_starts() {
    let (pm, stage) = manager(&["ok", "a: x, y >= 2", "b: z"]);
    stage.add_version(&pm, "c", "1.0.0", &["ok >= 2"]);
    for error in [wait!(pm.start_all()).unwrap_err(), pm.validate().unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Resolution);
        assert_eq!(
            error.to_string(),
            "plugin `a` requires `x`, but no plugin is named `x`; plugin `a` requires `y >=2`, but no plugin is named `y`; plugin `b` requires `z`, but no plugin is named `z`; plugin `c` requires `ok >=2`, but `ok` is version 1.0.0; register what is missing in a version that fits, or change what is required"
        );
        let Error::UnmetDependencies { problems, .. } = &error else { panic!("{error}") };
        assert_eq!(problems.len(), 4);
    }
    assert_eq!(stage.line(), "");
    assert_eq!(states(&pm), "ok=loaded a=loaded b=loaded c=loaded");
}

#[test]
fn a_circle_is_shown_as_its_path() {
    let (pm, stage) = manager(&["ok", "a: b", "b: c", "c: a"]);
    let error = wait!(pm.start_all()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolution);
    assert_eq!(
        error.to_string(),
        "plugins require each other: `a` -> `b` -> `c` -> `a`; drop one of these requirements"
    );
    assert!(matches!(wait!(pm.start_plugin("b")), Err(Error::DependencyCycle { .. })));
    assert!(matches!(pm.validate(), Err(Error::DependencyCycle { .. })));
    assert_eq!(stage.line(), "");
    let error = {
        let (pm, _) = manager(&["self: self"]);
        wait!(pm.start_all()).unwrap_err()
    };
    assert!(error.to_string().contains("`self` -> `self`"), "{error}");
}

#[test]
fn one_broken_plugin_blocks_no_other() {
    let (pm, stage) = manager(&["broken: nobody", "a", "b: a", "l: m", "m: l"]);
    wait!(pm.start_plugin("b")).unwrap();
    assert_eq!(stage.line(), "a.init a.start b.init b.start");
    wait!(pm.stop_plugin("a")).unwrap();
    assert_eq!(stage.line(), "b.stop b.unload a.stop a.unload");
    let error = wait!(pm.start_all_with(StartPolicy::Continue)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolution);
    assert!(
        error.to_string().contains("`nobody`") && error.to_string().contains("`l` -> `m` -> `l`"),
        "{error}"
    );
    assert_eq!(stage.line(), "a.init a.start b.init b.start");
    wait!(pm.stop_all()).unwrap();
    assert_eq!(stage.line(), "b.stop b.unload a.stop a.unload");
    wait!(pm.unload_all()).unwrap();
    assert!(pm.plugin_names().is_empty());
}

#[test]
fn a_required_plugin_may_be_registered_later() {
    let (pm, stage) = manager(&["b: a"]);
    assert!(pm.validate().is_err());
    stage.add(&pm, "a", &[]);
    pm.validate().unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(stage.line(), "a.init a.start b.init b.start");
}

#[test]
fn a_plugin_that_was_stopped_or_failed_starts_again() {
    let (pm, stage) = manager(&["a"]);
    wait!(pm.start_plugin("a")).unwrap();
    let instance = pm.plugin("a").unwrap();
    wait!(pm.stop_plugin("a")).unwrap();
    wait!(pm.start_plugin("a")).unwrap();
    assert_eq!(stage.line(), "a.init a.start a.stop a.unload a.init a.start");
    assert!(Arc::ptr_eq(&pm.plugin("a").unwrap(), &instance));
}

#[test]
fn an_unknown_name_can_be_neither_started_nor_stopped() {
    let (pm, _) = manager(&["a"]);
    for error in [wait!(pm.start_plugin("ghost")).unwrap_err(), wait!(pm.stop_plugin("ghost")).unwrap_err()] {
        assert_eq!((error.kind(), error.code()), (ErrorKind::State, "unknown_plugin"));
        assert_eq!(error.to_string(), "no plugin is named `ghost`; registered are: a");
    }
    let error = wait!(pm.start_plugins(["a", "ghost"], StartPolicy::Keep)).unwrap_err();
    assert!(matches!(error, Error::UnknownPlugin { .. }));
    assert_eq!(state(&pm, "a"), PluginState::Loaded);
}

#[test]
fn several_plugins_start_as_one() {
    let (pm, stage) = manager(&["a", "b", "c"]);
    stage.fail(&["b.start"]);
    wait!(pm.start_plugins(["a", "b"], StartPolicy::Rollback)).unwrap_err();
    assert_eq!(states(&pm), "a=stopped b=failed c=loaded");
    stage.fail(&[]);
    stage.line();
    wait!(pm.start_plugins(["b", "a"], StartPolicy::Rollback)).unwrap();
    assert_eq!(stage.line(), "a.init a.start b.init b.start");
}

#[test]
fn a_panic_is_a_failure_with_a_name() {
    struct Panicking;
    implement! {
        #[extension]
        impl Lifecycle for Panicking {
            fn start(&self) -> Result<(), BoxError> {
                panic!("oh no")
            }
        }
    }
    let pm = Manager::new("lives");
    pm.register(Panicking).unwrap();
    let error = wait!(pm.start_all()).unwrap_err();
    assert_eq!((error.kind(), error.plugin().unwrap().as_str()), (ErrorKind::Start, "Panicking"));
    let cause = error.source().unwrap().downcast_ref::<CallError>().unwrap();
    assert!(matches!(cause, CallError::Panicked { .. }));
    assert_eq!(
        pm.descriptor("Panicking").unwrap().failed_reason.as_deref().unwrap(),
        "plugin `Panicking` panicked in `Lifecycle::start`: oh no"
    );
    // The whole chain is in the debug form, which `main` and `unwrap` print.
    let text = panic_of(|| wait!(pm.start_all()).unwrap());
    assert!(text.contains("in its `start`") && text.contains("oh no"), "{text}");
}

#[test]
fn the_cause_is_what_the_plugin_returned() {
    #[derive(Debug, PartialEq)]
    struct Refused(u8);
    impl std::fmt::Display for Refused {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "refused {}", self.0)
        }
    }
    impl std::error::Error for Refused {}
    struct Refusing;
    implement! {
        #[extension]
        impl Lifecycle for Refusing {
            fn init(&self) -> Result<(), BoxError> {
                Err(Refused(7))?;
                Ok(())
            }
        }
    }
    let pm = Manager::new("lives");
    pm.register(Refusing).unwrap();
    let error = wait!(pm.start_all()).unwrap_err();
    assert_eq!(error.source().unwrap().downcast_ref(), Some(&Refused(7)));
    assert_eq!(pm.descriptor("Refusing").unwrap().failure().unwrap().downcast_ref(), Some(&Refused(7)));
}

#[test]
fn a_plugin_without_phases_starts_too_and_so_does_one_without_identity() {
    #[extension_point]
    trait Specs {
        fn fetch(&self) -> u8;
    }
    struct Plain;
    #[extension]
    impl Specs for Plain {
        fn fetch(&self) -> u8 {
            1
        }
    }
    #[plugin(id = "only-an-id")]
    struct Bare;
    let pm = Manager::new("lives");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Plain).unwrap();
    pm.register(Bare).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(states(&pm), "Plain=started only-an-id=started");
    wait!(pm.stop_all()).unwrap();
    assert_eq!(states(&pm), "Plain=stopped only-an-id=stopped");
}

#[test]
fn phases_are_sync_or_async_and_take_the_context_or_not() {
    struct Mixed(pluginkit_tests::Log);
    #[extension]
    impl Lifecycle for Mixed {
        fn init(self: Arc<Self>, cx: &PluginContext) -> Result<(), BoxError> {
            self.0.push(format!("init {}", cx.id()));
            Ok(())
        }
    }
    implement! {
        #[extension]
        impl Lifecycle for Mixed {
            fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
                self.0.push(format!("start {}", cx.descriptor().state));
                Ok(())
            }
            fn stop(&self) -> Result<(), BoxError> {
                self.0.push("stop");
                Ok(())
            }
        }
    }
    let log = pluginkit_tests::Log::new();
    let pm = Manager::new("lives");
    pm.register_as("mixed", Mixed(log.clone())).unwrap();
    wait!(pm.start_all()).unwrap();
    wait!(pm.stop_all()).unwrap();
    assert_eq!(log.take(), ["init mixed", "start starting", "stop"]);
}

#[test]
fn every_change_of_state_has_its_time() {
    let ticks = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&ticks);
    let time = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let pm = Manager::builder("lives").clock(move || time(clock.load(Ordering::SeqCst))).build();
    let stage = super::plugins::Stage::default();
    stage.add(&pm, "a", &[]);
    let times = || {
        let descriptor = pm.descriptor("a").unwrap();
        (descriptor.loaded_at, descriptor.last_state_change)
    };
    assert_eq!(times(), (time(0), time(0)));
    ticks.store(5, Ordering::SeqCst);
    wait!(pm.start_all()).unwrap();
    assert_eq!(times(), (time(0), time(5)));
    ticks.store(9, Ordering::SeqCst);
    wait!(pm.start_all()).unwrap();
    assert_eq!(times(), (time(0), time(5)));
    wait!(pm.stop_all()).unwrap();
    assert_eq!(times(), (time(0), time(9)));
}

#[test]
fn a_disabled_plugin_has_its_life_nevertheless() {
    let (pm, stage) = manager(&["a"]);
    wait!(pm.start_all()).unwrap();
    pm.set_enabled("a", false).unwrap();
    wait!(pm.stop_all()).unwrap();
    assert_eq!(stage.line(), "a.init a.start a.stop a.unload");
}

#[test]
fn observers_see_the_phases() {
    let (pm, stage) = manager(&["a"]);
    let log = pluginkit_tests::Log::new();
    let guard = pm.observe(pluginkit_tests::Show("", log.clone()));
    wait!(pm.start_all()).unwrap();
    drop(guard);
    wait!(pm.stop_all()).unwrap();
    assert_eq!(log.line(), "init> a> a< init< start> a> a< start<");
    assert_eq!(stage.line(), "a.init a.start a.stop a.unload");
}

#[test]
fn the_points_of_a_life_are_there_without_being_listed() {
    let pm = Manager::new("lives");
    assert!(pm.extension_points().is_empty());
    assert!(pm.try_caller(Lifecycle::start).is_ok());
    let (pm, _) = manager(&["a"]);
    assert_eq!(pm.extension_points_of("a").unwrap().len(), 4);
}

#[test]
fn a_requirement_counts_the_name_a_plugin_is_registered_under() {
    struct Plain;
    #[extension]
    impl Lifecycle for Plain {
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }
    let (pm, stage) = manager(&["b: a"]);
    let metadata = PluginMetadata::new("original").version("1.0.0");
    PluginBuilder::new(Plain).metadata(metadata).named("a").extends(Lifecycle).register(&pm).unwrap();
    wait!(pm.start_plugin("b")).unwrap();
    assert_eq!(stage.line(), "b.init b.start");
}

/// Fails to start, and breaks the clock of its manager.
struct BreaksTheClock(Arc<AtomicBool>);

#[extension]
impl Lifecycle for BreaksTheClock {
    fn start(&self) -> Result<(), BoxError> {
        self.0.store(true, Ordering::Relaxed);
        Err("no start".into())
    }
}

struct Runs;

#[extension]
impl Lifecycle for Runs {
    fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }
    fn stop(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

#[test]
fn what_was_started_is_stopped_although_the_clock_panics() {
    let broken = Arc::new(AtomicBool::new(false));
    let clock = Arc::clone(&broken);
    let now = move || {
        assert!(!clock.load(Ordering::Relaxed), "the clock is broken");
        SystemTime::UNIX_EPOCH
    };
    let pm = Manager::builder("clocks").clock(now).build();
    pm.register_as("first", Runs).unwrap();
    pm.register_as("second", BreaksTheClock(Arc::clone(&broken))).unwrap();
    let error = wait!(pm.start_all()).unwrap_err();
    assert!(
        matches!(&error, Error::Start { plugin, rollback, .. } if plugin == "second" && rollback.is_empty())
    );
    assert_eq!(pm.descriptor("first").unwrap().state, PluginState::Stopped);
}

#[test]
fn the_error_that_ends_a_start_comes_before_failures_that_it_could_do_without() {
    let (pm, stage) = manager(&["base", "a: base, ?cache", "cache"]);
    stage.fail(&["cache.start", "a.start", "base.stop"]);
    let error = wait!(pm.start_plugin("a")).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "a");
    let [Error::Start { plugin: first, rollback, .. }, Error::Start { plugin: second, .. }] = error.errors()
    else {
        panic!("{error:?}")
    };
    assert_eq!((first.as_str(), second.as_str()), ("a", "cache"));
    assert!(matches!(&rollback[..], [Error::Stop { plugin, .. }] if plugin == "base"), "{rollback:?}");
}

#[test]
fn several_errors_are_one_list() {
    let (pm, stage) = manager(&["a: ghost", "b: c", "c: b", "d"]);
    stage.fail(&["d.start"]);
    let error = wait!(pm.start_all_with(StartPolicy::Continue)).unwrap_err();
    let codes: Vec<_> = error.errors().iter().map(Error::code).collect();
    assert_eq!(codes, ["unmet_dependencies", "dependency_cycle", "start"]);
}
