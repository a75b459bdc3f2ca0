//! [`Catalog`]: all factories a manager knows.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::loading::PluginFactory;
use crate::plugin::PluginStub;
use crate::registry::Registry;

/// Returns the factories that are linked into the program, by id, then by path.
fn linked() -> &'static [PluginFactory] {
    static LINKED: OnceLock<Vec<PluginFactory>> = OnceLock::new();
    LINKED.get_or_init(|| {
        let mut linked: Vec<_> =
            inventory::iter::<PluginStub>.into_iter().map(PluginFactory::linked).collect();
        // The linker has an order of its own.
        linked.sort_by(|one, two| (one.id(), one.path()).cmp(&(two.id(), two.path())));
        linked
    })
}

/// The factories a manager knows, by id.
pub(crate) struct Catalog<'r> {
    project: &'r str,
    factories: Vec<PluginFactory>,
    /// The indices of the factories with each id.
    by_id: HashMap<PluginId, Vec<usize>>,
    /// The indices of the factories with each path.
    #[cfg(feature = "config")]
    by_path: HashMap<String, Vec<usize>>,
}

impl<'r> Catalog<'r> {
    /// Returns the linked factories and the added ones. An added factory replaces a linked one of its id.
    pub(crate) fn of(registry: &'r Registry) -> Self {
        let mut factories = registry.loads().factories();
        let given: HashSet<_> = factories.iter().map(|given| given.id().clone()).collect();
        factories.extend(linked().iter().filter(|linked| !given.contains(linked.id())).cloned());
        factories.sort_by(|one, two| one.id().cmp(two.id()));
        let mut by_id: HashMap<_, Vec<usize>> = HashMap::new();
        #[cfg(feature = "config")]
        let mut by_path: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, factory) in factories.iter().enumerate() {
            by_id.entry(factory.id().clone()).or_default().push(place);
            #[cfg(feature = "config")]
            if let Some(path) = factory.path() {
                by_path.entry(path.to_owned()).or_default().push(place);
            }
        }
        Self {
            project: registry.project(),
            factories,
            by_id,
            #[cfg(feature = "config")]
            by_path,
        }
    }

    pub(crate) fn all(&self) -> &[PluginFactory] {
        &self.factories
    }

    /// Returns the factories that the manager may use.
    fn own(&self) -> impl Iterator<Item = &PluginFactory> {
        self.factories.iter().filter(|factory| factory.is_of(self.project))
    }

    /// Returns the factories of plugins that the manager makes itself.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &PluginFactory> {
        self.own().filter(|factory| !factory.is_left_to_hosts())
    }

    /// Returns the factories with an id, of any project.
    pub(crate) fn with_id(&self, id: &str) -> impl Iterator<Item = &PluginFactory> {
        self.by_id.get(id).into_iter().flatten().map(|&place| &self.factories[place])
    }

    /// Returns the factories with an id that the manager may use.
    pub(crate) fn own_with_id(&self, id: &str) -> impl Iterator<Item = &PluginFactory> {
        self.with_id(id).filter(|factory| factory.is_of(self.project))
    }

    /// Returns the error that another factory of the project has the same id.
    pub(crate) fn ambiguity(&self, factory: &PluginFactory) -> Option<Error> {
        let mut same = self.own_with_id(factory.id());
        let path = |factory: &PluginFactory| factory.path().unwrap_or_default().into();
        match (same.next(), same.next()) {
            (Some(first), Some(second)) => {
                Some(Error::SameId { plugin: factory.id().clone(), first: path(first), second: path(second) })
            }
            _ => None,
        }
    }

    /// Returns the factories that a reference, an id or a path, may mean.
    #[cfg(feature = "config")]
    pub(crate) fn named(&self, reference: &str) -> impl Iterator<Item = &PluginFactory> {
        let places = if reference.contains("::") {
            self.by_path.get(&reference.replace("r#", ""))
        } else {
            self.by_id.get(reference)
        };
        let those = places.into_iter().flatten().map(|&place| &self.factories[place]);
        those.filter(|factory| factory.is_of(self.project))
    }

    /// Returns the first factory of another project with this id or path.
    #[cfg(feature = "config")]
    pub(crate) fn foreign(&self, reference: &str) -> Option<&PluginFactory> {
        let places = [self.by_id.get(reference), self.by_path.get(reference)];
        let places = places.into_iter().flatten().flatten();
        let foreign = places.filter(|&&place| !self.factories[place].is_of(self.project));
        foreign.min().map(|&place| &self.factories[place])
    }
}
