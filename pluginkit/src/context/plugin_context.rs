//! [`PluginContext`]: what the phases of a plugin are given.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::context::{CancellationSignal, StateMap};
use crate::lifecycle::Life;
use crate::name::PluginId;
use crate::plugin::PluginDescriptor;
use crate::registry::Registry;

/// What the phases of a plugin's [`Lifecycle`](crate::Lifecycle) are given: who it is, what the host has set
/// for it, what it shares with others, and how it hears that it is to end.
///
/// It is cheap to clone and may be kept: it keeps neither the plugin nor the manager alive.
#[derive(Clone)]
pub struct PluginContext {
    pub(crate) registry: Weak<Registry>,
    pub(crate) life: Arc<Life>,
    shared: Arc<StateMap>,
    signal: CancellationSignal,
}

impl PluginContext {
    pub(crate) fn new(registry: Weak<Registry>, life: Arc<Life>, shared: Arc<StateMap>) -> Self {
        let signal = life.signal();
        Self { registry, life, shared, signal }
    }

    /// The name the plugin is registered under.
    pub fn id(&self) -> &PluginId {
        self.life.id()
    }

    /// What the manager knows of the plugin now.
    pub fn descriptor(&self) -> PluginDescriptor {
        self.life.descriptor()
    }

    /// The configuration that the host has set for this plugin, if it is a `T`: see
    /// [`PluginManager::configure`](crate::PluginManager::configure).
    pub fn config<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.life.config.get()
    }

    /// What all plugins of the manager share, and the host: see
    /// [`PluginManager::shared_state`](crate::PluginManager::shared_state).
    pub fn shared_state(&self) -> &StateMap {
        &self.shared
    }

    /// What is this plugin's alone; it is emptied when the plugin has been unloaded.
    pub fn state(&self) -> &StateMap {
        &self.life.private
    }

    /// What tells that the plugin is being stopped, or that its start was given up or failed. The next
    /// start has another one.
    pub fn cancellation(&self) -> &CancellationSignal {
        &self.signal
    }
}

impl fmt::Debug for PluginContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginContext").field("id", self.id()).finish_non_exhaustive()
    }
}
