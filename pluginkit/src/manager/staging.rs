//! A plugin value with everything its type declares, ready to be registered.

use std::any::TypeId;
use std::sync::Arc;

use crate::base::drops::Foreign;
use crate::base::name::{PluginId, short_type_name};
use crate::erased::Object;
use crate::plugin::AnyPlugin;
use crate::plugin::bind::BindFn;
use crate::plugin::implementation::{Contribution, Role};
use crate::registry::{Staged, stubs};
use crate::spec::options::Options;

/// The plugin value of a closure.
struct FnPlugin;

/// Returns a closure as a plugin with one extension.
pub fn staged_fn<P, F>(id: PluginId, options: Options, call: F) -> Staged
where
    P: BindFn<F>,
{
    let contribution = Contribution::new::<P>(Role::Extension, options, Object::new(P::bind_fn(call)));
    Staged::new(id, "a closure", Arc::new(FnPlugin), vec![contribution], None, Vec::new())
}

/// Returns a plugin with everything its type declares, under `name`, its declared id or the name of its type.
pub fn staged<T: Send + Sync + 'static>(name: Option<PluginId>, plugin: T) -> Staged {
    let plugin = Foreign::new(Arc::new(plugin) as AnyPlugin, None);
    stage(name, TypeId::of::<T>(), std::any::type_name::<T>(), plugin)
}

fn stage(name: Option<PluginId>, id: TypeId, type_name: &'static str, plugin: Foreign<AnyPlugin>) -> Staged {
    let generic_block = stubs::generic_block_of(id);
    let found = stubs::find(id, plugin);
    let declared = || found.metadata.as_ref().map(|metadata| metadata.id.clone());
    let id = name
        .or_else(declared)
        .unwrap_or_else(|| found.name.map_or_else(|| short_type_name(type_name).into(), Into::into));
    let stubs::Found { metadata, instance, contributions, offers, .. } = found;
    let mut staged = Staged::new(id, type_name, instance.into_inner(), contributions, metadata, offers);
    staged.generic_block = generic_block;
    staged
}
