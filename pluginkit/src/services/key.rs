//! [`Key`]: the key of a look-up of services.

use crate::base::name::PluginId;
use crate::plugin::ServiceType;

/// The key of a look-up of services: a type, or a name that was declared at run time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Type(ServiceType),
    Named(PluginId),
}

impl Key {
    pub(crate) fn of<S: ?Sized + 'static>() -> Self {
        Self::Type(ServiceType::of::<S>())
    }

    /// Returns the type, if it is one.
    pub(super) fn service(&self) -> Option<ServiceType> {
        match self {
            Self::Type(service) => Some(*service),
            Self::Named(_) => None,
        }
    }

    /// Returns the name with all modules.
    pub(super) fn full_name(&self) -> &str {
        match self {
            Self::Type(service) => service.full_name(),
            Self::Named(name) => name,
        }
    }

    /// Returns its name in messages.
    pub(crate) fn name(&self) -> PluginId {
        match self {
            Self::Type(service) => service.to_string().into(),
            Self::Named(name) => name.clone(),
        }
    }
}
