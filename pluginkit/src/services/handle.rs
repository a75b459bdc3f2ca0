//! [`ServiceHandle`]: a service that is looked up anew each time.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Weak};

use crate::error::Error;
use crate::plugin::ServiceType;
use crate::registry::{Entry, Registry};
use crate::services::Key;

/// A handle to the services that implement `S`, which looks them up each time.
///
/// An `Arc` of a service stays the same object when its plugin is replaced. A handle follows: the next
/// [`get`](Self::get) returns the service of the new plugin.
/// [`Manager::service_handle`](crate::Manager::service_handle) and
/// [`PluginContext::service_handle`](crate::lifecycle::PluginContext::service_handle) return one.
///
/// A handle is cheap to clone and does not keep the manager alive. A look-up takes the lock of the registry for a moment.
///
/// ```
/// use std::sync::Arc;
/// use pluginkit::prelude::*;
///
/// #[extension_point(service)]
/// trait Clock: Send + Sync {
///     fn hour(&self) -> u8;
/// }
///
/// struct Fixed(u8);
///
/// #[extension(service)]
/// impl Clock for Fixed {
///     fn hour(&self) -> u8 {
///         self.0
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("time");
/// let clock = pm.service_handle::<dyn Clock>();
/// assert!(clock.get().is_err());
/// pm.register_as("clock", Fixed(7))?;
/// assert_eq!(clock.get()?.hour(), 7);
/// pm.unregister("clock");
/// pm.register_as("clock", Fixed(8))?;
/// assert_eq!(clock.get()?.hour(), 8);
/// # Ok(())
/// # }
/// ```
pub struct ServiceHandle<S: ?Sized> {
    registry: Weak<Registry>,
    /// The plugin that looks up; the host, if none.
    viewer: Option<Arc<Entry>>,
    service: PhantomData<fn() -> Arc<S>>,
}

impl<S: ?Sized + Send + Sync + 'static> ServiceHandle<S> {
    pub(super) fn new(registry: Weak<Registry>, viewer: Option<Arc<Entry>>) -> Self {
        Self { registry, viewer, service: PhantomData }
    }

    /// Returns the first service, as [`Manager::service`](crate::Manager::service) does.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownService`] if the service was never declared; [`Error::NoService`] if nothing provides it now, or
    /// the manager was dropped.
    pub fn get(&self) -> Result<Arc<S>, Error> {
        let key = Key::of::<S>();
        match self.registry.upgrade() {
            Some(registry) => registry.service(&key, self.viewer.as_deref()),
            None => Err(Error::NoService { service: key.name(), hidden: Vec::new() }),
        }
    }

    /// Returns all services, as [`Manager::services`](crate::Manager::services) does.
    pub fn all(&self) -> Vec<Arc<S>> {
        let registry = self.registry.upgrade();
        registry
            .map(|registry| registry.services(&Key::of::<S>(), false, self.viewer.as_deref()))
            .unwrap_or_default()
    }
}

impl<S: ?Sized> Clone for ServiceHandle<S> {
    fn clone(&self) -> Self {
        Self { registry: self.registry.clone(), viewer: self.viewer.clone(), service: PhantomData }
    }
}

impl<S: ?Sized + 'static> fmt::Debug for ServiceHandle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceHandle({})", ServiceType::of::<S>())
    }
}
