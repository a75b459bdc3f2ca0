//! Plugins that are started, stopped and replaced under calls: no call runs one that is not up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use pluginkit::prelude::*;
use shuttle::thread;

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

    fn used(&self) -> u32 {
        assert!(self.is_up.load(SeqCst), "it is called before its start or after its stop");
        thread::yield_now();
        assert!(self.is_up.load(SeqCst), "it is stopped under a call");
        self.version
    }

    fn up(&self) {
        thread::yield_now();
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

        #[extension]
        impl Uses for $name {
            fn version(&self) -> u32 {
                self.0.used()
            }

            #[extension(target = "version")]
            fn version_again(&self) -> u32 {
                self.0.used()
            }
        }

        #[extension]
        impl Lifecycle for $name {
            fn start(&self) -> Result<(), BoxError> {
                self.0.up();
                Ok(())
            }
            fn stop(&self) -> Result<(), BoxError> {
                self.0.down();
                Ok(())
            }
        }
    };
}

resource!(Shared);
resource!(Sole, exclusive);

fn manager() -> Arc<PluginManager> {
    let pm = Arc::new(PluginManager::builder("drains").drain_limit(None).build());
    pm.add_extension_points(Uses).expect("they are of every project");
    pm.register(Shared(Resource::new(1))).expect("its name is free");
    pm
}

fn call(pm: &PluginManager) -> Vec<u32> {
    pm.caller(Uses::version).call()
}

#[test]
fn a_plugin_is_called_from_its_start_to_its_stop() {
    explore(|| {
        let pm = manager();
        let calls = || {
            let versions = call(&pm);
            assert!(versions.is_empty() || versions == [1, 1], "{versions:?}");
            let versions = pm.caller(Uses::version).without(["nobody"]).try_call().expect("nothing fails");
            assert!(versions.is_empty() || versions == [1, 1], "{versions:?}");
        };
        thread::scope(|scope| {
            scope.spawn(|| pm.start_all().expect("nothing fails"));
            scope.spawn(|| pm.stop_all().expect("nothing fails"));
            scope.spawn(calls);
            scope.spawn(calls);
        });
        pm.stop_all().expect("nothing fails");
        assert!(call(&pm).is_empty());
    });
}

#[test]
fn the_step_from_old_to_new_is_one() {
    explore(|| {
        let pm = manager();
        pm.start_all().expect("nothing fails");
        thread::scope(|scope| {
            scope.spawn(|| pm.replace(Shared(Resource::new(2))).expect("nothing fails"));
            for _ in 0..2 {
                scope.spawn(|| {
                    let first = call(&pm);
                    assert!(first == [1, 1] || first == [2, 2], "{first:?}");
                    let second = pm.caller(Uses::version).only(["resource"]).call();
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
        pm.start_all().expect("nothing fails");
        thread::scope(|scope| {
            scope.spawn(|| pm.replace(Sole(Resource::new(2))).expect("nothing fails"));
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
        pm.start_all().expect("nothing fails");
        thread::scope(|scope| {
            for version in [2, 3] {
                let pm = &pm;
                // One of them may find the other's plugin gone.
                scope.spawn(move || drop(pm.replace(Shared(Resource::new(version)))));
            }
            scope.spawn(|| drop(pm.stop_all()));
            scope.spawn(|| drop(call(&pm)));
        });
        drop(pm.stop_all());
        assert!(call(&pm).is_empty());
        pm.start_all().expect("nothing fails");
        assert_eq!(call(&pm).len(), 2);
    });
}

#[test]
fn a_stop_within_a_call_waits_for_the_others_only() {
    explore(|| {
        let pm = manager();
        let own = Arc::downgrade(&pm);
        pm.register_fn("stops", Uses::version, move |_| {
            own.upgrade().expect("it is called").stop_plugin("resource").expect("nothing fails");
            9
        })
        .expect("its name is free");
        pm.start_all().expect("nothing fails");
        thread::scope(|scope| {
            scope.spawn(|| {
                let versions = call(&pm);
                assert!(versions == [1, 1, 9] || versions == [9], "{versions:?}");
            });
            scope.spawn(|| drop(pm.caller(Uses::version).without(["stops"]).call()));
        });
    });
}
