//! The limits of plugins in a configuration, which another feature reads.

use std::collections::{BTreeSet, HashMap};

use crate::base::name::PluginId;
use crate::config::limits::PluginLimits;
use crate::config::{ConfigProblem, PluginConfig};
use crate::registry::{Registry, Timeouts};

/// Returns the problems of limits that the manager cannot keep.
pub(super) fn wrong(registry: &Registry, config: &PluginConfig) -> Vec<ConfigProblem> {
    registry.limiter().map_or_else(Vec::new, |limiter| limiter.check(registry, config))
}

/// Returns the time limits of plugins that are to come, so that they hold for their starts. The configuration names plugins
/// by their ids.
pub(super) fn timeouts(registry: &Registry, config: &PluginConfig) -> Option<Timeouts> {
    Some(registry.limiter()?.timeouts(registry, config))
}

/// Sets the limits of plugins, and removes those that an earlier configuration had set. The configuration names plugins by
/// their ids.
pub(super) fn apply(registry: &Registry, config: &PluginConfig) {
    let Some(limiter) = registry.limiter() else { return };
    limiter.apply(registry, config);
    let limits = config.limits().map(|(id, limits)| (id.into(), limits.clone()));
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
