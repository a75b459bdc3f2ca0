//! [`PluginStub`]: what `#[plugin]` leaves for a manager to find.

use std::any::Any;
use std::fmt;

use crate::plugin::extension_stub::PluginType;
use crate::plugin::{Plugin, PluginMetadata};

/// One type under `#[plugin]`, found at run time.
pub struct PluginStub {
    /// The type of the plugin.
    pub plugin: PluginType,
    /// Returns the metadata that the type declares.
    pub metadata: fn() -> PluginMetadata,
    /// Its name and the module it is in, as `crate::module` and `Type`.
    pub name: &'static str,
    /// The path of the module.
    pub module: &'static str,
    /// The value that tells a feature how to make a plugin of the type, if there is one.
    pub construct: Option<&'static (dyn Any + Send + Sync)>,
    position: (&'static str, u32, u32),
}

inventory::collect!(PluginStub);

impl PluginStub {
    /// Returns the stub of `T`, called `name` in `module`.
    pub const fn new<T: Plugin + Send + Sync + 'static>(
        name: &'static str,
        module: &'static str,
        position: (&'static str, u32, u32),
    ) -> Self {
        Self { plugin: PluginType::of::<T>(), metadata: T::metadata, name, module, construct: None, position }
    }

    /// Returns the same with `construct`, which tells how to make a plugin of the type.
    #[must_use]
    pub const fn constructed(self, construct: &'static (dyn Any + Send + Sync)) -> Self {
        Self { construct: Some(construct), ..self }
    }
}

impl fmt::Debug for PluginStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, column) = self.position;
        write!(f, "PluginStub({}::{} at {file}:{line}:{column})", self.module, self.name)
    }
}

/// One generic type under `#[plugin]`. Managers cannot make or find its plugins, and say so.
#[derive(Debug)]
pub struct GenericPluginStub {
    id: &'static str,
    name: &'static str,
    module: &'static str,
}

inventory::collect!(GenericPluginStub);

impl GenericPluginStub {
    /// Returns the stub of the generic type `name` in `module`.
    pub const fn new(id: &'static str, name: &'static str, module: &'static str) -> Self {
        Self { id, name, module }
    }

    /// Returns whether `reference` is the id or the path of a linked generic type.
    pub fn is_meant_by(reference: &str) -> bool {
        let is_path = |stub: &Self| {
            reference.strip_suffix(stub.name).and_then(|path| path.strip_suffix("::")) == Some(stub.module)
        };
        inventory::iter::<Self>.into_iter().any(|stub| stub.id == reference || is_path(stub))
    }
}
