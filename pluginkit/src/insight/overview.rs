//! [`Overview`]: what reports and graphs are made of.

use crate::base::name::PluginId;
use crate::call::view::View;
#[cfg(feature = "config")]
use crate::config::ConfigProblem;
use crate::insight::{Graph, Metrics, Report};
use crate::plugin::PluginDescriptor;
use crate::plugin::implementation::ImplementationInfo;
use crate::registry::{Registry, ServiceUse};
use crate::spec::point::PointInfo;

/// One point and the implementations that a call of it runs, in order.
pub(super) type Wired = (&'static PointInfo, Vec<ImplementationInfo>);

/// The plugins of a manager, and what calls of its points would run.
pub(crate) struct Overview {
    /// The descriptor of each plugin.
    pub(crate) plugins: Vec<PluginDescriptor>,
    pub(crate) points: Vec<Wired>,
    /// The points of optional extensions for which the manager has not got the specs, with their plugins.
    pub(crate) waiting: Vec<(PluginId, &'static PointInfo)>,
    pub(crate) services: Vec<ServiceUse>,
    /// The plugins that the configuration turns off, and that are not registered.
    pub(crate) turned_off: Vec<PluginId>,
    /// What else may be a mistake in the configuration.
    #[cfg(feature = "config")]
    pub(crate) remarks: Vec<ConfigProblem>,
}

impl Overview {
    /// Returns the plugins of `registry`, and the order of calls of each declared point.
    fn of(registry: &Registry) -> Self {
        let (plugins, slots) = registry.overview();
        // The reasons of failures are told by errors of plugins, which is their code.
        let plugins = plugins.into_iter().map(|plugin| plugin.descriptor());
        // Default bodies are of no plugin.
        let of_plugins = |mut all: Vec<ImplementationInfo>| {
            all.retain(|each| !each.is_default);
            all
        };
        let points =
            slots.into_iter().map(|slot| (slot.info, of_plugins(View::whole(slot).implementations())));
        #[cfg(feature = "config")]
        let notes = registry.config_notes();
        #[cfg(feature = "config")]
        let off = notes.turned_off.iter().filter(|id| !registry.is_registered(id)).cloned();
        #[cfg(not(feature = "config"))]
        let off = std::iter::empty();
        Self {
            plugins: plugins.collect(),
            points: points.collect(),
            waiting: registry.waiting_points(),
            services: registry.service_uses(),
            turned_off: off.collect(),
            #[cfg(feature = "config")]
            remarks: notes.remarks.clone(),
        }
    }
}

impl Registry {
    pub(crate) fn report(&self) -> Report {
        let observers = self.observers();
        let metrics = observers
            .iter()
            .flat_map(|watchers| watchers.iter())
            .find_map(|observer| observer.inner()?.downcast_ref::<Metrics>())
            .map(|metrics| metrics.of_manager(&self.observed()));
        let extensions = metrics.as_ref().map(Metrics::extensions).unwrap_or_default();
        Report::new(self.project(), &Overview::of(self), extensions, self.unbound_names())
    }

    pub(crate) fn graph(&self) -> Graph {
        Graph::new(&Overview::of(self))
    }
}
