//! Services, as methods of managers.

use std::sync::Arc;

use crate::base::kind::Kind;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::manager::generic::Manager;
use crate::services::{Key, ServiceHandle, ServiceId, ServicePointInfo, StagedService};

impl<K: Kind> Manager<K> {
    /// Returns the services that implement `S`, as in `pm.services::<dyn Formatter>()`.
    ///
    /// Higher priority comes first, then earlier registration. Services of plugins that are disabled, have failed or
    /// were stopped are left out. The list is empty if nothing is provided or declared.
    pub fn services<S: ?Sized + Send + Sync + 'static>(&self) -> Vec<Arc<S>> {
        self.registry().services(&Key::of::<S>(), false, None)
    }

    /// Returns the services that implement `S`, of plugins in any state.
    pub fn all_services<S: ?Sized + Send + Sync + 'static>(&self) -> Vec<Arc<S>> {
        self.registry().services(&Key::of::<S>(), true, None)
    }

    /// Returns the first of the [`services`](Self::services) that implement `S`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownService`] if the service was never declared; [`Error::NoService`] if
    /// [`services`](Self::services) is empty.
    pub fn service<S: ?Sized + Send + Sync + 'static>(&self) -> Result<Arc<S>, Error> {
        self.registry().service(&Key::of::<S>(), None)
    }

    /// Returns a handle that looks up the services that implement `S` each time it is asked. It follows changes of plugins.
    pub fn service_handle<S: ?Sized + Send + Sync + 'static>(&self) -> ServiceHandle<S> {
        ServiceHandle::new(self.registry().downgrade(), None)
    }

    /// Returns the services that are provided under a name that was [declared](Self::declare_services) at run time.
    ///
    /// The order is the same as in [`services`](Self::services).
    pub fn services_named<S: ?Sized + Send + Sync + 'static>(
        &self,
        name: impl Into<PluginId>,
    ) -> Vec<Arc<S>> {
        self.registry().services(&Key::Named(name.into()), false, None)
    }

    /// Returns the first of the services that are provided under a name that was declared at run time.
    ///
    /// # Errors
    ///
    /// As [`service`](Self::service), and [`Error::ServiceType`] if the name was declared for another trait.
    pub fn service_named<S: ?Sized + Send + Sync + 'static>(
        &self,
        name: impl Into<PluginId>,
    ) -> Result<Arc<S>, Error> {
        self.registry().service(&Key::Named(name.into()), None)
    }

    /// Returns the kinds of services: declared traits by name, then names that were declared at run time, then
    /// undeclared services.
    pub fn service_points(&self) -> Vec<ServicePointInfo> {
        self.registry().service_points()
    }

    /// Declares a name for services that implement `S`, such as `dyn Formatter`, at run time.
    ///
    /// Declaring the name again for the same trait changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::ServiceType`] if the name was declared for another type, or has services of another type.
    pub fn declare_services<S: ?Sized + Send + Sync + 'static>(
        &self,
        name: impl Into<PluginId>,
    ) -> Result<(), Error> {
        self.registry().declare_services::<S>(name.into(), None)
    }

    /// Provides a service of the host, at priority 0.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownService`] if the service was not declared.
    pub fn provide<S: ?Sized + Send + Sync + 'static>(&self, service: Arc<S>) -> Result<ServiceId, Error> {
        self.provide_with(0, service)
    }

    /// Provides a service of the host, at a priority. Look-ups return services of higher priority earlier.
    ///
    /// # Errors
    ///
    /// As [`provide`](Self::provide).
    pub fn provide_with<S: ?Sized + Send + Sync + 'static>(
        &self,
        priority: i32,
        service: Arc<S>,
    ) -> Result<ServiceId, Error> {
        self.registry().provide(StagedService::new(Key::of::<S>(), priority, service), None)
    }

    /// Provides a service of the host, at a priority, under a name that was declared at run time.
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
        self.registry().provide(StagedService::new(Key::Named(name.into()), priority, service), None)
    }

    /// Withdraws a service of the host, and returns whether it was still provided.
    pub fn withdraw(&self, service: ServiceId) -> bool {
        self.registry().withdraw(service, None)
    }
}
