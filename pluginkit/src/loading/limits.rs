//! The limits of plugins in a configuration, which another feature reads.

use std::collections::HashMap;

use crate::base::name::PluginId;
use crate::config::{ConfigProblem, PluginConfig};
use crate::loading::catalog::Catalog;
use crate::loading::discover::names;
use crate::registry::Registry;

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

/// Sets the limits of plugins, and removes those that an earlier configuration had set.
pub(super) fn apply(registry: &Registry, catalog: &Catalog<'_>, config: &PluginConfig) {
    let Some(limiter) = registry.limiter() else { return };
    let linked: HashMap<&str, &PluginId> =
        catalog.all().iter().flat_map(|each| names(each).into_iter().map(|name| (name, each.id()))).collect();
    let id_of = |name: &str| {
        let registered = || registry.id_of(name).unwrap_or_else(|| name.into());
        linked.get(name).map_or_else(registered, |id| (*id).clone())
    };
    limiter.apply(registry, config, &id_of);
}
