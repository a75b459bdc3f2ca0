//! [`Catalog`]: all factories a manager knows.

use std::sync::OnceLock;

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
}

impl<'r> Catalog<'r> {
    /// What is linked, and what was told to the manager, which comes before what is linked under its id.
    pub(crate) fn of(registry: &'r Registry) -> Self {
        let mut factories = registry.loads.factories();
        let is_given = |id: &str| factories.iter().any(|given| *given.id() == *id);
        let linked: Vec<_> = linked().iter().filter(|linked| !is_given(linked.id())).cloned().collect();
        factories.extend(linked);
        factories.sort_by(|one, two| one.id().cmp(two.id()));
        Self { project: registry.project(), factories }
    }

    pub(crate) fn all(&self) -> &[PluginFactory] {
        &self.factories
    }

    /// Those that the manager may take.
    pub(crate) fn own(&self) -> impl Iterator<Item = &PluginFactory> {
        self.factories.iter().filter(|factory| factory.is_of(self.project))
    }

    /// Those that are the manager's to make.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &PluginFactory> {
        self.own().filter(|factory| !factory.is_left_to_hosts())
    }

    /// The error that another factory of the project has the id of this one, too.
    pub(crate) fn ambiguity(&self, factory: &PluginFactory) -> Option<Error> {
        let mut same = self.own().filter(|other| other.id() == factory.id());
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
    pub(crate) fn named<'c>(&'c self, reference: &str) -> impl Iterator<Item = &'c PluginFactory> {
        let path = reference.contains("::").then(|| reference.replace("r#", ""));
        let reference = reference.to_owned();
        self.own().filter(move |factory| match &path {
            Some(path) => factory.path() == Some(path.as_str()),
            None => *factory.id() == *reference,
        })
    }
}
