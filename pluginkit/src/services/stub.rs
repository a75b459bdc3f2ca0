//! The stubs that `#[extension_point(service)]` and `#[extension(service)]` leave for managers.

use std::any::type_name;
use std::fmt;
use std::sync::Arc;

use crate::base::drops::Foreign;
use crate::plugin::{AnyPlugin, ServiceType};
use crate::registry::{Offer, OfferStub};
use crate::services::{Key, Provides, ServicePoint};

/// A trait under `#[extension_point(service)]`, found at run time.
pub struct ServicePointStub {
    pub(crate) service: Declares,
    pub(crate) name: &'static str,
    pub(crate) project: Option<&'static str>,
}

/// The services that a trait declares.
#[derive(Clone, Copy)]
pub(crate) enum Declares {
    /// The objects of a trait.
    One(fn() -> ServiceType),
    /// The objects of each instantiation of a generic trait. The function returns the name of a type in the module `_` beside
    /// the trait.
    Each(fn() -> &'static str),
}

inventory::collect!(ServicePointStub);

impl ServicePointStub {
    /// Returns the stub of the service `S`.
    pub const fn new<S: ServicePoint + ?Sized + Send + Sync + 'static>() -> Self {
        Self { service: Declares::One(ServiceType::of::<S>), name: S::NAME, project: S::PROJECT }
    }

    /// Returns the stub of a generic trait. `Beside` is a type in an anonymous constant beside the trait.
    pub const fn generic<Beside>(name: &'static str, project: Option<&'static str>) -> Self {
        Self { service: Declares::Each(type_name::<Beside>), name, project }
    }
}

impl fmt::Debug for ServicePointStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServicePointStub({})", self.name)
    }
}

impl OfferStub {
    /// Returns the stub of the block by which `T` provides the service `S`.
    pub const fn service<T, S>(priority: i32, position: (&'static str, u32, u32)) -> Self
    where
        T: Provides<S> + Send + Sync + 'static,
        S: ?Sized + Send + Sync + 'static,
    {
        Self::new::<T>(ServiceType::of::<S>, offer::<T, S>, priority, position)
    }
}

/// A service that is to be provided.
pub(crate) struct StagedService {
    pub(crate) key: Key,
    /// The type it is provided as.
    pub(crate) service: ServiceType,
    pub(crate) priority: i32,
    /// An `Arc<S>`, in an `Arc`.
    pub(crate) object: Foreign<AnyPlugin>,
}

impl StagedService {
    pub(crate) fn new<S: ?Sized + Send + Sync + 'static>(key: Key, priority: i32, object: Arc<S>) -> Self {
        Self { key, service: ServiceType::of::<S>(), priority, object: Foreign::new(Arc::new(object), None) }
    }
}

/// Returns the service `S` of a plugin whose type was found by its id.
fn offer<T, S>(plugin: &AnyPlugin, priority: i32) -> Box<dyn Offer>
where
    T: Provides<S> + Send + Sync + 'static,
    S: ?Sized + Send + Sync + 'static,
{
    match Arc::clone(plugin).downcast::<T>() {
        Ok(plugin) => Box::new(StagedService::new(Key::of::<S>(), priority, plugin.provide())),
        Err(_) => unreachable!("the stub was found by the type of the plugin"),
    }
}
