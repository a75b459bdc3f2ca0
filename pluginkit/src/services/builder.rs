//! Services, as methods of the builders of plugins and managers.

use crate::base::kind::Kind;
use crate::manager::ManagerBuilder;
use crate::manager::plugin_builder::PluginBuilder;
use crate::services::{Key, Provides, StagedService};

impl<K: Kind> ManagerBuilder<K> {
    /// Sets whether plugins and the host may provide services that were never declared.
    pub fn lenient_services(self, lenient: bool) -> Self {
        self.setting(move |registry| registry.set_lenient_services(lenient))
    }
}

impl<T: Send + Sync + 'static> PluginBuilder<T> {
    /// Adds the service `S`, which `T` provides by a block `#[extension(service)] impl S for T`, or by a [`Provides`] that is
    /// written by hand.
    ///
    /// Look-ups return services of higher priority earlier.
    pub fn provides<S>(self, priority: i32) -> Self
    where
        T: Provides<S>,
        S: ?Sized + Send + Sync + 'static,
    {
        self.offer(|plugin| Box::new(StagedService::new(Key::of::<S>(), priority, plugin.provide())))
    }
}
