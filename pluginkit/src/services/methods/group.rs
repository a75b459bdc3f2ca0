//! Services, as a method of a group.

use std::sync::Arc;

use crate::manager::group::PluginGroup;
use crate::services::Key;

impl PluginGroup {
    /// Returns the services that the plugins of the group provide under `S`, as in `group.services::<dyn Formatter>()`.
    ///
    /// The services are in the order of the group. Those of one plugin are in the order of
    /// [`Manager::services`](crate::Manager::services). Services of plugins that are disabled, have failed or were
    /// stopped are left out. There are none after the manager is dropped.
    pub fn services<S: ?Sized + Send + Sync + 'static>(&self) -> Vec<Arc<S>> {
        let Some(registry) = self.registry() else { return Vec::new() };
        registry.services_of(&Key::of::<S>(), self.numbers())
    }
}
