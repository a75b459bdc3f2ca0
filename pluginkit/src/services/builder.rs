//! Services as the builder of a plugin names them.

use crate::manager::plugin_builder::PluginBuilder;
use crate::services::{Key, Provides, StagedService};

impl<T: Send + Sync + 'static> PluginBuilder<'_, T> {
    /// The service `S` that `#[extension(service)] impl … for T` names, or `T` [`Provides`] by hand. Higher
    /// priority is found earlier.
    pub fn provides<S>(self, priority: i32) -> Self
    where
        T: Provides<S>,
        S: ?Sized + Send + Sync + 'static,
    {
        self.offer(|plugin| Box::new(StagedService::new(Key::of::<S>(), priority, plugin.provide())))
    }
}
