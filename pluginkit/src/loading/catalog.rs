//! [`Catalog`]: all factories a manager knows.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::loading::PluginFactory;
use crate::plugin::PluginStub;
use crate::registry::Registry;

/// What is linked into the program, by id, then by path.
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
    /// Where those with each id are.
    by_id: HashMap<PluginId, Vec<usize>>,
    /// Where those with each path are.
    #[cfg(feature = "config")]
    by_path: HashMap<String, Vec<usize>>,
}

impl<'r> Catalog<'r> {
    /// What is linked, and what was told to the manager, which comes before what is linked under its id.
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

    /// Those that the manager may take.
    fn own(&self) -> impl Iterator<Item = &PluginFactory> {
        self.factories.iter().filter(|factory| factory.is_of(self.project))
    }

    /// Those that are the manager's to make.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &PluginFactory> {
        self.own().filter(|factory| !factory.is_left_to_hosts())
    }

    /// Those with an id, of any project.
    pub(crate) fn with_id(&self, id: &str) -> impl Iterator<Item = &PluginFactory> {
        self.by_id.get(id).into_iter().flatten().map(|&place| &self.factories[place])
    }

    /// Those with an id that the manager may take.
    pub(crate) fn own_with_id(&self, id: &str) -> impl Iterator<Item = &PluginFactory> {
        self.with_id(id).filter(|factory| factory.is_of(self.project))
    }

    /// The error that another factory of the project has the id of this one, too.
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

    /// Those that a reference, an id or a path, may mean.
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

    /// The first of another project that has a reference as its id or path.
    #[cfg(feature = "config")]
    pub(crate) fn foreign(&self, reference: &str) -> Option<&PluginFactory> {
        let places = [self.by_id.get(reference), self.by_path.get(reference)];
        let places = places.into_iter().flatten().flatten();
        let foreign = places.filter(|&&place| !self.factories[place].is_of(self.project));
        foreign.min().map(|&place| &self.factories[place])
    }
}
