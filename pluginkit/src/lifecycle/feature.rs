//! The part of lifecycles in the making and the end of a manager.

use std::sync::Arc;

use crate::base::futures::now;
use crate::lifecycle::driver::driver_of;
use crate::lifecycle::{Conductor, Lifecycle};
use crate::manager::Feature;
use crate::registry::Registry;
#[cfg(feature = "async")]
use crate::spec::point::AsyncSpecs;
use crate::spec::point::{Points, Specs};

pub(crate) const FEATURE: Feature = Feature { install, close };

/// Adds the points of [`Lifecycle`].
fn install(registry: &Arc<Registry>) {
    #[cfg(feature = "async")]
    if registry.host.awaits_replays() {
        return registry.add_built_in::<Lifecycle>(&Points::of(Lifecycle::declare_async));
    }
    registry.add_built_in::<Lifecycle>(&Points::of(Lifecycle::declare));
}

/// Stops the plugins that are started. The phases of an async manager cannot be awaited here: their signals are
/// cancelled.
fn close(registry: &Arc<Registry>) {
    if registry.host.awaits_replays() {
        for life in registry.lives() {
            life.signal().cancel();
        }
    } else if registry.is_any_active() {
        let _ = now(Conductor::new(registry, driver_of(registry)).stop_all());
    }
}
