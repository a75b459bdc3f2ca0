//! Plugins that are started and stopped by several at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use shuttle::thread;

use super::kind::{Manager, implement, pause, wait};
use crate::explore;
use crate::host::{Ledger, Voice};

/// Whether the plugins are up, each of which requires the one before.
type Street = Arc<[AtomicBool; 2]>;

struct House {
    number: usize,
    street: Street,
    _voice: Voice,
}

impl House {
    fn is_up(&self, number: usize) -> bool {
        self.street.get(number).is_some_and(|up| up.load(SeqCst))
    }
}

implement! {
    #[extension]
    impl Lifecycle for House {
        fn start(&self) -> Result<(), BoxError> {
            let below = self.number.checked_sub(1);
            assert!(below.is_none_or(|below| self.is_up(below)), "before what it requires");
            pause!();
            assert!(!self.street[self.number].swap(true, SeqCst), "it is started twice");
            Ok(())
        }
        fn stop(&self) -> Result<(), BoxError> {
            assert!(!self.is_up(self.number + 1), "before what requires it");
            pause!();
            assert!(self.street[self.number].swap(false, SeqCst), "it is stopped and not up");
            Ok(())
        }
    }
}

/// Lets `work` work on a manager with a street of plugins, of which nothing may be left in the end.
fn with_street(work: impl FnOnce(&Manager, &Street)) {
    let (pm, street, ledger) = (Manager::new("lives"), Street::default(), Ledger::default());
    for number in 0..2 {
        let house = House { number, street: Arc::clone(&street), _voice: Voice::new(60, &ledger) };
        let metadata = PluginMetadata::new(format!("house-{number}"));
        let required = number.checked_sub(1).map(|below| format!("house-{below}"));
        let house = PluginBuilder::new(house).metadata(metadata.requires(required));
        house.register(&pm).expect("its name is free");
    }
    work(&pm, &street);
    drop(pm);
    assert_eq!(ledger.alive(), 0, "plugins are left over");
}

#[test]
fn nothing_is_started_or_stopped_twice_or_out_of_order() {
    explore(|| {
        with_street(|pm, street| {
            thread::scope(|scope| {
                scope.spawn(|| wait!(pm.start_all()));
                scope.spawn(|| wait!(pm.start_plugin("house-1")));
                scope.spawn(|| wait!(pm.stop_all()));
                scope.spawn(|| wait!(pm.stop_plugin("house-0")));
            });
            wait!(pm.stop_all()).expect("nothing fails");
            assert!(street.iter().all(|up| !up.load(SeqCst)), "something runs after all was stopped");
        });
    });
}

#[test]
fn a_plugin_goes_while_it_is_started() {
    explore(|| {
        with_street(|pm, street| {
            thread::scope(|scope| {
                // It fails if what it is to start goes.
                scope.spawn(|| drop(wait!(pm.start_all())));
                scope.spawn(|| drop(wait!(pm.remove("house-1"))));
            });
            assert!(!street[1].load(SeqCst), "what was removed runs on");
            wait!(pm.stop_all()).expect("nothing fails");
        });
    });
}
