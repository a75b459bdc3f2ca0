//! [`PluginContext`]: what a plugin knows of its manager.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::base::name::PluginId;
use crate::base::signal::CancellationSignal;
use crate::base::state::StateMap;
use crate::error::Error;
use crate::plugin::PluginDescriptor;
use crate::registry::{Entry, Registry};

/// The access of a plugin to its manager, in the phases of its [`Lifecycle`](crate::lifecycle::Lifecycle).
///
/// A context has the plugin's name, configuration and private state. A context also has the state that all plugins
/// share, and the signal that tells the plugin to end. A context is cheap to clone. A plugin may keep its context: a
/// context keeps neither the plugin nor the manager alive.
#[derive(Clone)]
pub struct PluginContext {
    registry: Weak<Registry>,
    entry: Arc<Entry>,
    shared: Arc<StateMap>,
    signal: CancellationSignal,
}

impl PluginContext {
    /// Returns the context of a plugin with this signal of its end.
    #[doc(hidden)]
    pub fn new(registry: &Arc<Registry>, entry: Arc<Entry>, signal: CancellationSignal) -> Self {
        Self { registry: Arc::downgrade(registry), entry, shared: Arc::clone(&registry.shared), signal }
    }

    /// Returns the name the plugin is registered under.
    pub fn id(&self) -> &PluginId {
        self.entry.id()
    }

    /// Returns the descriptor of the plugin at this moment.
    pub fn descriptor(&self) -> PluginDescriptor {
        self.entry.descriptor()
    }

    /// Returns the configuration of type `T` that the host or a configuration file has set for this plugin: see
    /// [`PluginManager::configure`](crate::PluginManager::configure).
    pub fn config<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.entry.settings.get()
    }

    /// Returns the state that plugins share with each other and with the host: see
    /// [`PluginManager::shared_state`](crate::PluginManager::shared_state).
    pub fn shared_state(&self) -> &StateMap {
        &self.shared
    }

    /// Returns the private state of this plugin. The contexts of other plugins do not have it.
    ///
    /// The state is emptied when the plugin is unloaded or unregistered.
    pub fn state(&self) -> &StateMap {
        &self.entry.private
    }

    /// Returns the signal that tells the threads and tasks of the plugin to end.
    ///
    /// The signal is given when the plugin is stopped or unregistered, when its start fails or is dropped, and when the
    /// manager is dropped. Each start has its own signal.
    pub fn cancellation(&self) -> &CancellationSignal {
        &self.signal
    }
}

impl PluginContext {
    /// Returns the registry, or the error that it is gone.
    #[doc(hidden)]
    pub fn registry(&self) -> Result<Arc<Registry>, Error> {
        let gone = || Error::unknown_plugin(self.id(), &[]);
        self.registry.upgrade().ok_or_else(gone)
    }

    /// Returns a pointer to the registry that does not keep it.
    #[doc(hidden)]
    pub fn weak_registry(&self) -> &Weak<Registry> {
        &self.registry
    }

    /// Returns the plugin.
    #[doc(hidden)]
    pub fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }
}

impl fmt::Debug for PluginContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginContext").field("id", self.id()).finish_non_exhaustive()
    }
}
