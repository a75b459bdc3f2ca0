//! A plugin that lets calls in, and another that requires it: no call runs the second without the first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use pluginkit::prelude::*;
use shuttle::thread;

use super::kind::{Manager, awaited, implement, pause, wait};
use crate::explore;

#[extension_point]
trait Door {
    fn enter(&self, guards: &AtomicU32) -> u32;
}

#[plugin(id = "guard")]
struct Guard;

implement! {
    #[extension]
    impl Door for Guard {
        #[extension(wrapper)]
        fn enter(&self, guards: &AtomicU32, next: Next<'_>) -> Vec<u32> {
            guards.fetch_add(1, SeqCst);
            awaited!(next.run(guards))
        }
    }
}

#[plugin(id = "visitor", requires = ["guard"])]
struct Visitor(u32);

implement! {
    #[extension]
    impl Door for Visitor {
        fn enter(&self, guards: &AtomicU32) -> u32 {
            assert_eq!(guards.load(SeqCst), 1, "a visitor is let in by nobody");
            self.0
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Visitor {
        fn start(&self) -> Result<(), BoxError> {
            pause!();
            Ok(())
        }
    }
}

fn manager() -> Arc<Manager> {
    let pm = Arc::new(Manager::builder("guards").drain_limit(None).build());
    pm.add_extension_points(Door).expect("they are of every project");
    pm.register(Guard).expect("its name is free");
    pm
}

fn call(pm: &Manager) -> Vec<u32> {
    wait!(pm.caller(Door::enter).call(&AtomicU32::new(0)))
}

#[test]
fn a_guard_that_stops_beside_a_replacement_stops_after_what_comes() {
    explore(|| {
        let pm = manager();
        pm.register(Visitor(1)).expect("its name is free");
        wait!(pm.start_all()).expect("nothing fails");
        thread::scope(|scope| {
            scope.spawn(|| drop(wait!(pm.replace(Visitor(2)))));
            scope.spawn(|| wait!(pm.stop_plugin("guard")).expect("nothing fails"));
            scope.spawn(|| drop(call(&pm)));
        });
        call(&pm);
        wait!(pm.start_all()).expect("nothing fails");
        assert_eq!(call(&pm).len(), 1);
    });
}

#[test]
fn a_guard_that_stops_beside_a_registration_stops_after_what_comes() {
    explore(|| {
        let pm = manager();
        wait!(pm.start_all()).expect("nothing fails");
        thread::scope(|scope| {
            scope.spawn(|| {
                let registered = wait!(pm.transaction().plugin(Visitor(1)).register_and_start());
                call(&pm);
                drop(registered);
            });
            scope.spawn(|| {
                wait!(pm.stop_plugin("guard")).expect("nothing fails");
                call(&pm);
            });
            scope.spawn(|| drop(call(&pm)));
        });
        call(&pm);
        wait!(pm.start_all()).expect("nothing fails");
        assert!(call(&pm).len() <= 1);
    });
}
