//! Look-ups of services, as methods of the context of a plugin.

use std::sync::Arc;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::manager::context::PluginContext;
use crate::services::{Key, ServiceHandle};

impl PluginContext {
    /// Returns the services that implement `S`, as [`Manager::services`](crate::Manager::services) does.
    pub fn services<S: ?Sized + Send + Sync + 'static>(&self) -> Vec<Arc<S>> {
        self.look_up(&Key::of::<S>(), false)
    }

    /// Returns the services that implement `S`, of plugins in any state.
    pub fn all_services<S: ?Sized + Send + Sync + 'static>(&self) -> Vec<Arc<S>> {
        self.look_up(&Key::of::<S>(), true)
    }

    /// Returns the first of the [`services`](Self::services) that implement `S`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownService`] if the service was never declared; [`Error::NoService`] if
    /// [`services`](Self::services) is empty.
    pub fn service<S: ?Sized + Send + Sync + 'static>(&self) -> Result<Arc<S>, Error> {
        self.first(&Key::of::<S>())
    }

    /// Returns a handle that looks up the services that implement `S` each time it is asked. It follows changes of plugins.
    pub fn service_handle<S: ?Sized + Send + Sync + 'static>(&self) -> ServiceHandle<S> {
        ServiceHandle::new(self.weak_registry().clone(), Some(Arc::clone(self.entry())))
    }

    /// Returns the services that are provided under a name that was declared at run time.
    pub fn services_named<S: ?Sized + Send + Sync + 'static>(
        &self,
        name: impl Into<PluginId>,
    ) -> Vec<Arc<S>> {
        self.look_up(&Key::Named(name.into()), false)
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
        self.first(&Key::Named(name.into()))
    }

    fn look_up<S: ?Sized + Send + Sync + 'static>(&self, key: &Key, all: bool) -> Vec<Arc<S>> {
        self.registry().map(|registry| registry.services(key, all, Some(self.entry()))).unwrap_or_default()
    }

    fn first<S: ?Sized + Send + Sync + 'static>(&self, key: &Key) -> Result<Arc<S>, Error> {
        match self.registry() {
            Ok(registry) => registry.service(key, Some(self.entry())),
            Err(_) => Err(Error::NoService { service: key.name(), hidden: Vec::new() }),
        }
    }
}
