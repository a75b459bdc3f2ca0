//! Questions to the registry, and the switches that need no registration.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::Life;
use crate::plugin::AnyPlugin;
use crate::plugin::implementation::Implementation;
use crate::registry::registration::address;
use crate::registry::{Among, Registry, Slot, State};
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::point::PointInfo;

impl State {
    pub(super) fn unknown_plugin(&self, name: &str) -> Error {
        let registered: Vec<_> = self.ranked().map(|record| record.owner.id.clone()).collect();
        Error::unknown_plugin(name, &registered)
    }
}

impl Registry {
    pub(crate) fn unblock(&self, name: &str) -> bool {
        self.lock().blocked.remove(name)
    }

    pub(crate) fn is_blocked(&self, name: &str) -> bool {
        self.lock().blocked.contains(name)
    }

    pub(crate) fn is_registered(&self, name: &str) -> bool {
        self.lock().names.contains_key(name)
    }

    pub(crate) fn is_enabled(&self, name: &str) -> bool {
        let state = self.lock();
        let record = state.names.get(name).map(|number| &state.plugins[number]);
        record.is_some_and(|record| record.owner.enabled.load(Ordering::Relaxed))
    }

    /// Takes a plugin out of calls, or back into them, and notes why.
    pub(crate) fn set_enabled(
        &self,
        name: &str,
        enabled: bool,
        reason: Option<Arc<str>>,
    ) -> Result<(), Error> {
        self.change(|state, deferred| {
            let Some(number) = state.names.get(name) else { return Err(state.unknown_plugin(name)) };
            let record = &state.plugins[number];
            *record.owner.disabled_reason.lock().unwrap_or_else(PoisonError::into_inner) = reason;
            if record.owner.enabled.swap(enabled, Ordering::Relaxed) != enabled {
                let implementations = record.implementations.clone();
                state.change_members(&*implementations, deferred, |among, each, _| {
                    if let Among::Members(members) = among {
                        members.enable(each, enabled);
                    }
                });
            }
            Ok(())
        })
    }

    pub(crate) fn disabled_reason(&self, name: &str) -> Option<String> {
        let state = self.lock();
        state.plugins[state.names.get(name)?].owner.disabled_reason()
    }

    /// Holds all that a plugin has to `limit`, and nothing more to an earlier one.
    pub(crate) fn set_plugin_timeout(&self, name: &str, limit: Option<Duration>) -> Result<(), Error> {
        let state = self.lock();
        let Some(number) = state.names.get(name) else { return Err(state.unknown_plugin(name)) };
        state.plugins[number].owner.timeout.set(limit);
        Ok(())
    }

    /// Lets so many extensions of a plugin be under way at once, of those that start from now on.
    #[cfg(feature = "tokio")]
    pub(crate) fn set_plugin_places(
        &self,
        name: &str,
        limit: Option<std::num::NonZeroUsize>,
    ) -> Result<(), Error> {
        self.change(|state, deferred| {
            let Some(number) = state.names.get(name) else { return Err(state.unknown_plugin(name)) };
            let record = &state.plugins[number];
            *record.owner.places.lock().unwrap_or_else(PoisonError::into_inner) =
                limit.map(crate::call::permits::Places::new);
            let implementations = record.implementations.clone();
            state.change_members(&*implementations, deferred, |_, _, _| {});
            Ok(())
        })
    }

    /// Holds all that extends a point to `limit`, in calls that start from now on.
    pub(crate) fn set_point_timeout(
        &self,
        id: TypeId,
        info: &'static PointInfo,
        limit: Option<Duration>,
    ) -> Result<(), Error> {
        self.change(|state, deferred| {
            let point = state.point(id).ok_or(Error::UnknownExtensionPoint { point: info })?;
            point.slot.timeout.set(limit);
            point.publish(&state.watchers, deferred);
            Ok(())
        })
    }

    /// Says what an extension of a point that fails does to calls that start from now on.
    pub(crate) fn set_point_failure_policy(
        &self,
        id: TypeId,
        info: &'static PointInfo,
        policy: Option<FailurePolicy>,
    ) -> Result<(), Error> {
        self.change(|state, deferred| {
            let point = state.point(id).ok_or(Error::UnknownExtensionPoint { point: info })?;
            point.slot.on_failure.set(policy);
            point.publish(&state.watchers, deferred);
            Ok(())
        })
    }

    pub(crate) fn overruns(&self, name: &str) -> Option<u64> {
        let state = self.lock();
        let number = state.names.get(name)?;
        Some(state.plugins[number].owner.overruns.load(Ordering::Relaxed))
    }

    pub(crate) fn plugin(&self, name: &str) -> Option<AnyPlugin> {
        let state = self.lock();
        let number = state.names.get(name)?;
        Some(Arc::clone(&state.plugins[number].instance))
    }

    pub(crate) fn plugin_name(&self, plugin: &AnyPlugin) -> Option<PluginId> {
        let state = self.lock();
        let number = state.addresses.get(&address(plugin))?;
        Some(state.plugins[number].owner.id.clone())
    }

    /// The life of the plugin of that name.
    pub(crate) fn life(&self, name: &str) -> Option<Arc<Life>> {
        let state = self.lock();
        let number = state.names.get(name)?;
        Some(Arc::clone(&state.plugins[number].life))
    }

    /// The lives of all plugins, in registration order.
    pub(crate) fn lives(&self) -> Vec<Arc<Life>> {
        self.lock().ranked().map(|record| Arc::clone(&record.life)).collect()
    }

    /// What the order of calls depends on beside those that are called: the lives of all plugins, and what the
    /// disabled ones have on a point.
    pub(crate) fn behind_calls(&self, slot: &Slot) -> (Vec<Arc<Life>>, Vec<Arc<Implementation>>) {
        let state = self.lock();
        let lives = state.plugins.values().map(|record| Arc::clone(&record.life)).collect();
        let point = state.points.iter().find(|point| std::ptr::eq(Arc::as_ptr(&point.slot), slot));
        (lives, point.map(|point| point.members.lineup().disabled()).unwrap_or_default())
    }

    /// Whether any plugin is started, or has something left of a start.
    #[cfg(feature = "macros")]
    pub(crate) fn is_any_active(&self) -> bool {
        self.lives().iter().any(|life| life.status().is_active())
    }

    /// The name as the plugin of that name has it, by whose address it is told from another that gets it later.
    pub(crate) fn id_of(&self, name: &str) -> Option<PluginId> {
        let state = self.lock();
        let number = state.names.get(name)?;
        Some(state.plugins[number].owner.id.clone())
    }

    /// The number of the plugin of that name.
    #[cfg(feature = "macros")]
    pub(crate) fn number_of(&self, name: &str) -> Option<u64> {
        self.lock().names.get(name).copied()
    }

    pub(crate) fn plugin_names(&self) -> Vec<PluginId> {
        self.lock().ranked().map(|record| record.owner.id.clone()).collect()
    }

    pub(crate) fn extension_points(&self) -> Vec<&'static PointInfo> {
        let state = self.lock();
        state.points.iter().skip(state.built_in).map(|point| point.slot.info).collect()
    }

    /// The points that a plugin contributes to, in the order of declaration.
    pub(crate) fn extension_points_of(&self, name: &str) -> Option<Vec<&'static PointInfo>> {
        let state = self.lock();
        let record = &state.plugins[state.names.get(name)?];
        let points =
            record.implementations.iter().filter_map(|each| state.places.get(&each.contribution.point));
        let own: BTreeSet<_> = points.collect();
        Some(own.into_iter().map(|&place| state.points[place].slot.info).collect())
    }
}
