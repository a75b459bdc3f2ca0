//! Managers: they own plugins and hand out callers. State is in `registry`, semantics in `dispatch`.

#[cfg(feature = "async")]
mod asynchronous;
mod shared;
mod sync;

#[cfg(feature = "async")]
pub use asynchronous::AsyncPluginManager;
pub use sync::PluginManager;

use crate::name::{PluginId, short_type_name};
use crate::registry::Staged;
use crate::stub;

/// What a manager holds for a plugin that is a closure.
struct FnPlugin;

/// A plugin with what its type's stubs make of it, under `name` or the name of its type.
fn staged<T: Send + Sync + 'static>(name: Option<PluginId>, plugin: T) -> Staged {
    let found = stub::find(plugin);
    let type_name = std::any::type_name::<T>();
    let id = name.unwrap_or_else(|| found.name.map_or_else(|| short_type_name(type_name).into(), Into::into));
    Staged { id, type_name, instance: found.instance, contributions: found.contributions }
}
