//! Look-ups: the plugins and points of a manager.

use std::sync::Arc;

use crate::base::kind::Kind;
use crate::base::name::PluginId;
use crate::manager::Manager;
use crate::plugin::AnyPlugin;
use crate::plugin::PluginDescriptor;
use crate::spec::point::PointInfo;

impl<K: Kind> Manager<K> {
    /// Returns whether a plugin of that name is registered.
    #[doc(alias = "has_plugin")]
    pub fn is_registered(&self, name: impl AsRef<str>) -> bool {
        self.registry().is_registered(name.as_ref())
    }

    /// Returns the plugin of that name, if there is one.
    ///
    /// [`plugin_as`](Self::plugin_as) returns the plugin with its type.
    #[doc(alias = "get_plugin")]
    pub fn plugin(&self, name: impl AsRef<str>) -> Option<AnyPlugin> {
        self.registry().plugin(name.as_ref())
    }

    /// Returns the plugin of that name, if there is one and it is a `T`.
    pub fn plugin_as<T: Send + Sync + 'static>(&self, name: impl AsRef<str>) -> Option<Arc<T>> {
        self.plugin(name)?.downcast().ok()
    }

    /// Returns the name under which the plugin that is this `Arc` is registered, if it is registered.
    #[doc(alias = "get_name")]
    pub fn plugin_name<T: Send + Sync + 'static>(&self, plugin: &Arc<T>) -> Option<PluginId> {
        let plugin: AnyPlugin = Arc::clone(plugin) as AnyPlugin;
        self.registry().plugin_name(&plugin)
    }

    /// Returns the names of all plugins, in registration order.
    #[doc(alias = "list_name_plugin", alias = "get_plugins")]
    pub fn plugin_names(&self) -> Vec<PluginId> {
        self.registry().plugin_names()
    }

    /// Returns all extension points, in the order in which they were added.
    pub fn extension_points(&self) -> Vec<&'static PointInfo> {
        self.registry().extension_points()
    }

    /// Returns the points that a plugin extends or wraps; `None` if no plugin has that name.
    #[doc(alias = "get_hookcallers")]
    pub fn extension_points_of(&self, name: impl AsRef<str>) -> Option<Vec<&'static PointInfo>> {
        self.registry().extension_points_of(name.as_ref())
    }

    /// Returns the state and the declared data of the plugin of that name; `None` if there is none.
    pub fn descriptor(&self, name: impl AsRef<str>) -> Option<PluginDescriptor> {
        self.registry().entry(name.as_ref()).map(|entry| entry.descriptor())
    }

    /// Returns the states and the declared data of all plugins, in registration order.
    #[doc(alias = "list_plugins")]
    pub fn descriptors(&self) -> Vec<PluginDescriptor> {
        self.registry().entries().iter().map(|entry| entry.descriptor()).collect()
    }
}
