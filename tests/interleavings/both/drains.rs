//! Plugins that are started, stopped and replaced under calls: no call runs one that is not up.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Weak};

use pluginkit::prelude::*;
use shuttle::thread;

use super::kind::{Manager, awaited, implement, pause, wait};
use crate::explore;

#[extension_point]
trait Uses {
    fn version(&self) -> u32;
}

/// A resource that is used between its start and its stop only.
struct Resource {
    version: u32,
    is_up: AtomicBool,
}

impl Resource {
    fn new(version: u32) -> Self {
        Self { version, is_up: AtomicBool::new(false) }
    }

    /// Returns the version, if it is up.
    fn used(&self, why: &str) -> u32 {
        assert!(self.is_up.load(SeqCst), "{why}");
        self.version
    }

    fn up(&self) {
        assert!(!self.is_up.swap(true, SeqCst), "it is started twice");
    }

    fn down(&self) {
        assert!(self.is_up.swap(false, SeqCst), "it is stopped twice");
    }
}

macro_rules! resource {
    ($name:ident $(, $exclusive:ident)?) => {
        #[plugin(id = "resource" $(, $exclusive)?)]
        struct $name(Resource);

        implement! {
            #[extension]
            impl Uses for $name {
                fn version(&self) -> u32 {
                    self.0.used("it is called before its start or after its stop");
                    pause!();
                    self.0.used("it is stopped under a call")
                }

                #[extension(target = "version")]
                fn version_again(&self) -> u32 {
                    self.0.used("it is called before its start or after its stop");
                    pause!();
                    self.0.used("it is stopped under a call")
                }
            }
        }

        implement! {
            #[extension]
            impl Lifecycle for $name {
                fn start(&self) -> Result<(), BoxError> {
                    pause!();
                    self.0.up();
                    Ok(())
                }
                fn stop(&self) -> Result<(), BoxError> {
                    self.0.down();
                    Ok(())
                }
            }
        }
    };
}

resource!(Shared);
resource!(Sole, exclusive);

fn manager() -> Arc<Manager> {
    let pm = Arc::new(Manager::builder("drains").drain_limit(None).build());
    pm.add_extension_points(Uses).expect("they are of every project");
    pm.register(Shared(Resource::new(1))).expect("its name is free");
    pm
}

fn call(pm: &Manager) -> Vec<u32> {
    wait!(pm.caller(Uses::version).call())
}

#[test]
fn a_plugin_is_called_from_its_start_to_its_stop() {
    explore(|| {
        let pm = manager();
        let calls = || {
            let versions = call(&pm);
            assert!(versions.is_empty() || versions == [1, 1], "{versions:?}");
            let caller = pm.caller(Uses::version).without(["nobody"]);
            let versions = wait!(caller.try_call()).expect("nothing fails");
            assert!(versions.is_empty() || versions == [1, 1], "{versions:?}");
        };
        thread::scope(|scope| {
            scope.spawn(|| wait!(pm.start_all()).expect("nothing fails"));
            scope.spawn(|| wait!(pm.stop_all()).expect("nothing fails"));
            scope.spawn(calls);
            scope.spawn(calls);
        });
        wait!(pm.stop_all()).expect("nothing fails");
        assert!(call(&pm).is_empty());
    });
}

#[test]
fn the_step_from_old_to_new_is_one() {
    explore(|| {
        let pm = manager();
        wait!(pm.start_all()).expect("nothing fails");
        thread::scope(|scope| {
            scope.spawn(|| wait!(pm.replace(Shared(Resource::new(2)))).expect("nothing fails"));
            for _ in 0..2 {
                scope.spawn(|| {
                    let first = call(&pm);
                    assert!(first == [1, 1] || first == [2, 2], "{first:?}");
                    let second = wait!(pm.caller(Uses::version).only(["resource"]).call());
                    assert!(second == [2, 2] || second == first, "{first:?} {second:?}");
                });
            }
        });
        assert_eq!(call(&pm), [2, 2]);
    });
}

#[test]
fn a_plugin_that_cannot_be_there_twice_is_away_between_old_and_new() {
    explore(|| {
        let pm = manager();
        wait!(pm.start_all()).expect("nothing fails");
        thread::scope(|scope| {
            scope.spawn(|| wait!(pm.replace(Sole(Resource::new(2)))).expect("nothing fails"));
            scope.spawn(|| {
                let versions = call(&pm);
                assert!(versions.is_empty() || versions == [1, 1] || versions == [2, 2], "{versions:?}");
            });
        });
        assert_eq!(call(&pm), [2, 2]);
    });
}

#[test]
fn two_changes_and_a_stop_meet() {
    explore(|| {
        let pm = manager();
        wait!(pm.start_all()).expect("nothing fails");
        thread::scope(|scope| {
            for version in [2, 3] {
                let pm = &pm;
                // One of them may find the other's plugin gone.
                scope.spawn(move || drop(wait!(pm.replace(Shared(Resource::new(version))))));
            }
            scope.spawn(|| drop(wait!(pm.stop_all())));
            scope.spawn(|| drop(call(&pm)));
        });
        drop(wait!(pm.stop_all()));
        assert!(call(&pm).is_empty());
        wait!(pm.start_all()).expect("nothing fails");
        assert_eq!(call(&pm).len(), 2);
    });
}

/// A plugin that stops another within a call of both.
struct Stops(Weak<Manager>);

implement! {
    #[extension]
    impl Uses for Stops {
        fn version(&self) -> u32 {
            let pm = self.0.upgrade().expect("it is called");
            awaited!(pm.stop_plugin("resource")).expect("nothing fails");
            9
        }
    }
}

#[test]
fn a_stop_within_a_call_waits_for_the_others_only() {
    explore(|| {
        let pm = manager();
        pm.register_as("stops", Stops(Arc::downgrade(&pm))).expect("its name is free");
        wait!(pm.start_all()).expect("nothing fails");
        thread::scope(|scope| {
            scope.spawn(|| {
                let versions = call(&pm);
                assert!(versions == [1, 1, 9] || versions == [9], "{versions:?}");
            });
            scope.spawn(|| drop(wait!(pm.caller(Uses::version).without(["stops"]).call())));
        });
    });
}
