//! The plugins of a fleet, for one kind of manager.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use pluginkit::loading::PluginFactory;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;

use super::kind::{Manager, awaited, implement};
use super::own;
use crate::fleet::{
    DOCK, Fleet, GUARD, Harbor, Hull, LEAKY, Log, Manner, Orders, PORT, SOME, Sighting, Trip, WRECK,
};
use crate::plugins::{Inside, Refusal};

/// Is around all calls, and does not start.
pub(super) struct Guard(pub(super) Arc<Hull>);

implement! {
    #[extension]
    impl Fleet for Guard {
        #[extension(wrapper)]
        fn report(&self, trip: &Trip, next: Next<'_>) -> Vec<Sighting> {
            let _inside = Inside::new();
            trip.guards.fetch_add(1, SeqCst);
            awaited!(next.run(trip))
        }
        #[extension(wrapper)]
        fn haul(&self, trip: &Trip, next: Next<'_>) -> Result<Vec<Sighting>, Refusal> {
            let _inside = Inside::new();
            trip.guards.fetch_add(1, SeqCst);
            assert!(trip.manner != Manner::Trap, "injected panic {}", trip.number);
            if trip.manner == Manner::Stranger {
                return Err(Refusal(trip.number));
            }
            awaited!(next.run(trip))
        }
        #[extension(wrapper)]
        fn route(&self, trail: Vec<Sighting>, trip: &Trip, next: Next<'_>) -> Vec<Sighting> {
            trip.guards.fetch_add(1, SeqCst);
            awaited!(next.run(trail, trip))
        }
        #[extension(wrapper)]
        fn pick(&self, trip: &Trip, next: Next<'_>) -> Option<Sighting> {
            trip.guards.fetch_add(1, SeqCst);
            awaited!(next.run(trip))
        }
        #[extension(target = "report")]
        fn stand(&self, trip: &Trip) -> Sighting {
            let _aboard = self.0.board(trip);
            self.0.sighting(trip)
        }
        fn hear(&self, event: u64) {
            self.0.hear(event);
        }
    }
}

/// Provides the harbor.
pub(super) struct Port(pub(super) Arc<Hull>);

#[extension(service)]
impl Harbor for Port {
    fn number(&self) -> u64 {
        self.0.number
    }
}

implement! {
    #[extension]
    impl Lifecycle for Port {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            self.0.start(cx)
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.0.stop();
            Ok(())
        }
    }
}

implement! {
    #[extension]
    impl Fleet for Port {
        fn report(&self, trip: &Trip) -> Sighting {
            let _aboard = self.0.board(trip);
            self.0.sighting(trip)
        }
        fn haul(&self, trip: &Trip) -> Result<Sighting, Refusal> {
            let _aboard = self.0.board(trip);
            Ok(self.0.sighting(trip))
        }
        fn hear(&self, event: u64) {
            self.0.hear(event);
        }
    }
}

/// Any other plugin that the manager makes.
pub(super) struct Ship(pub(super) Arc<Hull>);

/// The plugin that the host makes.
#[plugin(id = "tug", requires = ["guard", service(dyn Harbor)])]
pub(super) struct Tug(pub(super) Arc<Hull>);

macro_rules! sails {
    ($plugin:ident) => {
        implement! {
            #[extension]
            impl Lifecycle for $plugin {
                fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
                    self.0.start(cx)
                }
                fn stop(&self) -> Result<(), BoxError> {
                    self.0.stop();
                    Ok(())
                }
            }
        }

        implement! {
            #[extension]
            impl Fleet for $plugin {
                fn report(&self, trip: &Trip) -> Sighting {
                    let _aboard = self.0.board(trip);
                    awaited!(own::linger(&self.0, trip));
                    self.0.sighting(trip)
                }
                fn haul(&self, trip: &Trip) -> Result<Sighting, Refusal> {
                    let _aboard = self.0.board(trip);
                    awaited!(own::linger(&self.0, trip));
                    self.0.haul(trip)
                }
                fn route(&self, trail: Vec<Sighting>, trip: &Trip) -> Vec<Sighting> {
                    let _aboard = self.0.board(trip);
                    let mut trail = trail;
                    trail.push(self.0.sighting(trip));
                    trail
                }
                fn pick(&self, trip: &Trip) -> Option<Sighting> {
                    let _aboard = self.0.board(trip);
                    (trip.number % 4 == self.0.number % 4).then(|| self.0.sighting(trip))
                }
                fn hear(&self, event: u64) {
                    self.0.hear(event);
                }
            }
        }
    };
}

sails!(Ship);
sails!(Tug);

/// What is known of the plugin of this name, if it is registered.
pub(super) fn hull(pm: &Manager, id: &str) -> Option<Arc<Hull>> {
    let ship = || pm.plugin_as::<Ship>(id).map(|ship| Arc::clone(&ship.0));
    let port = || pm.plugin_as::<Port>(id).map(|port| Arc::clone(&port.0));
    let tug = || pm.plugin_as::<Tug>(id).map(|tug| Arc::clone(&tug.0));
    let guard = || pm.plugin_as::<Guard>(id).map(|guard| Arc::clone(&guard.0));
    ship().or_else(port).or_else(tug).or_else(guard)
}

/// Gives a manager the ways to make them.
pub(super) fn add_factories(pm: &Manager, log: &Arc<Log>) {
    let own = Arc::clone(log);
    let guard = move |orders| Guard(Arc::new(Hull::new(GUARD, Some(orders), &own)));
    pm.add_factory(PluginFactory::configured(PluginMetadata::new(GUARD), guard).erased());
    let own = Arc::clone(log);
    let port = move |orders| Port(Arc::new(Hull::new(PORT, Some(orders), &own)));
    pm.add_factory(PluginFactory::configured(PluginMetadata::new(PORT).requires([GUARD]), port).erased());
    let ship = |id| PluginMetadata::new(id).requires([GUARD]).requires_service::<dyn Harbor>();
    for id in SOME.into_iter().chain([LEAKY]) {
        let own = Arc::clone(log);
        let metadata = ship(id).exclusive(id == DOCK);
        let metadata = if id == "ship-1" { metadata.optional_requires(["ship-0"]) } else { metadata };
        let make = move |orders: Orders| Ship(Arc::new(Hull::new(id, Some(orders), &own)));
        pm.add_factory(PluginFactory::configured(metadata, make).erased());
    }
    let own = Arc::clone(log);
    let wreck = move || Ship(Arc::new(Hull::new(WRECK, None, &own)));
    pm.add_factory(PluginFactory::new(ship(WRECK), wreck).erased());
}
