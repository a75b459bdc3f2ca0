//! Services as plugins provide them in their phases.

use std::sync::Arc;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::manager::context::PluginContext;
use crate::services::{Key, ServiceId, StagedService};

impl PluginContext {
    /// Provides a service at priority 0, until the plugin is stopped or unregistered.
    ///
    /// If the plugin starts again, or another one replaces it, the service of that kind which comes next has the
    /// [place](crate::guide::services#when-the-plugin-changes) of this one.
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
        self.registry()?.provide(StagedService::new(Key::of::<S>(), priority, service), Some(self.entry()))
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
        self.registry()?.provide(StagedService::new(key, priority, service), Some(self.entry()))
    }

    /// Declares a name for services that implement `S`, until the plugin is stopped or unregistered.
    ///
    /// # Errors
    ///
    /// [`Error::ServiceType`] if the name was declared for another type, or has services of another type.
    pub fn declare_services<S: ?Sized + Send + Sync + 'static>(
        &self,
        name: impl Into<PluginId>,
    ) -> Result<(), Error> {
        self.registry()?.declare_services::<S>(name.into(), Some(self.entry().number))
    }

    /// Withdraws a service that this plugin has provided, and returns whether it was there.
    pub fn withdraw(&self, service: ServiceId) -> bool {
        self.registry().is_ok_and(|registry| registry.withdraw(service, Some(self.entry().number)))
    }
}
