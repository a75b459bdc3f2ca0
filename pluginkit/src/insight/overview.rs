//! [`Overview`]: what reports and graphs are made of.

use crate::call::view::Seen;
use crate::insight::{Graph, Metrics, Report};
use crate::plugin::PluginDescriptor;
use crate::plugin::implementation::ImplementationInfo;
use crate::registry::Registry;
use crate::spec::point::PointInfo;

/// One point and what a call of it would run, in order.
pub(super) type Wired = (&'static PointInfo, Vec<ImplementationInfo>);

/// The plugins of a manager, and what calls of its points would run.
pub(crate) struct Overview {
    /// What is known of each plugin.
    pub(crate) plugins: Vec<PluginDescriptor>,
    pub(crate) points: Vec<Wired>,
}

impl Overview {
    /// The plugins of `registry`, and what a call of each declared point would run.
    fn of(registry: &Registry) -> Self {
        let (plugins, slots) = registry.overview();
        // The reasons of failures are told by errors of plugins, which is their code.
        let plugins = plugins.into_iter().map(|plugin| plugin.descriptor());
        let points = slots.into_iter().map(|slot| (slot.info, Seen::whole(slot).implementations()));
        Self { plugins: plugins.collect(), points: points.collect() }
    }
}

impl Registry {
    pub(crate) fn report(&self) -> Report {
        let observers = self.observers();
        let metrics = observers
            .iter()
            .flat_map(|watchers| watchers.iter())
            .find_map(|observer| observer.inner()?.downcast_ref::<Metrics>());
        Report::new(self.project(), &Overview::of(self), metrics.map(Metrics::extensions).unwrap_or_default())
    }

    pub(crate) fn graph(&self) -> Graph {
        Graph::new(&Overview::of(self))
    }
}
