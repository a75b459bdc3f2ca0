//! [`Key`]: the key of a look-up of services.

use std::any::{TypeId, type_name};
use std::hash::{Hash, Hasher};

use crate::base::name::{PluginId, short_type_name};

/// The key of a look-up of services: a trait, or a name that was declared at run time.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    Type(TypeId, &'static str),
    Named(PluginId),
}

impl Key {
    pub(crate) fn of<S: ?Sized + 'static>() -> Self {
        Self::Type(TypeId::of::<S>(), type_name::<S>())
    }

    /// Returns the full path, if it is a trait.
    pub(super) fn full_name(&self) -> &str {
        match self {
            Self::Type(_, name) => name,
            Self::Named(name) => name,
        }
    }

    /// Returns its name in messages.
    pub(crate) fn name(&self) -> PluginId {
        match self {
            Self::Type(_, name) => short_type_name(name).into(),
            Self::Named(name) => name.clone(),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Type(left, _), Self::Type(right, _)) => left == right,
            (Self::Named(left), Self::Named(right)) => left == right,
            _ => false,
        }
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Type(id, _) => id.hash(state),
            Self::Named(name) => name.hash(state),
        }
    }
}
