//! [`PluginContext`]: what the phases of a plugin are given.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::base::name::PluginId;
use crate::base::signal::CancellationSignal;
use crate::base::state::StateMap;
use crate::error::Error;
use crate::lifecycle::Life;
use crate::plugin::PluginDescriptor;
use crate::registry::Registry;
use crate::services::{Key, ServiceId, StagedService};

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

    /// What is this plugin's alone: no other plugin's context leads to it. It is emptied when the plugin has been
    /// unloaded, or leaves.
    pub fn state(&self) -> &StateMap {
        &self.life.private
    }

    /// What tells that the plugin is being stopped, or that its start was given up or failed. The next
    /// start has another one.
    pub fn cancellation(&self) -> &CancellationSignal {
        &self.signal
    }
}

impl PluginContext {
    /// The registry, with the error that it is gone.
    fn registry(&self) -> Result<Arc<Registry>, Error> {
        let gone = || Error::unknown_plugin(self.id(), &[]);
        self.registry.upgrade().ok_or_else(gone)
    }

    /// Provides a service at priority 0, until the plugin has been unloaded or leaves.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pluginkit::prelude::*;
    ///
    /// #[extension_point(service)]
    /// pub trait Clock: Send + Sync {
    ///     fn hour(&self) -> u8;
    /// }
    ///
    /// struct Stopped(u8);
    /// impl Clock for Stopped {
    ///     fn hour(&self) -> u8 {
    ///         self.0
    ///     }
    /// }
    ///
    /// struct Clocks;
    ///
    /// #[extension]
    /// impl Lifecycle for Clocks {
    ///     fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
    ///         cx.provide::<dyn Clock>(Arc::new(Stopped(7)))?;
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("time");
    /// pm.register(Clocks)?;
    /// assert!(pm.service::<dyn Clock>().is_err());
    /// pm.start_all()?;
    /// assert_eq!(pm.service::<dyn Clock>()?.hour(), 7);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::UnknownService`] if the service was not declared; [`Error::UnknownPlugin`] if the plugin is
    /// not registered any more.
    pub fn provide<S: ?Sized + Send + Sync + 'static>(&self, service: Arc<S>) -> Result<ServiceId, Error> {
        self.provide_with(0, service)
    }

    /// Provides a service at a priority; higher is found earlier.
    ///
    /// # Errors
    ///
    /// As [`provide`](Self::provide).
    pub fn provide_with<S: ?Sized + Send + Sync + 'static>(
        &self,
        priority: i32,
        service: Arc<S>,
    ) -> Result<ServiceId, Error> {
        self.registry()?.provide(StagedService::new(Key::of::<S>(), priority, service), Some(&self.life))
    }

    /// Provides a service under a name that was declared at run time, at a priority.
    ///
    /// # Errors
    ///
    /// As [`provide`](Self::provide), and [`Error::ServiceType`] if the name was declared for another trait.
    pub fn provide_named<S: ?Sized + Send + Sync + 'static>(
        &self,
        name: impl Into<PluginId>,
        priority: i32,
        service: Arc<S>,
    ) -> Result<ServiceId, Error> {
        let key = Key::Named(name.into());
        self.registry()?.provide(StagedService::new(key, priority, service), Some(&self.life))
    }

    /// Declares a name for services that implement `S`, until the plugin has been unloaded or leaves.
    ///
    /// # Errors
    ///
    /// [`Error::ServiceType`] if it was declared for, or has services of, another type.
    pub fn declare_services<S: ?Sized + Send + Sync + 'static>(
        &self,
        name: impl Into<PluginId>,
    ) -> Result<(), Error> {
        self.registry()?.declare_services::<S>(name.into(), Some(self.life.number))
    }

    /// Takes back what this plugin has provided; returns whether it was there.
    pub fn withdraw(&self, service: ServiceId) -> bool {
        self.registry.upgrade().is_some_and(|registry| registry.withdraw(service, Some(self.life.number)))
    }
}

impl fmt::Debug for PluginContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginContext").field("id", self.id()).finish_non_exhaustive()
    }
}
