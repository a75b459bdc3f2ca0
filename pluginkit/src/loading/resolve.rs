//! [`Resolver`]: what the references of a configuration mean.

use std::cell::{LazyCell, OnceCell};
use std::collections::{HashMap, HashSet};

use crate::base::name::PluginId;
use crate::base::similar::Known;
use crate::config::by_plugin::{Spelling, variable_name};
use crate::config::{ConfigProblem, Location, PluginConfig, PluginRef, ProblemKind};
use crate::error::Error;
use crate::loading::PluginFactory;
use crate::loading::catalog::Catalog;
use crate::loading::discover::names;
use crate::loading::state::Loaded;
use crate::plugin::GenericPluginStub;
use crate::registry::Registry;

/// The meaning of a reference.
pub(super) enum Meaning {
    Factory(PluginFactory),
    /// A plugin that the host registered under that name.
    Registered(PluginId),
}

/// Why a reference means nothing.
pub(super) enum Unresolved {
    Missing(Box<ConfigProblem>),
    Ambiguous(Error),
}

/// Finds the meaning of references, and the likely meaning of wrong ones.
pub(super) struct Resolver<'r> {
    registry: &'r Registry,
    catalog: &'r Catalog<'r>,
    loaded: HashSet<&'r PluginId>,
    registered: Vec<PluginId>,
    /// The ids of plugins by the spellings of their names in variables.
    spelled: OnceCell<HashMap<String, PluginId>>,
}

/// The names that a wrong reference is compared with.
pub(super) struct Names<'n> {
    /// The ids of what the manager can make.
    linked: Known<'n>,
    /// The same, and the names of registered plugins.
    ids: Known<'n>,
    paths: Known<'n>,
    /// The first path to a type of each name.
    types: HashMap<&'n str, &'n str>,
}

impl<'r> Resolver<'r> {
    pub(super) fn new(registry: &'r Registry, catalog: &'r Catalog<'r>, loaded: &'r [Loaded]) -> Self {
        let loaded = loaded.iter().map(|loaded| &loaded.id).collect();
        Self { registry, catalog, loaded, registered: registry.plugin_names(), spelled: OnceCell::new() }
    }

    /// Returns the names to compare with. They take a look at all plugins, so they are asked for only when a reference
    /// is wrong.
    pub(super) fn names(&self) -> Names<'_> {
        let offered = || self.catalog.offered();
        let named = |is_path| offered().flat_map(names).filter(move |name| name.contains("::") == is_path);
        let mut types = HashMap::new();
        for path in offered().filter_map(PluginFactory::path) {
            types.entry(path.rsplit("::").next().unwrap_or(path)).or_insert(path);
        }
        Names {
            linked: Known::new(offered().map(|factory| factory.id().as_str())),
            ids: Known::new(named(false).chain(self.registered.iter().map(PluginId::as_str))),
            paths: Known::new(named(true)),
            types,
        }
    }

    pub(super) fn resolve<'n, F: FnOnce() -> Names<'n>>(
        &self,
        reference: &PluginRef,
        at: &Location,
        known: &LazyCell<Names<'n>, F>,
    ) -> Result<Meaning, Unresolved> {
        // A plugin that the host registered itself takes precedence.
        if let Some(id) = self.of_host(reference.as_str()) {
            return Ok(Meaning::Registered(id));
        }
        let named = self.catalog.named(reference.as_str());
        match (named.first(), named.get(1)) {
            (Some(factory), None) => match self.of_host(factory.id()) {
                Some(id) => Ok(Meaning::Registered(id)),
                None => Ok(Meaning::Factory((*factory).clone())),
            },
            (Some(first), Some(second)) if first.id() != second.id() => {
                let message = format!(
                    "several plugins have this name: `{}` and `{}`; write the id of one of them",
                    first.id(),
                    second.id()
                );
                let problem = ConfigProblem::new(ProblemKind::InvalidReference, at.clone(), message);
                let problem = problem.of_plugin(reference.as_str());
                Err(Unresolved::Ambiguous(Error::Config { source: problem.into() }))
            }
            (Some(first), Some(second)) => Err(Unresolved::Ambiguous(Error::SameId {
                plugin: first.id().clone(),
                first: first.path().unwrap_or_default().into(),
                second: if reference.is_path() {
                    second.id().as_str()
                } else {
                    second.path().unwrap_or_default()
                }
                .into(),
            })),
            (None, _) => Err(Unresolved::Missing(Box::new(self.missing(reference, at, known)))),
        }
    }

    /// Returns the plugin of this name, if the host registered it itself.
    fn of_host(&self, name: &str) -> Option<PluginId> {
        self.registry.id_of(name).filter(|id| !self.loaded.contains(id))
    }

    /// Returns the id of the plugin that a name means, if it means one.
    pub(super) fn id_of(&self, name: &str, spelling: Spelling) -> Option<PluginRef> {
        let id = self.of_host(name).or_else(|| match self.catalog.named(name)[..] {
            [factory] => Some(factory.id().clone()),
            _ => None,
        });
        let spelled = || self.spelled().get(&variable_name(name)).cloned();
        id.or_else(|| if spelling == Spelling::Variable { spelled() } else { None })?.parse().ok()
    }

    /// Returns the ids of plugins by the spellings of their names. A name that the host gave takes precedence, then ids.
    fn spelled(&self) -> &HashMap<String, PluginId> {
        self.spelled.get_or_init(|| {
            let mut spelled = HashMap::new();
            let factories = || self.catalog.all().iter();
            let ids =
                self.registered.iter().chain(factories().map(PluginFactory::id)).map(|id| (id.as_str(), id));
            let others = factories().flat_map(|each| names(each).into_iter().map(|name| (name, each.id())));
            for (name, id) in ids.chain(others) {
                spelled.entry(variable_name(name)).or_insert_with(|| id.clone());
            }
            spelled
        })
    }

    /// Returns the names of the plugins that are linked or registered.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        self.catalog.all().iter().flat_map(names).chain(self.registered.iter().map(PluginId::as_str))
    }

    /// Returns a problem for each plugin with limits or options of extensions that does not exist.
    pub(super) fn unknown(&self, config: &PluginConfig) -> Vec<ConfigProblem> {
        config.unknown_plugins(self.known())
    }

    /// Returns the problem that a reference means no plugin.
    fn missing(&self, named: &PluginRef, at: &Location, known: &Names<'_>) -> ConfigProblem {
        let reference = named.as_str();
        let foreign = self.catalog.foreign(reference);
        let message = match foreign.and_then(|factory| factory.project()) {
            Some(project) => format!(
                "this is a plugin of the project `{project}`, but the manager is of the project `{}`",
                self.registry.project()
            ),
            None if GenericPluginStub::is_meant_by(reference) => {
                format!("no such plugin is found by itself; {}", crate::error::GENERIC)
            }
            None => match named.crate_name().filter(|name| self.catalog.is_linked(name)) {
                Some(name) => format!(
                    "no such plugin is linked into this program, but its crate `{name}` is; linked are: {}",
                    known.paths.nearest(reference)
                ),
                None => format!(
                    "no such plugin is linked into this program; linked are: {}; {}",
                    known.linked.nearest(reference),
                    crate::error::link_hint(self.catalog.all().is_empty())
                ),
            },
        };
        let candidates = if named.is_path() { &known.paths } else { &known.ids };
        // A path may be that of a re-export.
        let same_type = || known.types.get(named.type_name()?).copied();
        ConfigProblem::new(ProblemKind::UnknownPlugin, at.clone(), message)
            .of_plugin(reference)
            .suggesting(candidates.closest(reference).or_else(same_type))
    }
}
