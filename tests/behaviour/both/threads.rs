//! Managers and callers shared between threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use pluginkit::prelude::*;

use super::Manager;

#[extension_point]
trait Specs {
    fn fetch(&self) -> u32;
    fn other(&self) -> u32;
}

struct Both(u32);

plugin! {
    #[extension]
    impl Specs for Both {
        fn fetch(&self) -> u32 {
            self.0
        }
        fn other(&self) -> u32 {
            self.0
        }
    }
}

struct Twice;

#[extension]
impl Specs for Twice {
    fn fetch(&self) -> u32 {
        2
    }
    #[extension(target = "fetch", tryfirst)]
    fn again(&self) -> u32 {
        3
    }
}

#[test]
fn a_call_sees_one_consistent_snapshot_while_others_register() {
    let pm = Manager::new("threads");
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("fixed", Both(1)).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let callers = [0, 1].map(|_| {
            scope.spawn(|| {
                let caller = pm.caller(Specs::fetch);
                while !done.load(Ordering::Relaxed) {
                    let outcome = wait!(caller.call());
                    let expected: [&[u32]; 3] = [&[1], &[3, 1, 2], &[3, 3, 1, 2, 2]];
                    assert!(expected.contains(&&*outcome), "{outcome:?}");
                }
            })
        });
        for _ in 0..300 {
            pm.register_all([("x", Twice), ("y", Twice)]).unwrap();
            pm.set_enabled("x", false).unwrap();
            pm.set_enabled("x", true).unwrap();
            pm.unregister("y").unwrap();
            pm.unregister("x").unwrap();
        }
        done.store(true, Ordering::Relaxed);
        for caller in callers {
            caller.join().unwrap();
        }
    });
    assert_eq!(wait!(pm.caller(Specs::fetch).call()), [1]);
}

#[test]
fn registrations_from_many_threads_all_arrive() {
    let pm = Manager::new("threads");
    pm.add_extension_points(Specs).unwrap();
    thread::scope(|scope| {
        for thread in 0..4u32 {
            let pm = &pm;
            scope.spawn(move || {
                for n in 0..50u32 {
                    pm.register_as(format!("{thread}-{n}"), Both(thread)).unwrap();
                }
                for n in 0..25u32 {
                    pm.unregister(format!("{thread}-{n}")).unwrap();
                }
            });
        }
    });
    assert_eq!(pm.plugin_names().len(), 100);
    assert_eq!(wait!(pm.caller(Specs::fetch).call()).len(), 100);
}
