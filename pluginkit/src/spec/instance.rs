//! [`Instance`]: one instantiation of generic specs.

use std::any::{TypeId, type_name};
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::base::name::short_type_name;

/// One instantiation of generic specs, like `Plugin<Wry>`. Its points are others than those of `Plugin<Gtk>`.
#[derive(Clone, Copy)]
pub(crate) struct Instance {
    id: fn() -> TypeId,
    name: fn() -> &'static str,
}

impl Instance {
    /// Returns the instantiation that the type `S` is.
    pub(crate) const fn of<S: 'static>() -> Self {
        Self { id: TypeId::of::<S>, name: type_name::<S> }
    }

    /// Returns the type without its modules, like `Plugin<Wry>`.
    pub(crate) fn name(self) -> String {
        short_type_name((self.name)())
    }

    /// Returns the type with its modules.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(crate) fn path(self) -> &'static str {
        (self.name)()
    }
}

impl PartialEq for Instance {
    fn eq(&self, other: &Self) -> bool {
        (self.id)() == (other.id)()
    }
}

impl Eq for Instance {}

impl Hash for Instance {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.id)().hash(state);
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}
