//! The limits of plugins in a configuration, which another feature reads.

use std::collections::HashMap;

use crate::base::name::PluginId;
use crate::config::{ConfigProblem, PluginConfig};
use crate::loading::catalog::Catalog;
use crate::loading::discover::names;
use crate::registry::{Incoming, Registry};

/// Returns a problem for each plugin with limits that does not exist.
pub(super) fn unknown(
    registry: &Registry,
    catalog: &Catalog<'_>,
    config: &PluginConfig,
) -> impl Iterator<Item = (PluginId, ConfigProblem)> + use<> {
    let registered = registry.plugin_names();
    let known = catalog.all().iter().flat_map(names).chain(registered.iter().map(PluginId::as_str));
    let named = |problem: ConfigProblem| (problem.plugin().unwrap_or_default().into(), problem);
    config.unknown_limits(known).into_iter().map(named)
}

/// Returns the problems of limits that the manager cannot keep.
pub(super) fn wrong(registry: &Registry, config: &PluginConfig) -> Vec<ConfigProblem> {
    registry.limiter().map_or_else(Vec::new, |limiter| limiter.check(registry, config))
}

/// Sets the time limits of plugins that are to come, so that they hold for their starts.
pub(super) fn bound<'i>(
    registry: &Registry,
    catalog: &Catalog<'_>,
    config: &PluginConfig,
    incoming: impl Iterator<Item = &'i mut Incoming>,
) {
    let Some(limiter) = registry.limiter() else { return };
    let id_of = ids(registry, catalog);
    for incoming in incoming {
        let plugin = incoming.entry().id().clone();
        incoming.timeout = limiter.timeout(registry, config, &plugin, &id_of);
    }
}

/// Sets the limits of plugins, and removes those that an earlier configuration had set.
pub(super) fn apply(registry: &Registry, catalog: &Catalog<'_>, config: &PluginConfig) {
    let Some(limiter) = registry.limiter() else { return };
    limiter.apply(registry, config, &ids(registry, catalog));
}

/// Returns a function that gives the id of the plugin that a name means.
fn ids(registry: &Registry, catalog: &Catalog<'_>) -> impl Fn(&str) -> PluginId {
    let linked: HashMap<&str, &PluginId> =
        catalog.all().iter().flat_map(|each| names(each).into_iter().map(|name| (name, each.id()))).collect();
    move |name| {
        let registered = || registry.id_of(name).unwrap_or_else(|| name.into());
        linked.get(name).map_or_else(registered, |id| (*id).clone())
    }
}
