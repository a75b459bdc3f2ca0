//! [`Resolver`]: what the references of a configuration mean.

use std::cell::{Cell, LazyCell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::base::name::PluginId;
use crate::base::similar::Known;
use crate::config::by_plugin::{Named, Spelling, variable_name};
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
    /// Several factories have the id.
    SameId(Error),
    /// Several plugins have the name. [`Resolver::named`] says which.
    Several,
}

/// The ids of the plugins with a name, each once. The first that are not empty count.
#[derive(Default)]
struct Holders {
    /// Those that the host registered itself.
    of_host: Vec<PluginId>,
    /// Those of which the name is the id.
    by_id: Vec<PluginId>,
    /// Those of which it is an alias or the path.
    others: Vec<PluginId>,
}

impl Holders {
    fn add(holders: &mut Vec<PluginId>, id: &PluginId) {
        if !holders.contains(id) {
            holders.push(id.clone());
        }
    }
}

/// Finds the meaning of references, and the likely meaning of wrong ones.
pub(super) struct Resolver<'r> {
    registry: &'r Registry,
    catalog: &'r Catalog<'r>,
    loaded: HashSet<&'r PluginId>,
    registered: Vec<PluginId>,
    /// The plugins by the spellings of their names in variables.
    spelled: OnceCell<HashMap<String, Holders>>,
    /// The paths by which a configuration names plugins whose id several factories have, by id.
    paths: RefCell<BTreeMap<PluginId, BTreeSet<&'r str>>>,
    /// Whether a problem has said how a crate is linked. Once is enough.
    has_hinted: Cell<bool>,
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
        Self {
            registry,
            catalog,
            loaded,
            registered: registry.plugin_names(),
            spelled: OnceCell::new(),
            paths: RefCell::default(),
            has_hinted: Cell::new(false),
        }
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
            (Some(first), Some(second)) if first.id() != second.id() => Err(Unresolved::Several),
            (Some(first), Some(second)) => Err(Unresolved::SameId(Error::SameId {
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

    /// Returns what a name means. A plugin that the host registered comes first, then one with this id, then those with this
    /// alias or path.
    pub(super) fn named(&self, name: &str, spelling: Spelling) -> Named {
        let exact;
        let holders = match spelling {
            Spelling::Exact => {
                exact = self.holders(name);
                &exact
            }
            Spelling::Variable => match self.spelled().get(&variable_name(name)) {
                Some(holders) => holders,
                None => return Named::Nothing,
            },
        };
        let levels = [&holders.of_host, &holders.by_id, &holders.others];
        let Some(first) = levels.iter().position(|level| !level.is_empty()) else { return Named::Nothing };
        let [id] = &levels[first][..] else {
            let fix = match spelling {
                Spelling::Exact => "write the id of one of them",
                Spelling::Variable => "write this into a document, under the id of one of them",
            };
            let all = listed(levels[first]);
            return Named::Several(format!("several plugins have this name: {all}; {fix}"));
        };
        let Ok(reference) = id.parse() else { return Named::Nothing };
        let mut all = vec![id.clone()];
        levels[first + 1..]
            .iter()
            .flat_map(|level| level.iter())
            .for_each(|other| Holders::add(&mut all, other));
        let remark = (all.len() > 1).then(|| {
            format!(
                "several plugins have this name: {}; it means `{id}`, as {}; write the id of the other one if that is meant",
                listed(&all),
                if first == 0 { "the host registered that plugin itself" } else { "an id comes before an alias" },
            )
        });
        Named::Plugin { id: reference, remark }
    }

    /// Returns the plugins with a name as it is written.
    fn holders(&self, name: &str) -> Holders {
        let mut holders = Holders::default();
        holders.of_host.extend(self.of_host(name));
        holders.by_id.extend(self.catalog.own_with_id(name).next().map(|factory| factory.id().clone()));
        for factory in self.catalog.also_named(name) {
            Holders::add(&mut holders.others, factory.id());
            self.note_path(name, factory);
        }
        holders
    }

    /// Notes that a configuration names a plugin by its path, if other factories have its id.
    fn note_path(&self, name: &str, factory: &'r PluginFactory) {
        let is_shared = || self.catalog.ambiguity(factory).is_some();
        if let Some(path) = factory.path().filter(|_| name.contains("::") && is_shared()) {
            self.paths.borrow_mut().entry(factory.id().clone()).or_default().insert(path);
        }
    }

    /// Returns an error for each id of which a configuration names several factories by their paths. The manager has one
    /// plugin of an id.
    pub(super) fn contradictions(&self) -> Vec<(PluginId, Error)> {
        let paths = self.paths.borrow();
        let several = paths.iter().filter_map(|(id, paths)| {
            let mut paths = paths.iter().copied();
            let (first, second) = (paths.next()?.into(), paths.next()?.into());
            Some((id.clone(), Error::SameId { plugin: id.clone(), first, second }))
        });
        several.collect()
    }

    /// Returns the plugins by the spellings of their names in variables.
    fn spelled(&self) -> &HashMap<String, Holders> {
        self.spelled.get_or_init(|| {
            let mut spelled: HashMap<String, Holders> = HashMap::new();
            for id in self.registered.iter().filter(|id| !self.loaded.contains(id)) {
                Holders::add(&mut spelled.entry(variable_name(id)).or_default().of_host, id);
            }
            for factory in self.catalog.own() {
                Holders::add(
                    &mut spelled.entry(variable_name(factory.id())).or_default().by_id,
                    factory.id(),
                );
                for name in names(factory) {
                    Holders::add(&mut spelled.entry(variable_name(name)).or_default().others, factory.id());
                }
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
                format!("no such plugin is found by itself; {}", crate::error::texts::GENERIC)
            }
            None => match named.crate_name().filter(|name| self.catalog.is_linked(name)) {
                Some(name) => format!(
                    "no such plugin is linked into this program, but its crate `{name}` is; linked are: {}",
                    known.paths.nearest(reference)
                ),
                None if self.has_hinted.replace(true) => format!(
                    "no such plugin is linked into this program; linked are: {}",
                    known.linked.nearest(reference)
                ),
                None => format!(
                    "no such plugin is linked into this program; linked are: {}; {}",
                    known.linked.nearest(reference),
                    crate::error::texts::link_hint(self.catalog.all().is_empty())
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

/// Returns ids in a sentence.
pub(super) fn listed(ids: &[PluginId]) -> String {
    let shown: Vec<_> = ids.iter().map(|id| format!("`{id}`")).collect();
    match &shown[..] {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => shown.join(", "),
    }
}
