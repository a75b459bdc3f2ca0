//! [`Offer`]: what a plugin brings beside its extensions.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::plugin::extension_stub::PluginType;
use crate::plugin::{AnyPlugin, ServiceType};
use crate::registry::{Entry, State};

/// Something of a feature that a plugin brings when it is registered, such as a service.
///
/// `check` and `accept` run under the registry's lock and must not run code of plugins, such as a destructor.
pub trait Offer: Send + Sync {
    /// Returns the type by which plugins may require it, if there is one. Called under no lock.
    fn service(&self) -> Option<ServiceType>;

    /// Refuses what the manager of `project` cannot take. Nothing changes.
    fn check(&self, state: &mut State, project: &str) -> Result<(), Error>;

    /// Takes it in, after it was checked, as part of the registration of `plugin`.
    fn accept(self: Box<Self>, state: &mut State, plugin: &Arc<Entry>);
}

/// An offer of all plugins of one type, found at run time.
pub struct OfferStub {
    pub(crate) plugin: PluginType,
    #[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "for loads"))]
    pub(crate) service: fn() -> ServiceType,
    pub(crate) offer: fn(&AnyPlugin, i32) -> Box<dyn Offer>,
    pub(crate) priority: i32,
    /// The source position of the declaration, by which the offers of a type are ordered.
    pub(crate) position: (&'static str, u32, u32),
}

inventory::collect!(OfferStub);

impl OfferStub {
    /// Returns the stub of what plugins of the type `T` bring: `offer` makes it of a plugin and `priority`. `position` is the
    /// source position of the declaration.
    pub const fn new<T: Send + Sync + 'static>(
        service: fn() -> ServiceType,
        offer: fn(&AnyPlugin, i32) -> Box<dyn Offer>,
        priority: i32,
        position: (&'static str, u32, u32),
    ) -> Self {
        Self { plugin: PluginType::of::<T>(), service, offer, priority, position }
    }
}

impl fmt::Debug for OfferStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, column) = self.position;
        write!(f, "OfferStub({file}:{line}:{column})")
    }
}
