//! [`PluginContext`]: what a plugin knows of its manager.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::base::name::PluginId;
use crate::base::signal::CancellationSignal;
use crate::base::state::StateMap;
use crate::error::Error;
use crate::plugin::PluginDescriptor;
use crate::registry::{Entry, Registry};

/// What the phases of a plugin's [`Lifecycle`](crate::Lifecycle) are given: who it is, what the host has set
/// for it, what it shares with others, and how it hears that it is to end.
///
/// It is cheap to clone and may be kept: it keeps neither the plugin nor the manager alive.
#[derive(Clone)]
pub struct PluginContext {
    pub(crate) registry: Weak<Registry>,
    pub(crate) entry: Arc<Entry>,
    shared: Arc<StateMap>,
    signal: CancellationSignal,
}

impl PluginContext {
    /// The context of a plugin that hears by `signal` that it is to end.
    #[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "for the phases of a life"))]
    pub(crate) fn new(registry: &Arc<Registry>, entry: Arc<Entry>, signal: CancellationSignal) -> Self {
        Self { registry: Arc::downgrade(registry), entry, shared: Arc::clone(&registry.shared), signal }
    }

    /// The name the plugin is registered under.
    pub fn id(&self) -> &PluginId {
        self.entry.id()
    }

    /// What the manager knows of the plugin now.
    pub fn descriptor(&self) -> PluginDescriptor {
        self.entry.descriptor()
    }

    /// The configuration that the host has set for this plugin, if it is a `T`: see
    /// [`PluginManager::configure`](crate::PluginManager::configure).
    pub fn config<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.entry.settings.get()
    }

    /// What all plugins of the manager share, and the host: see
    /// [`PluginManager::shared_state`](crate::PluginManager::shared_state).
    pub fn shared_state(&self) -> &StateMap {
        &self.shared
    }

    /// What is this plugin's alone: no other plugin's context leads to it. It is emptied when the plugin has been
    /// unloaded, or leaves.
    pub fn state(&self) -> &StateMap {
        &self.entry.private
    }

    /// What tells that the plugin is being stopped, or that its start was given up or failed. The next
    /// start has another one.
    pub fn cancellation(&self) -> &CancellationSignal {
        &self.signal
    }
}

impl PluginContext {
    /// Returns the registry, or the error that it is gone.
    pub(crate) fn registry(&self) -> Result<Arc<Registry>, Error> {
        let gone = || Error::unknown_plugin(self.id(), &[]);
        self.registry.upgrade().ok_or_else(gone)
    }
}

impl fmt::Debug for PluginContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginContext").field("id", self.id()).finish_non_exhaustive()
    }
}
