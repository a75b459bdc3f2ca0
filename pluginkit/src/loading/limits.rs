//! The limits of plugins in a configuration, which another feature reads.

use std::collections::{BTreeSet, HashMap};

use crate::base::name::PluginId;
use crate::config::limits::{PluginLimits, variable_name};
use crate::config::{ConfigProblem, PluginConfig};
use crate::loading::catalog::Catalog;
use crate::loading::discover::names;
use crate::registry::{Registry, Timeouts};

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

/// Returns the time limits of plugins that are to come, so that they hold for their starts.
pub(super) fn timeouts(
    registry: &Registry,
    catalog: &Catalog<'_>,
    config: &PluginConfig,
) -> Option<Timeouts> {
    Some(registry.limiter()?.timeouts(registry, config, &ids(registry, catalog)))
}

/// Sets the limits of plugins, and removes those that an earlier configuration had set.
pub(super) fn apply(registry: &Registry, catalog: &Catalog<'_>, config: &PluginConfig) {
    let Some(limiter) = registry.limiter() else { return };
    let id_of = ids(registry, catalog);
    limiter.apply(registry, config, &id_of);
    let limits = config.limits().map(|(name, limits)| (id_of(name), limits.clone()));
    registry.loads().set_limits(limits.collect());
}

/// Returns the plugins whose limits in the configuration have changed, by id.
pub(super) fn changed(
    before: &HashMap<PluginId, PluginLimits>,
    now: &HashMap<PluginId, PluginLimits>,
) -> Vec<PluginId> {
    let ids: BTreeSet<&PluginId> = before.keys().chain(now.keys()).collect();
    let is_changed = |id: &&PluginId| match (before.get(*id), now.get(*id)) {
        (Some(before), Some(now)) => !before.is_same(now),
        _ => true,
    };
    ids.into_iter().filter(is_changed).cloned().collect()
}

/// Returns a function that gives the id of the plugin that a name means.
pub(super) fn ids(registry: &Registry, catalog: &Catalog<'_>) -> impl Fn(&str) -> PluginId {
    let linked: HashMap<&str, &PluginId> =
        catalog.all().iter().flat_map(|each| names(each).into_iter().map(|name| (name, each.id()))).collect();
    // The environment writes no name as it is.
    let registered = registry.plugin_names();
    let mut spelled: HashMap<String, PluginId> = HashMap::new();
    for (name, id) in
        linked.iter().map(|(name, id)| (*name, *id)).chain(registered.iter().map(|id| (id.as_str(), id)))
    {
        spelled.entry(variable_name(name)).or_insert_with(|| id.clone());
    }
    move |name| {
        let known = linked.get(name).map(|id| (*id).clone()).or_else(|| registry.id_of(name));
        known.or_else(|| spelled.get(&variable_name(name)).cloned()).unwrap_or_else(|| name.into())
    }
}
