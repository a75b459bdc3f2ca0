//! Calls while plugins come and go.

use std::sync::{Arc, Weak};

use pluginkit::PluginManager;

use shuttle::thread;

use crate::explore;
use crate::host::{Host, Model, RESIDENTS, Voice};

#[test]
fn a_plugin_that_comes_and_goes_answers_whole_or_not_at_all() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    host.come("guest", 7).expect("its name is free");
                    host.expect(7, true);
                    assert!(host.pm.unregister("guest").is_some());
                    host.expect(7, false);
                });
                for order in 1..3 {
                    scope.spawn(move || {
                        host.call(order);
                        host.call(order);
                    });
                }
            });
        });
    });
}

#[test]
fn calls_over_many_plugins_build_their_array_while_it_changes() {
    explore(|| {
        // As many as a change leaves to calls.
        Host::with_crowd(66, |host| {
            thread::scope(|scope| {
                for number in 7..9 {
                    scope.spawn(move || {
                        let name = format!("guest-{number}");
                        host.come(&name, number).expect("its name is free");
                        assert!(host.pass().contains(&number));
                        assert!(host.pm.unregister(&name).is_some());
                        assert!(!host.pass().contains(&number));
                    });
                }
                scope.spawn(|| host.pass());
            });
        });
    });
}

#[test]
fn a_caller_that_is_kept_sees_later_registrations_through_its_views() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    host.come("guest", 7).expect("its name is free");
                    host.come("other", 8).expect("its name is free");
                });
                scope.spawn(|| {
                    let view = host.pm.caller(Model::pass).without(["other"]).extra(|mut args| {
                        args.trail.push(99);
                        args.trail
                    });
                    let mut seen = 0;
                    for _ in 0..3 {
                        let trail = view.call(Vec::new());
                        assert!(trail.contains(&99) && !trail.contains(&8), "{trail:?}");
                        assert!(trail.len() >= seen, "a registration was undone: {trail:?}");
                        seen = trail.len();
                    }
                });
            });
        });
    });
}

#[test]
fn the_first_plugin_that_knows_answers_while_others_come() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    host.pm.register_fn("knows", Model::find, |_| Some(9)).expect("its name is free");
                    host.pm.unregister("knows");
                });
                scope.spawn(|| {
                    for order in 0..3 {
                        let found = host.pm.caller(Model::find).call(order);
                        assert_eq!(found, Some(order % RESIDENTS), "who came last was asked first");
                    }
                });
            });
        });
    });
}

#[test]
fn a_lazy_call_goes_on_with_its_first_snapshot() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                host.come("guest", 7).expect("its name is free");
                let caller = host.pm.caller(Model::answer);
                let mut answers = caller.iter(1);
                let first = answers.next().expect("there are residents");
                scope.spawn(|| {
                    let guest = host.pm.unregister("guest");
                    assert!(guest.is_some_and(|guest| guest.is::<Voice>()));
                    host.expect(7, false);
                });
                host.pass();
                let all: Vec<_> = [first].into_iter().chain(answers).collect();
                assert_eq!(crate::host::whole(&all, 1), [7]);
            });
        });
    });
}

#[test]
fn a_plugin_changes_the_manager_within_its_own_call() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                let pm = &host.pm;
                for number in 7..9 {
                    scope.spawn(move || {
                        let name = format!("guest-{number}");
                        for _ in pm.caller(Model::answer).iter(number) {
                            if host.come(&name, number).is_err() {
                                assert!(pm.unregister(&name).is_some(), "{name} was lost");
                            }
                            host.call(number);
                        }
                        pm.unregister(&name);
                    });
                }
            });
        });
    });
}

#[test]
fn a_manager_goes_while_its_callers_call() {
    explore(|| {
        Host::with(|outer| {
            let host = Arc::new(PluginManager::new("model"));
            host.add_extension_points(Model).expect("they are new");
            let voice = Voice::new(5, &outer.ledger);
            host.register_fn("only", Model::find, move |_| Some(voice.number())).expect("its name is free");
            let caller = host.caller(Model::find);
            let calls = thread::spawn(move || {
                assert_eq!(caller.call(0), Some(5));
                assert_eq!(caller.call(1), Some(5));
            });
            let changes = thread::spawn({
                let host = Arc::clone(&host);
                move || drop(host.register_fn("other", Model::find, |_| None))
            });
            drop(host);
            changes.join().expect("nothing panics");
            calls.join().expect("nothing panics");
        });
    });
}

/// A plugin whose destructor uses the manager.
struct Nosy(Weak<PluginManager>, Voice);

impl Drop for Nosy {
    fn drop(&mut self) {
        if let Some(pm) = self.0.upgrade() {
            assert!(!pm.is_registered("nosy"), "a plugin is dropped while it is registered");
            pm.caller(Model::find).call(self.1.number());
        }
    }
}

#[test]
fn a_destructor_uses_the_manager() {
    explore(|| {
        Host::with(|outer| {
            let pm = Arc::new(PluginManager::new("model"));
            pm.add_extension_points(Model).expect("they are new");
            let nosy = Nosy(Arc::downgrade(&pm), Voice::new(5, &outer.ledger));
            pm.register_fn("nosy", Model::find, move |_| Some(nosy.1.number())).expect("its name is free");
            thread::scope(|scope| {
                scope.spawn(|| pm.caller(Model::find).call(0));
                scope.spawn(|| drop(pm.unregister("nosy")));
                scope.spawn(|| drop(pm.observe(|_: &pluginkit::observe::Event<'_>| {})));
            });
        });
    });
}
