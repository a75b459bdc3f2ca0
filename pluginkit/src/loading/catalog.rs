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
    /// The indices of the factories with each path or alias.
    by_other_name: HashMap<String, Vec<usize>>,
}

impl<'r> Catalog<'r> {
    /// Returns the linked factories and the added ones. An added factory replaces a linked one of its id.
    pub(crate) fn of(registry: &'r Registry) -> Self {
        let mut factories = registry.loads().factories();
        let given: HashSet<_> = factories.iter().map(|given| given.id().clone()).collect();
        factories.extend(linked().iter().filter(|linked| !given.contains(linked.id())).cloned());
        factories.sort_by(|one, two| one.id().cmp(two.id()));
        let mut by_id: HashMap<_, Vec<usize>> = HashMap::new();
        let mut by_other_name: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, factory) in factories.iter().enumerate() {
            by_id.entry(factory.id().clone()).or_default().push(place);
            let aliases = factory.metadata().aliases.iter().map(PluginId::as_str);
            let others: HashSet<&str> = factory.path().into_iter().chain(aliases).collect();
            for name in others.into_iter().filter(|name| *name != factory.id().as_str()) {
                by_other_name.entry(name.to_owned()).or_default().push(place);
            }
        }
        Self { project: registry.project(), factories, by_id, by_other_name }
    }

    pub(crate) fn all(&self) -> &[PluginFactory] {
        &self.factories
    }

    /// Returns the factories that the manager may use.
    pub(crate) fn own(&self) -> impl Iterator<Item = &PluginFactory> {
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

    /// Returns the factories with this path or alias, of any project.
    fn with_other_name(&self, name: &str) -> impl Iterator<Item = &PluginFactory> {
        let places = self.by_other_name.get(&name.replace("r#", ""));
        places.into_iter().flatten().map(|&place| &self.factories[place])
    }

    /// Returns the factories that a name may mean: those with this id, or else those with this path or alias.
    pub(crate) fn named(&self, name: &str) -> Vec<&PluginFactory> {
        let own: Vec<_> = self.own_with_id(name).collect();
        if own.is_empty() { self.also_named(name).collect() } else { own }
    }

    /// Returns the factories that the manager may use, and whose path or alias this name is.
    pub(crate) fn also_named(&self, name: &str) -> impl Iterator<Item = &PluginFactory> {
        self.with_other_name(name).filter(|factory| factory.is_of(self.project))
    }

    /// Returns whether a reference means a factory of any project.
    pub(crate) fn knows(&self, reference: &str) -> bool {
        self.with_id(reference).chain(self.with_other_name(reference)).next().is_some()
    }

    /// Returns whether a crate has plugins in this program.
    pub(crate) fn is_linked(&self, crate_name: &str) -> bool {
        self.factories.iter().any(|factory| factory.crate_name() == Some(crate_name))
    }

    /// Returns the first factory of another project with this id or path.
    #[cfg(feature = "config")]
    pub(crate) fn foreign(&self, reference: &str) -> Option<&PluginFactory> {
        let all = self.with_id(reference).chain(self.with_other_name(reference));
        { all }.find(|factory| !factory.is_of(self.project))
    }
}
