//! [`LocalStub`]: the registration stub of an `#[extension(local)]` block, which `register` finds.

use std::any::{Any, TypeId};
use std::fmt;

use crate::base::name::PluginId;
use crate::local::bind::{LocalBinder, LocalExtends};
use crate::local::implementation::LocalContribution;
use crate::local::plugin::LocalPlugin;
use crate::local::staging::AnyLocalPlugin;

/// One `#[extension(local)] impl` block of a type that borrows nothing, found at run time.
pub struct LocalStub {
    pub(super) plugin: fn() -> TypeId,
    shared_plugin: fn() -> TypeId,
    /// Makes a `LocalPlugin<T>` of a `T`, or of a `LocalPlugin<T>`.
    pub(super) wrap: fn(Box<dyn Any>) -> AnyLocalPlugin,
    pub(super) set_id: fn(&dyn Any, &PluginId),
    pub(super) address: fn(&dyn Any) -> usize,
    pub(super) extend: for<'p> fn(&dyn Any, &mut Vec<LocalContribution<'p>>),
    pub(super) name: &'static str,
    /// The source position of the block; blocks of a type are ordered by it.
    position: (&'static str, u32, u32),
}

inventory::collect!(LocalStub);

impl LocalStub {
    /// Returns the stub of the block of `T` for the specs `S`.
    pub const fn new<T, S, const BLOCK: u64>(
        name: &'static str,
        file: &'static str,
        line: u32,
        column: u32,
    ) -> Self
    where
        T: for<'p> LocalExtends<'p, S, BLOCK> + 'static,
    {
        Self {
            plugin: TypeId::of::<T>,
            shared_plugin: TypeId::of::<LocalPlugin<T>>,
            wrap: wrap::<T>,
            set_id: set_id::<T>,
            address: |plugin| plugin_of::<T>(plugin).address(),
            extend: extend::<T, S, BLOCK>,
            name,
            position: (file, line, column),
        }
    }
}

impl fmt::Debug for LocalStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, column) = self.position;
        write!(f, "LocalStub({} at {file}:{line}:{column})", self.name)
    }
}

/// Returns the stubs of the type with this id, which is that of a plugin or of a [`LocalPlugin`].
pub(super) fn of(id: TypeId) -> Vec<&'static LocalStub> {
    let all = inventory::iter::<LocalStub>.into_iter();
    let mut own: Vec<_> = all.filter(|stub| (stub.plugin)() == id || (stub.shared_plugin)() == id).collect();
    own.sort_by_key(|stub| stub.position);
    own
}

fn wrap<T: 'static>(plugin: Box<dyn Any>) -> AnyLocalPlugin {
    match plugin.downcast::<T>() {
        Ok(plugin) => Box::new(LocalPlugin::new(*plugin)),
        Err(shared) => shared,
    }
}

fn plugin_of<T: 'static>(plugin: &dyn Any) -> &LocalPlugin<T> {
    match plugin.downcast_ref() {
        Some(plugin) => plugin,
        None => unreachable!("the stub was found by the type of the plugin"),
    }
}

fn set_id<T: 'static>(plugin: &dyn Any, id: &PluginId) {
    plugin_of::<T>(plugin).set_id(id);
}

fn extend<'p, T, S, const BLOCK: u64>(plugin: &dyn Any, to: &mut Vec<LocalContribution<'p>>)
where
    T: for<'q> LocalExtends<'q, S, BLOCK> + 'static,
{
    to.extend(contributions::<T, S, BLOCK>(plugin_of::<T>(plugin).clone()));
}

/// Returns the contributions of `T` to the specs `S` by one block.
pub(super) fn contributions<'p, T, S, const BLOCK: u64>(plugin: LocalPlugin<T>) -> Vec<LocalContribution<'p>>
where
    T: LocalExtends<'p, S, BLOCK>,
{
    let mut binder = LocalBinder::new(plugin);
    T::extend_local(&mut binder);
    binder.into_contributions()
}
