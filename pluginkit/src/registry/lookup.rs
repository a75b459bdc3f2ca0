//! Look-ups in the registry, and switches of registered plugins.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::plugin::AnyPlugin;
use crate::plugin::implementation::{Excluded, Implementation, Owner};
use crate::registry::candidate::address;
use crate::registry::{DeferredDrops, Entry, Record, Registry, Slot, State};
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::point::PointInfo;

impl State {
    /// Returns the error that no plugin has this name.
    pub fn unknown_plugin(&self, name: &str) -> Error {
        let registered: Vec<_> = self.ranked().map(|record| record.owner.id.clone()).collect();
        Error::unknown_plugin(name, &registered)
    }

    /// Returns whether the plugin with this number is registered.
    pub fn is_registered(&self, plugin: u64) -> bool {
        self.record(plugin).is_some()
    }
}

impl Registry {
    pub(crate) fn unblock(&self, name: &str) -> bool {
        self.lock().blocked.remove(name)
    }

    /// Returns whether the name is blocked.
    pub fn is_blocked(&self, name: &str) -> bool {
        self.lock().blocked.contains(name)
    }

    /// Returns whether a plugin has this name.
    pub fn is_registered(&self, name: &str) -> bool {
        self.lock().names.contains_key(name)
    }

    pub(crate) fn is_enabled(&self, name: &str) -> bool {
        let state = self.lock();
        let record = state.names.get(name).map(|number| &state.plugins[number]);
        record.is_some_and(|record| record.owner.is_enabled())
    }

    /// Takes a plugin out of calls or back into them, and notes the reason.
    pub(crate) fn set_enabled(
        &self,
        name: &str,
        enabled: bool,
        reason: Option<Arc<str>>,
    ) -> Result<(), Error> {
        self.change(|state, deferred| {
            let Some(&number) = state.names.get(name) else { return Err(state.unknown_plugin(name)) };
            state.set_enabled(number, enabled, reason, deferred);
            Ok(())
        })
    }

    /// Returns whether `plugin` is registered still, and has implementations that [`leave_out`](Self::leave_out) would
    /// leave out.
    pub fn can_leave_out(&self, plugin: &PluginId, what: Excluded) -> bool {
        let state = self.lock();
        state
            .record_of(plugin)
            .is_some_and(|record| record.implementations.iter().any(|each| what.includes(each)))
    }

    /// Leaves implementations of a plugin that fails out of calls, and notes the reason. A plugin that was unregistered or
    /// that the host has disabled stays as it is.
    pub fn leave_out(&self, plugin: &PluginId, what: Excluded, reason: Arc<str>) {
        self.change(|state, deferred| state.leave_out(plugin, what, Some(reason), deferred));
    }

    /// Takes implementations of a plugin back into calls that were left out. Returns whether there were any: the host
    /// may have decided otherwise since.
    pub fn take_back(&self, plugin: &PluginId) -> bool {
        self.change(|state, deferred| {
            let is_left_out = state.record_of(plugin).is_some_and(|record| record.owner.is_left_out());
            if is_left_out {
                state.leave_out(plugin, Excluded::Nothing, None, deferred);
            }
            is_left_out
        })
    }

    /// Returns whether any implementation of `plugin`, which may be unregistered, is left out of calls.
    pub fn is_left_out(&self, plugin: &PluginId) -> bool {
        self.lock().record_of(plugin).is_some_and(|record| record.owner.is_left_out())
    }

    pub(crate) fn disabled_reason(&self, name: &str) -> Option<String> {
        let state = self.lock();
        state.plugins[state.names.get(name)?].owner.disabled_reason()
    }

    /// Sets the time limit of all implementations of a plugin. It replaces an earlier one.
    pub fn set_plugin_timeout(&self, name: &str, limit: Option<Duration>) -> Result<(), Error> {
        self.change_owner(name, |owner| owner.timeout.set(limit))
    }

    /// Sets how many extensions of a plugin may run at once, of those that start from now on.
    #[cfg(feature = "tokio")]
    pub fn set_plugin_permits(&self, name: &str, limit: Option<std::num::NonZeroUsize>) -> Result<(), Error> {
        self.change_owner(name, |owner| {
            *owner.permits.lock().unwrap_or_else(PoisonError::into_inner) =
                limit.map(crate::base::permits::Permits::new);
        })
    }

    /// Changes the limits of a plugin, and publishes its implementations with their new marks.
    fn change_owner(&self, name: &str, change: impl FnOnce(&Owner)) -> Result<(), Error> {
        self.change(|state, deferred| {
            let Some(&number) = state.names.get(name) else { return Err(state.unknown_plugin(name)) };
            change(&state.plugins[&number].owner);
            state.renew(number, deferred);
            Ok(())
        })
    }

    /// Sets the time limit of all implementations of a point, in calls that start from now on.
    pub(crate) fn set_point_timeout(
        &self,
        id: TypeId,
        info: &'static PointInfo,
        limit: Option<Duration>,
    ) -> Result<(), Error> {
        self.change(|state, deferred| {
            let point = state.point(id).ok_or(Error::UnknownExtensionPoint { point: info })?;
            point.slot.timeout.set(limit);
            let place = state.places[&id];
            state.publish([place], deferred);
            Ok(())
        })
    }

    /// Sets the effect of a failing extension of a point on calls that start from now on.
    pub(crate) fn set_point_failure_policy(
        &self,
        id: TypeId,
        info: &'static PointInfo,
        policy: Option<FailurePolicy>,
    ) -> Result<(), Error> {
        self.change(|state, deferred| {
            let point = state.point(id).ok_or(Error::UnknownExtensionPoint { point: info })?;
            point.slot.on_failure.set(policy);
            let place = state.places[&id];
            state.publish([place], deferred);
            Ok(())
        })
    }

    pub(crate) fn overruns(&self, name: &str) -> Option<u64> {
        let state = self.lock();
        let number = state.names.get(name)?;
        Some(state.plugins[number].owner.overruns.load(Ordering::Relaxed))
    }

    /// Returns the plugin of this name.
    pub fn plugin(&self, name: &str) -> Option<AnyPlugin> {
        let state = self.lock();
        let number = state.names.get(name)?;
        Some(Arc::clone(&state.plugins[number].instance))
    }

    pub(crate) fn plugin_name(&self, plugin: &AnyPlugin) -> Option<PluginId> {
        let state = self.lock();
        let number = state.addresses.get(&address(plugin))?;
        Some(state.plugins[number].owner.id.clone())
    }

    /// Returns the plugin of that name.
    pub fn entry(&self, name: &str) -> Option<Arc<Entry>> {
        let state = self.lock();
        let number = state.names.get(name)?;
        Some(Arc::clone(&state.plugins[number].entry))
    }

    /// Returns all plugins, in registration order.
    pub fn entries(&self) -> Vec<Arc<Entry>> {
        self.lock().ranked().map(|record| Arc::clone(&record.entry)).collect()
    }

    /// Returns all plugins, in registration order, and the slots of the declared points, at one moment.
    pub fn overview(&self) -> (Vec<Arc<Entry>>, Vec<Arc<Slot>>) {
        let state = self.lock();
        let entries = state.ranked().map(|record| Arc::clone(&record.entry)).collect();
        let points = state.points.iter().skip(state.built_in);
        (entries, points.map(|point| Arc::clone(&point.slot)).collect())
    }

    /// Returns the points of optional extensions for which the manager has not got the specs, each with its plugin. They are in
    /// the order of their names.
    pub fn waiting_points(&self) -> Vec<(PluginId, &'static PointInfo)> {
        let state = self.lock();
        let waiting = state.pending.values().flat_map(BTreeMap::values);
        let mut waiting: Vec<_> =
            waiting.map(|each| (each.plugin().clone(), each.contribution.info)).collect();
        drop(state);
        waiting.sort_by_cached_key(|(plugin, point)| (plugin.clone(), point.to_string()));
        waiting
    }

    /// Returns everything else that the order of calls depends on: all plugins, and the implementations of disabled
    /// plugins at a point.
    pub(crate) fn behind_calls(&self, slot: &Slot) -> (Vec<Arc<Entry>>, Vec<Arc<Implementation>>) {
        let state = self.lock();
        let entries = state.plugins.values().map(|record| Arc::clone(&record.entry)).collect();
        let point = state.points.iter().find(|point| std::ptr::eq(Arc::as_ptr(&point.slot), slot));
        (entries, point.map(|point| point.members.member_list().disabled()).unwrap_or_default())
    }

    /// Returns the name of a plugin. Its address tells the plugin from a later one of the same name.
    pub fn id_of(&self, name: &str) -> Option<PluginId> {
        let state = self.lock();
        let number = state.names.get(name)?;
        Some(state.plugins[number].owner.id.clone())
    }

    /// Returns the number of the plugin of that name.
    #[cfg(feature = "macros")]
    pub fn number_of(&self, name: &str) -> Option<u64> {
        self.lock().names.get(name).copied()
    }

    /// Returns the names of all plugins, in registration order.
    pub fn plugin_names(&self) -> Vec<PluginId> {
        self.lock().ranked().map(|record| record.owner.id.clone()).collect()
    }

    pub(crate) fn extension_points(&self) -> Vec<&'static PointInfo> {
        let state = self.lock();
        state.points.iter().skip(state.built_in).map(|point| point.slot.info).collect()
    }

    /// Returns the points that a plugin contributes to, in the order of declaration.
    pub(crate) fn extension_points_of(&self, name: &str) -> Option<Vec<&'static PointInfo>> {
        let state = self.lock();
        let record = &state.plugins[state.names.get(name)?];
        let points =
            record.implementations.iter().filter_map(|each| state.places.get(&each.contribution.point));
        let own: BTreeSet<_> = points.collect();
        Some(own.into_iter().map(|&place| state.points[place].slot.info).collect())
    }
}

impl State {
    /// Takes the plugin with this number out of calls or back into them, and notes the reason.
    fn set_enabled(
        &mut self,
        number: u64,
        enabled: bool,
        reason: Option<Arc<str>>,
        deferred: &mut DeferredDrops,
    ) {
        let record = &self.plugins[&number];
        *record.owner.disabled_reason.lock().unwrap_or_else(PoisonError::into_inner) = reason;
        let is_changed = record.owner.leave_out(Excluded::Nothing);
        if record.owner.enabled.swap(enabled, Ordering::Relaxed) != enabled || is_changed {
            self.renew(number, deferred);
        }
    }

    /// Leaves implementations of a plugin out of calls, unless the plugin was unregistered or the host has disabled it.
    fn leave_out(
        &mut self,
        plugin: &PluginId,
        what: Excluded,
        reason: Option<Arc<str>>,
        deferred: &mut DeferredDrops,
    ) {
        let Some(&number) = self.names.get(plugin) else { return };
        let owner = &self.plugins[&number].owner;
        if owner.id.is_same(plugin) && owner.enabled.load(Ordering::Relaxed) && owner.leave_out(what) {
            *owner.disabled_reason.lock().unwrap_or_else(PoisonError::into_inner) = reason;
            self.renew(number, deferred);
        }
    }

    /// Returns the registration of this very plugin, not of a later one of its name.
    fn record_of(&self, plugin: &PluginId) -> Option<&Record> {
        let record = &self.plugins[self.names.get(plugin)?];
        record.owner.id.is_same(plugin).then_some(record)
    }
}
