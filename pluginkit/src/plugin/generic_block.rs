//! [`GenericBlock`]: the stub of a block that extends generic specs, or provides a generic service, for all of their types.
#![forbid(unsafe_code)]

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

/// A block like `impl<T> Specs<T> for Plugin`. No manager can tell which `T` a plugin is registered for.
pub struct GenericBlock {
    pub(crate) plugin: fn() -> TypeId,
    pub(crate) shared_plugin: fn() -> TypeId,
    /// The specs or the service, as the block names it.
    pub(crate) name: &'static str,
    /// Whether the block provides a service.
    pub is_service: bool,
    pub(crate) position: (&'static str, u32, u32),
}

inventory::collect!(GenericBlock);

impl GenericBlock {
    /// Returns the stub of a block of `T`.
    pub const fn new<T: 'static>(
        name: &'static str,
        is_service: bool,
        position: (&'static str, u32, u32),
    ) -> Self {
        Self { plugin: TypeId::of::<T>, shared_plugin: TypeId::of::<Arc<T>>, name, is_service, position }
    }

    /// Returns what the block does, as messages have it: "extends `Specs<T>`".
    pub(crate) fn does(&self) -> String {
        let does = if self.is_service { "provides" } else { "extends" };
        format!("{does} `{}`", self.name)
    }
}

impl fmt::Debug for GenericBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, column) = self.position;
        write!(f, "GenericBlock({} at {file}:{line}:{column})", self.name)
    }
}
