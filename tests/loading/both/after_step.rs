//! What fails after the step of a discovery or a load is in the report.

use std::sync::{Arc, Mutex, Weak};
use std::thread;

use pluginkit::Error;
use pluginkit::loading::{Discovery, PluginFactory};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;

use super::kind::{Manager, implement, wait};
use crate::toml;

#[extension_point]
trait Parts {
    fn version(&self) -> String;
}

#[extension_point(service)]
trait Store: Send + Sync {
    fn version(&self) -> u8;
}

type Meanwhile = Box<dyn FnOnce(&Manager) + Send>;

/// The way in which a plugin fails to stop.
#[derive(Clone, Copy, PartialEq)]
enum Fails {
    Never,
    Error,
    Panic,
    Timeout,
}

struct Stage {
    pm: Manager,
    clock: FakeClock,
    meanwhile: Mutex<Option<Meanwhile>>,
}

struct Part {
    fails: Fails,
    stage: Weak<Stage>,
}

implement! {
    #[extension]
    impl Lifecycle for Part {
        fn start(&self) -> Result<(), BoxError> {
            let stage = self.stage.upgrade().ok_or("no stage")?;
            let work = stage.meanwhile.lock().unwrap().take();
            thread::scope(|scope| {
                scope.spawn(|| work.into_iter().for_each(|work| work(&stage.pm)));
            });
            Ok(())
        }
        fn stop(&self) -> Result<(), BoxError> {
            match self.fails {
                Fails::Never => Ok(()),
                Fails::Error => Err("stuck".into()),
                Fails::Panic => panic!("stuck"),
                Fails::Timeout => {
                    self.stage.upgrade().ok_or("no stage")?.clock.advance(std::time::Duration::from_secs(60));
                    Ok(())
                }
            }
        }
    }
}

implement! {
    #[extension]
    impl Parts for Part {
        fn version(&self) -> String {
            "part".to_owned()
        }
    }
}

struct StorePart(u8);

#[extension(service)]
impl Store for StorePart {
    fn version(&self) -> u8 {
        self.0
    }
}

/// A manager that runs and can make `part`, in whose start `meanwhile` runs on a thread of its own.
fn stage(fails: Fails, meanwhile: impl FnOnce(&Manager) + Send + 'static) -> Arc<Stage> {
    let clock = FakeClock::new();
    let pm = Manager::builder("after-step").clock(clock.reader()).build();
    pm.add_extension_points(Parts).unwrap();
    wait!(pm.start_all()).unwrap();
    let stage = Arc::new(Stage { pm, clock, meanwhile: Mutex::new(Some(Box::new(meanwhile))) });
    let own = Arc::downgrade(&stage);
    let metadata = PluginMetadata::new("part").optional_requires_service::<dyn Store>();
    stage.pm.add_factory(PluginFactory::new(metadata, move || Part { fails, stage: own.clone() }));
    stage
}

fn discovery(ignore: bool) -> Discovery {
    let config = toml("[limits.part]\ntimeout = '1s'");
    Discovery::new().only(["part"]).config(&config).ignore_errors(ignore)
}

fn check(errors: &[Error], fails: Fails) {
    let [error] = errors else { panic!("{errors:?}") };
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("stop", "part"));
    let cause = if fails == Fails::Timeout { "60s" } else { "stuck" };
    assert!(format!("{error:?}").contains(cause), "{error:?}");
}

#[test]
fn a_discovery_reports_how_a_plugin_failed_to_stop_that_was_to_stop_meanwhile() {
    for fails in [Fails::Error, Fails::Panic, Fails::Timeout] {
        for ignore in [false, true] {
            let stage = stage(fails, |pm| wait!(pm.stop_all()).unwrap());
            let report = wait!(stage.pm.discover_with(discovery(ignore))).unwrap();
            assert_eq!(report.registered(), ["part"]);
            check(report.stop_errors(), fails);
            assert!(report.to_string().contains("failed to stop: plugin `part` failed to stop"), "{report}");
            assert_eq!(stage.pm.descriptor("part").unwrap().state, PluginState::Failed);
            assert!(
                report.errors().next().is_none() && wait!(stage.pm.caller(Parts::version).call()).is_empty()
            );
        }
    }
}

#[test]
fn a_load_reports_how_a_plugin_failed_to_stop_that_was_to_stop_meanwhile() {
    for fails in [Fails::Error, Fails::Panic, Fails::Timeout] {
        let stage = stage(fails, |pm| wait!(pm.stop_all()).unwrap());
        let config = toml("[plugins]\ng = ['part']\n[limits.part]\ntimeout = '1s'");
        let report = wait!(stage.pm.load_config(&config)).unwrap();
        assert_eq!(report.added(), ["part"]);
        check(report.stop_errors(), fails);
        assert!(report.to_string().contains("failed to stop: plugin `part` failed to stop"), "{report}");
    }
}

#[test]
fn nothing_that_goes_well_is_a_stop_error() {
    let stage = stage(Fails::Never, |pm| wait!(pm.stop_all()).unwrap());
    let report = wait!(stage.pm.discover_with(discovery(false))).unwrap();
    assert!(report.stop_errors().is_empty() && report.restarted().is_empty(), "{report}");
    assert_eq!(stage.pm.descriptor("part").unwrap().state, PluginState::Stopped);
}

/// A discovery replaces and removes nothing. A replacement of another operation goes on beside it.
#[test]
fn a_discovered_plugin_restarts_if_what_it_uses_is_replaced_meanwhile() {
    for fails in [Fails::Never, Fails::Error, Fails::Panic] {
        for ignore in [false, true] {
            let stage = stage(fails, |pm| {
                let old = wait!(pm.replace_built(PluginBuilder::new(StorePart(2)).named("store"))).unwrap();
                assert!(old.is_some());
            });
            stage.pm.register_as("store", StorePart(1)).unwrap();
            wait!(stage.pm.start_all()).unwrap();
            let report = wait!(stage.pm.discover_with(discovery(ignore))).unwrap();
            assert_eq!(report.restarted(), [("part".into(), "store".into())], "{report}");
            assert_eq!(stage.pm.service::<dyn Store>().unwrap().version(), 2);
            if fails == Fails::Never {
                assert!(report.stop_errors().is_empty(), "{report}");
                assert_eq!(wait!(stage.pm.caller(Parts::version).call()), ["part"]);
            } else {
                check(&report.stop_errors()[..1], fails);
            }
        }
    }
}

#[test]
fn a_discovered_plugin_that_fails_to_start_says_how_its_way_back_failed() {
    let stage = stage(Fails::Error, |_| {});
    let own = Arc::downgrade(&stage);
    stage.pm.add_factory(PluginFactory::new(PluginMetadata::new("bad").requires(["part"]), move || {
        let part = Part { fails: Fails::Never, stage: own.clone() };
        *part.stage.upgrade().unwrap().meanwhile.lock().unwrap() = Some(Box::new(|_| panic!("no start")));
        part
    }));
    let error = wait!(stage.pm.discover_with(Discovery::new().only(["part", "bad"]))).unwrap_err();
    let Error::Start { plugin, rollback, .. } = &error else { panic!("{error:?}") };
    assert!(stage.pm.plugin_names().is_empty(), "{error:?}");
    assert!(plugin == "bad" || plugin == "part", "{error:?}");
    if plugin == "bad" {
        check(rollback, Fails::Error);
    }
}
