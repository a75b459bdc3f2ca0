//! Changes against changes: names, switches and blocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use pluginkit::Error;
use shuttle::thread;

use crate::explore;
use crate::host::{Host, Model, Voice};

#[test]
fn a_change_is_seen_by_the_next_call_of_the_thread_that_made_it() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                for number in 7..9 {
                    scope.spawn(move || {
                        let name = format!("guest-{number}");
                        host.come(&name, number).expect("its name is free");
                        host.expect(number, true);
                        host.pm.set_enabled(&name, false).expect("it is there");
                        host.expect(number, false);
                        host.pm.set_enabled(&name, true).expect("it is there");
                        host.expect(number, true);
                        assert!(host.pm.set_blocked(name.as_str()).is_some());
                        host.expect(number, false);
                    });
                }
                scope.spawn(|| host.call(1));
            });
        });
    });
}

#[test]
fn a_name_is_given_to_one_only() {
    explore(|| {
        Host::with(|host| {
            let won = AtomicUsize::new(0);
            thread::scope(|scope| {
                for number in 7..10 {
                    let won = &won;
                    scope.spawn(move || match host.come("guest", number) {
                        Ok(_) => {
                            won.fetch_add(1, SeqCst);
                            host.expect(number, true);
                        }
                        Err(Error::NameTaken { .. }) => host.expect(number, false),
                        Err(error) => panic!("{error}"),
                    });
                }
            });
            assert_eq!(won.into_inner(), 1);
        });
    });
}

#[test]
fn a_plugin_is_given_back_to_one_only() {
    explore(|| {
        Host::with(|host| {
            let guest = Arc::new(Voice::new(7, &host.ledger));
            let plugin = pluginkit::PluginBuilder::<Voice>::new(Arc::clone(&guest)).named("guest");
            plugin
                .extension(Model::find, pluginkit::Options::new(), |_, _| None)
                .register(&host.pm)
                .expect("it is new");
            let back = AtomicUsize::new(0);
            let count = |plugin: bool| {
                back.fetch_add(usize::from(plugin), SeqCst);
            };
            thread::scope(|scope| {
                scope.spawn(|| count(host.pm.unregister("guest").is_some()));
                scope.spawn(|| count(host.pm.unregister_plugin(&guest).is_some()));
                scope.spawn(|| count(host.pm.set_blocked("guest").is_some()));
            });
            assert_eq!(back.load(SeqCst), 1);
        });
    });
}

#[test]
fn a_block_holds_from_when_it_was_set() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    host.pm.set_blocked("guest");
                    host.expect(7, false);
                    assert!(!host.pm.is_registered("guest"));
                });
                scope.spawn(|| match host.come("guest", 7) {
                    // Until it is blocked.
                    Ok(_) => {}
                    Err(Error::Blocked { .. }) => host.expect(7, false),
                    Err(error) => panic!("{error}"),
                });
                scope.spawn(|| host.call(1));
            });
            host.expect(7, false);
            assert!(host.pm.is_blocked("guest") && host.pm.unblock("guest"));
            host.come("guest", 7).expect("nothing blocks it");
        });
    });
}

#[test]
fn a_switch_by_many_ends_as_it_says() {
    explore(|| {
        Host::with(|host| {
            host.come("guest", 7).expect("its name is free");
            thread::scope(|scope| {
                for enabled in [false, true, false] {
                    scope.spawn(move || {
                        host.pm.set_enabled("guest", enabled).expect("it is there");
                        host.call(1);
                    });
                }
            });
            host.expect(7, host.pm.is_enabled("guest"));
            host.pm.set_enabled("guest", true).expect("it is there");
            host.expect(7, true);
        });
    });
}

#[test]
fn a_switch_and_a_farewell_leave_nothing() {
    explore(|| {
        Host::with(|host| {
            host.come("guest", 7).expect("its name is free");
            thread::scope(|scope| {
                scope.spawn(|| {
                    // If it is there still.
                    let _ = host.pm.set_enabled("guest", false);
                    let _ = host.pm.set_enabled("guest", true);
                });
                scope.spawn(|| {
                    assert!(host.pm.unregister("guest").is_some());
                    host.expect(7, false);
                    host.come("guest", 8).expect("its name is free again");
                });
                scope.spawn(|| host.call(1));
            });
            host.expect(7, false);
            host.expect(8, host.pm.is_enabled("guest"));
        });
    });
}

#[test]
fn lists_of_plugins_show_one_snapshot() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    host.come("guest", 7).expect("its name is free");
                    assert!(host.pm.unregister("guest").is_some());
                });
                scope.spawn(|| {
                    let names = host.pm.plugin_names();
                    assert!((2..=3).contains(&names.len()), "{names:?}");
                    let there = host.pm.plugin_as::<Voice>("guest");
                    assert!(there.is_none_or(|guest| guest.number() == 7));
                    if let Some(points) = host.pm.extension_points_of("guest") {
                        assert_eq!(points.len(), 2);
                    }
                });
            });
        });
    });
}
