//! Plugins that are started and stopped by several at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use pluginkit::Options;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use shuttle::thread;

use crate::explore;
use crate::host::{Host, Ledger, Voice};

/// Whether the plugins are up, each of which requires the one before.
type Street = Arc<[AtomicBool; 2]>;

struct House {
    number: usize,
    street: Street,
    _voice: Voice,
}

impl House {
    fn up(&self) {
        let Self { number, street, .. } = self;
        assert!(
            number.checked_sub(1).is_none_or(|below| street[below].load(SeqCst)),
            "before what it requires"
        );
        thread::yield_now();
        assert!(!street[*number].swap(true, SeqCst), "house {number} is started twice");
    }

    fn down(&self) {
        let Self { number, street, .. } = self;
        assert!(street.get(number + 1).is_none_or(|above| !above.load(SeqCst)), "before what requires it");
        thread::yield_now();
        assert!(street[*number].swap(false, SeqCst), "house {number} is stopped and not up");
    }
}

fn build(pm: &PluginManager, ledger: &Ledger) -> Street {
    let street = Street::default();
    for number in 0..2 {
        let house = House { number, street: Arc::clone(&street), _voice: Voice::new(60, ledger) };
        let metadata = PluginMetadata::new(format!("house-{number}")).version("1.0.0");
        PluginBuilder::new(house)
            .metadata(metadata.requires(number.checked_sub(1).map(|below| format!("house-{below}"))))
            .extension(Lifecycle::start, Options::new(), |this, _| {
                this.up();
                Ok(())
            })
            .extension(Lifecycle::stop, Options::new(), |this, _| {
                this.down();
                Ok(())
            })
            .register(pm)
            .expect("its name is free");
    }
    street
}

#[test]
fn nothing_is_started_or_stopped_twice_or_out_of_order() {
    explore(|| {
        Host::with(|host| {
            let street = build(&host.pm, &host.ledger);
            thread::scope(|scope| {
                scope.spawn(|| host.pm.start_all());
                scope.spawn(|| host.pm.start_plugin("house-1"));
                scope.spawn(|| host.pm.stop_all());
                scope.spawn(|| host.pm.stop_plugin("house-0"));
            });
            host.pm.stop_all().expect("nothing fails");
            assert!(street.iter().all(|up| !up.load(SeqCst)), "something runs after all was stopped");
        });
    });
}

#[test]
fn a_plugin_goes_while_it_is_started() {
    explore(|| {
        Host::with(|host| {
            let street = build(&host.pm, &host.ledger);
            thread::scope(|scope| {
                // It fails if what it is to start goes.
                scope.spawn(|| drop(host.pm.start_all()));
                scope.spawn(|| drop(host.pm.remove("house-1")));
                scope.spawn(|| host.call(1));
            });
            assert!(!street[1].load(SeqCst), "what was removed runs on");
            host.pm.stop_all().expect("nothing fails");
        });
    });
}
