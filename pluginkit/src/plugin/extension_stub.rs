//! [`Stub`]: the registration stub of an `#[extension]` block, which `register` finds.
#![forbid(unsafe_code)]

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use crate::plugin::AnyPlugin;
use crate::plugin::bind::{Binder, Extends};
use crate::plugin::implementation::Contribution;

/// One `#[extension] impl` block of a type, found at run time.
pub struct Stub {
    pub(crate) plugin: PluginType,
    /// Makes an `AnyPlugin` of a plugin, or of an `Arc` of one, with a type that was found by its id.
    #[cfg(feature = "local")]
    pub(crate) share: fn(Box<dyn Any>) -> AnyPlugin,
    pub(crate) name: &'static str,
    pub(crate) extend: fn(&AnyPlugin) -> Vec<Contribution>,
    /// The project of the specs.
    #[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "for what a macro writes"))]
    pub(crate) project: Option<&'static str>,
    /// The source position of the block; blocks of a type are ordered by it.
    pub(crate) position: (&'static str, u32, u32),
}

inventory::collect!(Stub);

/// Returns whether no `#[extension]` block is linked into the program.
pub(crate) fn none_is_linked() -> bool {
    inventory::iter::<Stub>.into_iter().next().is_none()
}

impl Stub {
    /// Returns the stub of the block of `T` for the specs `S`.
    pub const fn new<T, S, const BLOCK: u64>(
        name: &'static str,
        file: &'static str,
        line: u32,
        column: u32,
    ) -> Self
    where
        T: Extends<S, BLOCK> + Send + Sync + 'static,
    {
        Self {
            plugin: PluginType::of::<T>(),
            #[cfg(feature = "local")]
            share: share::<T>,
            name,
            extend: extend::<T, S, BLOCK>,
            project: None,
            position: (file, line, column),
        }
    }

    /// Returns the same for specs of a project.
    #[must_use]
    pub const fn of(self, project: Option<&'static str>) -> Self {
        Self { project, ..self }
    }
}

impl fmt::Debug for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, column) = self.position;
        write!(f, "Stub({} at {file}:{line}:{column})", self.name)
    }
}

/// The type of the plugins that a stub is for. A plugin may be registered as an `Arc`, too.
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub struct PluginType {
    id: fn() -> TypeId,
    id_of_arc: fn() -> TypeId,
    unwrap_arc: UnwrapArc,
}

/// Unwraps an `Arc` of a plugin with a type that was found by its id.
pub(crate) type UnwrapArc = fn(&AnyPlugin) -> AnyPlugin;

impl PluginType {
    pub(crate) const fn of<T: Send + Sync + 'static>() -> Self {
        Self { id: TypeId::of::<T>, id_of_arc: TypeId::of::<Arc<T>>, unwrap_arc: unwrap_arc::<T> }
    }

    /// Returns the id of the type.
    pub fn id(&self) -> TypeId {
        (self.id)()
    }

    /// Returns the id of the type, and that of its `Arc` with the function that unwraps it.
    pub(crate) fn ids(&self) -> [(TypeId, Option<UnwrapArc>); 2] {
        [(self.id(), None), ((self.id_of_arc)(), Some(self.unwrap_arc))]
    }
}

fn unwrap_arc<T: Send + Sync + 'static>(plugin: &AnyPlugin) -> AnyPlugin {
    let plugin: &dyn Any = &**plugin;
    match plugin.downcast_ref::<Arc<T>>() {
        Some(plugin) => Arc::clone(plugin) as AnyPlugin,
        None => unreachable!("the stub was found by the type of the plugin"),
    }
}

/// Makes an `AnyPlugin` of a plugin, or of an `Arc` of one, with a type that was found by its id.
#[cfg(feature = "local")]
fn share<T: Send + Sync + 'static>(plugin: Box<dyn Any>) -> AnyPlugin {
    match plugin.downcast::<T>() {
        Ok(plugin) => Arc::new(*plugin),
        Err(plugin) => match plugin.downcast::<Arc<T>>() {
            Ok(plugin) => *plugin,
            Err(_) => unreachable!("the stub was found by the type of the plugin"),
        },
    }
}

/// Returns the contributions of one block of a plugin with a type that was found by its id.
pub fn extend<T, S, const BLOCK: u64>(plugin: &AnyPlugin) -> Vec<Contribution>
where
    T: Extends<S, BLOCK> + Send + Sync + 'static,
{
    match Arc::clone(plugin).downcast() {
        Ok(this) => contributions::<T, S, BLOCK>(this),
        Err(_) => unreachable!("the stub was found by the type of the plugin"),
    }
}

/// Returns the contributions of `T` to the specs `S` by one block.
pub(crate) fn contributions<T, S, const BLOCK: u64>(this: Arc<T>) -> Vec<Contribution>
where
    T: Extends<S, BLOCK> + Send + Sync + 'static,
{
    Binder::contributions_of(this, T::extend)
}
