//! [`Loads`]: the loaded plugins of a manager.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use crate::base::name::PluginId;
use crate::base::sync::{AtomicBool, Mutex, MutexGuard};
use crate::error::Error;
use crate::loading::PluginFactory;
use crate::registry::{Registry, RegistryPart};
#[cfg(feature = "config")]
use crate::{config::PluginRef, config::Section, config::limits::PluginLimits};
#[cfg(feature = "config")]
use indexmap::IndexMap;

/// The loaded plugins of a manager, and its factories.
#[derive(Default)]
pub(crate) struct Loads {
    /// Whether a load is under way. No lock is held meanwhile, as factories run then.
    busy: AtomicBool,
    /// Whether each load makes the plugins that others require, too.
    #[cfg(feature = "config")]
    completes: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    factories: Vec<PluginFactory>,
    /// The index of the factory of each id.
    places: HashMap<PluginId, usize>,
    #[cfg(feature = "config")]
    loaded: IndexMap<PluginId, Loaded>,
    #[cfg(feature = "config")]
    groups: IndexMap<String, Group>,
    /// The limits that the last configuration had.
    #[cfg(feature = "config")]
    limits: HashMap<PluginId, PluginLimits>,
}

/// A plugin that was made from a configuration.
#[cfg(feature = "config")]
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) id: PluginId,
    /// The number of its registration, by which it is told from one that has its name later.
    pub(crate) number: u64,
    pub(crate) section: Section,
    /// Whether no group names it.
    pub(crate) discovered: bool,
}

/// A group and its plugins, in order.
#[cfg(feature = "config")]
#[derive(Clone)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) members: Vec<(PluginRef, PluginId)>,
}

#[cfg(feature = "config")]
impl Group {
    /// Returns its name and the names of its plugins.
    pub(crate) fn plugins(&self) -> (String, Vec<PluginId>) {
        (self.name.clone(), self.members.iter().map(|(_, id)| id.clone()).collect())
    }
}

/// The right to load, until it is dropped.
pub(crate) struct LoadGuard(Arc<Registry>);

impl Drop for LoadGuard {
    fn drop(&mut self) {
        self.0.loads().busy.store(false, Ordering::Release);
    }
}

impl RegistryPart for Loads {}

impl Registry {
    pub(crate) fn loads(&self) -> &Loads {
        self.part()
    }

    /// Returns the right to load, unless another load has it.
    pub(crate) fn begin_load(self: &Arc<Self>) -> Result<Arc<LoadGuard>, Error> {
        if self.loads().busy.swap(true, Ordering::AcqRel) {
            return Err(Error::LoadBusy);
        }
        Ok(Arc::new(LoadGuard(Arc::clone(self))))
    }
}

impl Loads {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn factories(&self) -> Vec<PluginFactory> {
        self.lock().factories.clone()
    }

    /// Adds a factory, and returns the one of the same id that it replaces.
    pub(crate) fn add_factory(&self, factory: PluginFactory) -> Option<PluginFactory> {
        let mut state = self.lock();
        match state.places.get(factory.id()).copied() {
            Some(place) => Some(std::mem::replace(&mut state.factories[place], factory)),
            None => {
                let place = state.factories.len();
                state.places.insert(factory.id().clone(), place);
                state.factories.push(factory);
                None
            }
        }
    }
}

#[cfg(feature = "config")]
impl Loads {
    /// Lets each load from now on make the plugins that others require, too.
    pub(crate) fn complete(&self) {
        self.completes.store(true, Ordering::Release);
    }

    pub(crate) fn completes(&self) -> bool {
        self.completes.load(Ordering::Acquire)
    }

    /// Returns the loaded plugin with this number.
    pub(crate) fn loaded_as(&self, id: &PluginId, number: u64) -> Option<Loaded> {
        self.lock().loaded.get(id).filter(|loaded| loaded.number == number).cloned()
    }

    /// Returns whether the plugin is among the loaded ones.
    pub(crate) fn is_loaded(&self, id: &PluginId) -> bool {
        self.lock().loaded.contains_key(id)
    }

    /// Notes the new numbers of loaded plugins that were made anew.
    pub(crate) fn renumber(&self, arrived: &[(PluginId, u64)]) {
        let mut state = self.lock();
        for (id, number) in arrived {
            if let Some(loaded) = state.loaded.get_mut(id) {
                loaded.number = *number;
            }
        }
    }

    pub(crate) fn loaded(&self) -> Vec<Loaded> {
        self.lock().loaded.values().cloned().collect()
    }

    pub(crate) fn set_loaded(&self, loaded: Vec<Loaded>) {
        let loaded = loaded.into_iter().map(|loaded| (loaded.id.clone(), loaded)).collect();
        let old = std::mem::replace(&mut self.lock().loaded, loaded);
        drop(old);
    }

    /// Notes loaded plugins, each in place of the one with its id.
    pub(crate) fn note(&self, arrived: impl IntoIterator<Item = Loaded>) {
        let mut old = Vec::new();
        let mut state = self.lock();
        for new in arrived {
            old.extend(state.loaded.insert(new.id.clone(), new));
        }
        drop(state);
        drop(old);
    }

    /// Notes loaded plugins that a load keeps. One that was made anew keeps its new number.
    pub(crate) fn note_kept(&self, kept: impl IntoIterator<Item = Loaded>) {
        let mut old = Vec::new();
        let mut state = self.lock();
        for mut kept in kept {
            if let Some(now) = state.loaded.get(&kept.id) {
                kept.number = now.number;
            }
            old.extend(state.loaded.insert(kept.id.clone(), kept));
        }
        drop(state);
        drop(old);
    }

    pub(crate) fn set_groups(&self, groups: Vec<Group>) {
        let groups = groups.into_iter().map(|group| (group.name.clone(), group)).collect();
        let old = std::mem::replace(&mut self.lock().groups, groups);
        drop(old);
    }

    /// Notes the limits of a configuration.
    pub(crate) fn set_limits(&self, limits: HashMap<PluginId, PluginLimits>) {
        self.lock().limits = limits;
    }

    pub(crate) fn limits(&self) -> HashMap<PluginId, PluginLimits> {
        self.lock().limits.clone()
    }

    pub(crate) fn groups(&self) -> Vec<Group> {
        self.lock().groups.values().cloned().collect()
    }

    /// Returns the plugins of a group, in order.
    pub(crate) fn group(&self, name: &str) -> Vec<(PluginRef, PluginId)> {
        let state = self.lock();
        let group = state.groups.get(name);
        group.map_or_else(Vec::new, |group| group.members.clone())
    }
}
