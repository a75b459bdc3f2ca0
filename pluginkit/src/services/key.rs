//! [`Key`]: what services are looked up by.

use std::any::{TypeId, type_name};
use std::hash::{Hash, Hasher};

use crate::base::name::{PluginId, short_type_name};

/// What services are looked up by: their trait or, where it was declared at run time, a name of its own.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    Type(TypeId, &'static str),
    Named(PluginId),
}

impl Key {
    pub(crate) fn of<S: ?Sized + 'static>() -> Self {
        Self::Type(TypeId::of::<S>(), type_name::<S>())
    }

    /// With the modules it is in, if it is a trait.
    pub(super) fn full_name(&self) -> &str {
        match self {
            Self::Type(_, name) => name,
            Self::Named(name) => name,
        }
    }

    /// What it is called in messages.
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
