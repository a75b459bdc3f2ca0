//! An index of the plugins that use each other.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::base::name::PluginId;
use crate::base::topology::reach;
use crate::registry::{Entry, Registry, State};

/// For each name, the numbers of the plugins that require it or use it if it is there.
#[derive(Default)]
pub(super) struct Users {
    by_name: HashMap<PluginId, BTreeSet<u64>>,
    /// The number of changes.
    version: u64,
}

impl Users {
    pub(super) fn add(&mut self, entry: &Entry) {
        self.version += 1;
        for used in entry.used() {
            self.by_name.entry(used.clone()).or_default().insert(entry.number);
        }
    }

    pub(super) fn remove(&mut self, entry: &Entry) {
        self.version += 1;
        for used in entry.used() {
            if let Some(users) = self.by_name.get_mut(used) {
                users.remove(&entry.number);
                if users.is_empty() {
                    self.by_name.remove(used);
                }
            }
        }
    }
}

impl Entry {
    /// Returns the names of the plugins that this one requires, or uses if they are there.
    pub(crate) fn used(&self) -> impl Iterator<Item = &PluginId> {
        self.requires().iter().chain(self.optional_requires()).map(|requirement| &requirement.id)
    }
}

/// The names of some plugins and of everything they require, at one version of the registrations.
#[derive(Default)]
pub(crate) struct NeededPlugins {
    names: HashSet<PluginId>,
    version: Option<u64>,
}

impl NeededPlugins {
    pub(crate) fn contains(&self, name: &PluginId) -> bool {
        self.names.contains(name)
    }
}

impl State {
    #[cfg(feature = "macros")]
    fn users(&self, number: u64) -> impl Iterator<Item = u64> {
        let owner = self.plugins.get(&number).map(|record| &record.owner);
        let names = owner.into_iter().flat_map(|owner| owner.names());
        names.filter_map(|name| self.users.by_name.get(name)).flatten().copied()
    }

    /// Returns plugins in the order of their ranks.
    #[cfg(feature = "macros")]
    fn entries_of(&self, numbers: impl IntoIterator<Item = u64>) -> Vec<Arc<Entry>> {
        let mut records: Vec<_> =
            numbers.into_iter().filter_map(|number| self.plugins.get(&number)).collect();
        records.sort_by_key(|record| record.rank);
        records.into_iter().map(|record| Arc::clone(&record.entry)).collect()
    }
}

impl Registry {
    /// Returns the plugins that require one or use it, in registration order.
    #[cfg(feature = "macros")]
    pub(crate) fn users(&self, name: &PluginId) -> Vec<Arc<Entry>> {
        let state = self.lock();
        match state.names.get(name) {
            Some(&number) => state.entries_of(state.users(number)),
            None => state.entries_of(state.users.by_name.get(name).into_iter().flatten().copied()),
        }
    }

    /// Returns the registered ones of the plugins with these numbers, in registration order.
    #[cfg(feature = "macros")]
    pub(crate) fn entries_of(&self, numbers: &[u64]) -> Vec<Arc<Entry>> {
        self.lock().entries_of(numbers.iter().copied())
    }

    /// Returns the plugins with these numbers and those that use them, directly or through others, in registration order.
    #[cfg(feature = "macros")]
    pub(crate) fn dependents(&self, numbers: &[u64]) -> Vec<Arc<Entry>> {
        let state = self.lock();
        state.entries_of(reach(numbers.iter().copied(), |&number| state.users(number)))
    }

    /// Returns the names of these plugins and of everything they require, directly or through others. Returns `known`
    /// if no plugin has come or gone since.
    pub(crate) fn needed(&self, roots: &HashSet<PluginId>, known: Arc<NeededPlugins>) -> Arc<NeededPlugins> {
        let state = self.lock();
        if known.version == Some(state.users.version) {
            return known;
        }
        let required = |name: &&PluginId| {
            let entry = state.names.get(*name).and_then(|number| state.plugins.get(number));
            let required = entry.into_iter().flat_map(|record| record.entry.requires());
            required.map(|required| match state.names.get(&required.id) {
                Some(number) => &state.plugins[number].owner.id,
                None => &required.id,
            })
        };
        let names = reach(roots, required).into_iter().cloned().collect();
        Arc::new(NeededPlugins { names, version: Some(state.users.version) })
    }

    /// Returns the plugins with these names and all that they use, directly or through others, in registration order.
    #[cfg(feature = "macros")]
    pub(crate) fn needed_by(&self, names: &[PluginId]) -> Vec<Arc<Entry>> {
        let state = self.lock();
        let named = names.iter().filter_map(|name| state.names.get(name).copied());
        let found = reach(named, |number| {
            let entry = state.plugins.get(number).map(|record| &record.entry);
            entry.into_iter().flat_map(|entry| entry.used()).filter_map(|name| state.names.get(name).copied())
        });
        state.entries_of(found)
    }
}
