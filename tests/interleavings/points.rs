//! Points that are added while plugins wait for them, and while others look for them.

use pluginkit::{Error, Options, PluginBuilder};
use shuttle::thread;

use crate::explore;
use crate::host::{Host, Late, Model, Voice};

fn waits(host: &Host, name: &str, number: u32) -> Result<(), Error> {
    let optional = Options::new().optional();
    let plugin = PluginBuilder::new(Voice::new(number, &host.ledger)).named(name);
    plugin
        .extension(Late::late, optional.clone(), |this, _| this.number())
        .extension(Late::later, optional, |this, _| this.number())
        .extension(Model::pass, Options::new(), |_, args| args.trail)
        .register(&host.pm)
        .map(drop)
}

#[test]
fn a_plugin_that_waits_for_points_extends_them_once_they_are_added() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    host.pm.add_extension_points(Late).expect("they are new");
                    host.pm.caller(Late::late).call();
                });
                scope.spawn(|| {
                    waits(host, "waits", 7).expect("its name is free");
                    if let Ok(caller) = host.pm.try_caller(Late::late) {
                        assert_eq!(caller.call(), [7]);
                    }
                });
                scope.spawn(|| {
                    // The points of one declaration come in its order.
                    if let Ok(caller) = host.pm.try_caller(Late::later) {
                        assert!(host.pm.try_caller(Late::late).is_ok());
                        caller.call();
                    }
                });
            });
            assert_eq!(host.pm.caller(Late::late).call(), [7]);
            assert_eq!(host.pm.caller(Late::later).call(), [7]);
        });
    });
}

#[test]
fn points_that_two_add_at_once_are_added_once() {
    explore(|| {
        Host::with(|host| {
            waits(host, "waits", 7).expect("its name is free");
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        host.pm.add_extension_points(Late).expect("the same again does nothing");
                        assert_eq!(host.pm.caller(Late::late).call(), [7]);
                    });
                }
                scope.spawn(|| {
                    if let Ok(caller) = host.pm.try_caller(Late::late) {
                        assert_eq!(caller.call(), [7], "a point is there, and who waits for it is not");
                    }
                });
            });
            assert_eq!(host.pm.extension_points().len(), 6);
        });
    });
}

#[test]
fn a_plugin_that_leaves_or_is_disabled_while_points_are_added_is_not_called() {
    explore(|| {
        Host::with(|host| {
            waits(host, "leaves", 7).expect("its name is free");
            waits(host, "disabled", 8).expect("its name is free");
            thread::scope(|scope| {
                scope.spawn(|| host.pm.add_extension_points(Late).expect("they are new"));
                scope.spawn(|| assert!(host.pm.unregister("leaves").is_some()));
                scope.spawn(|| host.pm.set_enabled("disabled", false).expect("it is there"));
            });
            assert!(host.pm.caller(Late::late).call().is_empty());
            host.pm.set_enabled("disabled", true).expect("it is there");
            assert_eq!(host.pm.caller(Late::later).call(), [8]);
        });
    });
}
