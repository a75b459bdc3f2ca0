//! Managers and callers shared between threads.

use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use pluginkit::prelude::*;

use super::kind::{Manager, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self) -> u32;
    fn other(&self) -> u32;
}

struct Both(u32);

implement! {
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
fn a_call_sees_one_consistent_snapshot_of_many_plugins_while_others_register() {
    let pm = Manager::new("threads");
    pm.add_extension_points(Specs).unwrap();
    pm.register_all((0..100).map(|n| (n.to_string(), Both(n)))).unwrap();
    let many: Vec<u32> = (0..100).collect();
    let expected = [&[][..], &[3], &[3, 3]].map(|first| {
        let last = first.iter().map(|_| 2);
        first.iter().copied().chain(many.iter().copied()).chain(last).collect::<Vec<_>>()
    });
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let callers = [0, 1].map(|_| {
            scope.spawn(|| {
                let (caller, part) = (pm.caller(Specs::fetch), pm.caller(Specs::fetch).without(["x"]));
                while !done.load(Ordering::Relaxed) {
                    let outcome = wait!(caller.call());
                    assert!(expected.contains(&outcome), "{outcome:?}");
                    let outcome = wait!(part.call());
                    assert!(expected[..2].contains(&outcome), "{outcome:?}");
                }
            })
        });
        for _ in 0..300 {
            pm.register_all([("x", Twice), ("y", Twice)]).unwrap();
            assert_eq!(wait!(pm.caller(Specs::fetch).call()), expected[2]);
            pm.set_enabled("x", false).unwrap();
            assert_eq!(wait!(pm.caller(Specs::fetch).call()), expected[1]);
            pm.set_enabled("x", true).unwrap();
            pm.unregister("y").unwrap();
            pm.unregister("x").unwrap();
        }
        done.store(true, Ordering::Relaxed);
        for caller in callers {
            caller.join().unwrap();
        }
    });
    assert_eq!(wait!(pm.caller(Specs::fetch).call()), expected[0]);
}

#[test]
fn a_plugin_goes_when_the_last_call_with_it_ends_on_whatever_thread() {
    for many in [0, 100] {
        let pm = Manager::new("threads");
        pm.add_extension_points(Specs).unwrap();
        pm.register_all((0..many).map(|n| (n.to_string(), Both(n)))).unwrap();
        for _ in 0..300 {
            let plugin = Arc::new(Both(7));
            let weak = Arc::downgrade(&plugin);
            pm.register_as("short-lived", plugin).unwrap();
            let caller = pm.caller(Specs::fetch);
            thread::scope(|scope| {
                let calls = scope.spawn(|| {
                    for _ in 0..3 {
                        wait!(caller.call());
                    }
                });
                drop(pm.unregister("short-lived"));
                calls.join().unwrap();
            });
            assert!(weak.upgrade().is_none());
        }
    }
}

#[test]
fn a_call_can_be_made_while_its_thread_ends() {
    struct Calls(Arc<Manager>, Arc<AtomicBool>);
    impl Drop for Calls {
        fn drop(&mut self) {
            let outcome = wait!(self.0.caller(Specs::fetch).call());
            self.1.store(outcome == [1], Ordering::Relaxed);
        }
    }
    thread_local! {
        static FIRST: OnceCell<Calls> = const { OnceCell::new() };
        static LAST: OnceCell<Calls> = const { OnceCell::new() };
    }
    let pm = Arc::new(Manager::new("threads"));
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("fixed", Both(1)).unwrap();
    let called = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
    thread::scope(|scope| {
        scope.spawn(|| {
            // One of them is dropped after all that the library itself keeps for the thread.
            FIRST.with(|first| first.set(Calls(Arc::clone(&pm), Arc::clone(&called[0])))).ok().unwrap();
            wait!(pm.caller(Specs::fetch).call());
            LAST.with(|last| last.set(Calls(Arc::clone(&pm), Arc::clone(&called[1])))).ok().unwrap();
        });
    });
    // The scope waits for the closure, not for what the thread drops afterwards.
    while Arc::strong_count(&pm) > 1 {
        thread::yield_now();
    }
    assert!(called.iter().all(|called| called.load(Ordering::Relaxed)));
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
