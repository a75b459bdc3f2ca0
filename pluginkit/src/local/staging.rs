//! A plugin with everything that its type declares, ready to be registered.

use std::any::{Any, TypeId};
use std::sync::Arc;

use crate::base::drops::{Foreign, drop_each};
use crate::base::name::{PluginId, name_by_type, short_type_name};
use crate::error::Error;
use crate::local::implementation::LocalContribution;
use crate::local::plugin::LocalPlugin;
use crate::local::stub;
use crate::plugin::PluginMetadata;
use crate::registry::{Staged, lay_options, stubs};
use crate::spec::options::Options;
use crate::spec::point::Key;

/// A function that tells a plugin the name of its registration.
type SetId<'p> = Box<dyn FnOnce(&PluginId) + 'p>;

/// A plugin that is to be registered.
pub(super) struct LocalStaged<'p> {
    pub(super) id: PluginId,
    pub(super) type_name: &'static str,
    pub(super) aliases: Vec<PluginId>,
    /// The address of the plugin, which its contributions keep alive; `None` for a closure.
    pub(super) address: Option<usize>,
    pub(super) contributions: Vec<LocalContribution<'p>>,
    pub(super) set_id: Option<SetId<'p>>,
}

impl<'p> LocalStaged<'p> {
    /// Returns the plugin of a builder.
    pub(super) fn of_builder<T: 'p>(
        name: Option<PluginId>,
        plugin: &LocalPlugin<T>,
        contributions: Vec<LocalContribution<'p>>,
    ) -> Self {
        let type_name = std::any::type_name::<T>();
        // The names of types have their lifetimes, all as `'_`.
        let named = || name_by_type::<T>().replace("<'_>", "").replace("'_, ", "").into();
        let id = name.unwrap_or_else(named);
        let plugin = Foreign::new(plugin.clone(), None);
        let address = Some(plugin.address());
        let set_id: SetId<'p> = Box::new(move |id| plugin.set_id(id));
        Self { id, type_name, aliases: Vec::new(), address, contributions, set_id: Some(set_id) }
    }

    /// Lays overrides over the options of the extensions.
    pub(super) fn override_options(&mut self, overrides: Vec<(Key, Options)>) -> Result<(), Error> {
        let own = self.contributions.iter_mut().map(|each| (each.point, each.info, &mut each.options));
        lay_options(&self.id, overrides, own.collect())
    }

    /// Returns a closure as a plugin.
    pub(super) fn of_closure(id: PluginId, contribution: LocalContribution<'p>) -> Self {
        let contributions = vec![contribution];
        Self { id, type_name: "a closure", aliases: Vec::new(), address: None, contributions, set_id: None }
    }

    /// Returns a plugin with what its `#[extension]` blocks declare.
    pub(super) fn of_value<T: 'static>(
        name: Option<PluginId>,
        plugin: Foreign<T>,
        project: &str,
    ) -> Result<Self, Error> {
        let type_name = std::any::type_name::<T>();
        let type_id = TypeId::of::<T>();
        let local = stub::of(type_id);
        let found = local.first().copied();
        if let Some(first) = found {
            let id = (first.plugin)();
            let metadata = stubs::metadata_of(id);
            let declared = metadata.as_ref().map(|metadata| metadata.id.clone());
            let name = name.or(declared).unwrap_or_else(|| first.name.into());
            let aliases = if stubs::has_blocks(id) {
                let reason = "has `#[extension]` blocks with `local` and others without, which must be alike";
                Err(Error::NotLocal { plugin: name.clone(), reason })
            } else if let Some(block) = stubs::generic_block_of(id) {
                Err(Error::GenericBlock { plugin: name.clone(), block: block.does().into() })
            } else {
                aliases(&name, metadata, project)
            };
            let aliases = match aliases {
                Ok(aliases) => aliases,
                Err(error) => {
                    // While the error is in a variable.
                    drop(plugin);
                    return Err(error);
                }
            };
            let plugin = Foreign::new((first.wrap)(Box::new(plugin.into_inner())), None);
            let mut contributions = Vec::new();
            for stub in local {
                (stub.extend)(&**plugin, &mut contributions);
            }
            let address = Some((first.address)(&**plugin));
            let set_id: SetId<'p> = Box::new(move |id| (first.set_id)(&**plugin, id));
            return Ok(Self { id: name, type_name, aliases, address, contributions, set_id: Some(set_id) });
        }
        match stubs::share(type_id, Box::new(plugin.into_inner())) {
            Ok((id, instance)) => {
                let instance = Foreign::new(instance, None);
                let contributions = stubs::of_value(id, &instance);
                let (metadata, offers) = (stubs::metadata_of(id), stubs::offers_of(id, &instance));
                let declared = metadata.as_ref().map(|metadata| metadata.id.clone());
                let name = name.or(declared).unwrap_or_else(|| stubs::name_of(id).into());
                let instance = instance.into_inner();
                let mut staged = Staged::new(name, type_name, instance, contributions, metadata, offers);
                staged.generic_block = stubs::generic_block_of(id);
                Self::of_staged(staged, project)
            }
            Err(plugin) => {
                let plugin = Foreign::new(plugin, None);
                let metadata = stubs::metadata_of(type_id);
                let declared = metadata.map(|metadata| metadata.id);
                let id = name.or(declared).unwrap_or_else(|| short_type_name(type_name).into());
                let error = match stubs::generic_block_of(type_id) {
                    Some(block) => Error::GenericBlock { plugin: id, block: block.does().into() },
                    None => Error::NoExtensions { plugin: id, type_name: short_type_name(type_name) },
                };
                drop(plugin);
                Err(error)
            }
        }
    }

    /// Returns a plugin that other managers can register, too.
    pub(super) fn of_staged(mut staged: Staged, project: &str) -> Result<Self, Error> {
        staged.check_blocks()?;
        staged.override_options()?;
        let Staged { id, type_name, instance, contributions, metadata, offers, .. } = staged;
        let address = Some(Arc::as_ptr(&instance).addr());
        let contributions = contributions.into_iter().map(LocalContribution::of_managers).collect();
        let aliases = match aliases(&id, metadata, project) {
            _ if !offers.is_empty() => {
                let reason = "provides a service, and a local manager has no services";
                Err(Error::NotLocal { plugin: id.clone(), reason })
            }
            aliases => aliases,
        };
        drop_each(offers);
        match aliases {
            Ok(aliases) => {
                drop(instance);
                Ok(Self { id, type_name, aliases, address, contributions, set_id: None })
            }
            Err(error) => {
                let contributions: Vec<LocalContribution<'_>> = contributions;
                drop_each(contributions);
                drop(instance);
                Err(error)
            }
        }
    }
}

/// Returns the aliases of a plugin that is registered as `id`, or an error if its metadata ask for what a local manager does
/// not have.
fn aliases(id: &PluginId, metadata: Option<PluginMetadata>, project: &str) -> Result<Vec<PluginId>, Error> {
    let Some(metadata) = metadata else { return Ok(Vec::new()) };
    if !metadata.requires.is_empty() {
        let reason = "requires other plugins, and a local manager starts no plugins";
        return Err(Error::NotLocal { plugin: id.clone(), reason });
    }
    if !metadata.requires_services.is_empty() {
        let reason = "requires a service, and a local manager has no services";
        return Err(Error::NotLocal { plugin: id.clone(), reason });
    }
    match metadata.project {
        Some(found) if found != project => Err(Error::PluginOfAnotherProject {
            plugin: id.clone(),
            found: found.into(),
            expected: project.into(),
        }),
        _ if metadata.id == *id => Ok(metadata.aliases),
        _ => Ok(Vec::new()),
    }
}

/// A plugin of a type that was found by its id: a [`LocalPlugin`].
pub(super) type AnyLocalPlugin = Box<dyn Any>;
