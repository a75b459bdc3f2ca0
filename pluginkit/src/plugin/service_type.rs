//! [`ServiceType`]: the type of a service, as a value.

use std::any::{TypeId, type_name};
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::base::name::short_type_name;

/// The type of a service, such as `dyn Store`, as a value. It prints without the modules.
///
/// ```
/// use pluginkit::metadata::ServiceType;
///
/// trait Store {}
///
/// assert_eq!(ServiceType::of::<dyn Store>().to_string(), "dyn Store");
/// ```
#[derive(Clone, Copy)]
pub struct ServiceType {
    id: TypeId,
    name: &'static str,
}

impl ServiceType {
    /// Returns the type `S`.
    pub fn of<S: ?Sized + 'static>() -> Self {
        Self { id: TypeId::of::<S>(), name: type_name::<S>() }
    }

    /// Returns the name with all modules.
    #[doc(hidden)]
    pub fn full_name(&self) -> &'static str {
        self.name
    }
}

impl PartialEq for ServiceType {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for ServiceType {}

impl Hash for ServiceType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ServiceType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Debug for ServiceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for ServiceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&short_type_name(self.name))
    }
}
