//! What a configuration wants of a manager: which plugins, each once, with which settings, in which groups.

use crate::config::{
    ConfigEntry, ConfigGroup, ConfigProblem, Location, PluginConfig, PluginRef, ProblemKind, Section,
};
use crate::error::Error;
use crate::loading::catalog::Catalog;
use crate::loading::discover::{is_disabled, names, section};
use crate::loading::state::{Group, Loaded};
use crate::loading::{PluginFactory, SkipReason, Skipped};
use crate::name::PluginId;
use crate::registry::Registry;

/// What a configuration wants.
#[derive(Default)]
pub(super) struct Plan {
    /// In the order listed, each once.
    pub(super) wanted: Vec<Wanted>,
    pub(super) groups: Vec<Group>,
    /// What it names that there is not.
    pub(super) missing: Vec<(PluginId, ConfigProblem)>,
    /// What it says that cannot be.
    pub(super) wrong: Vec<(PluginId, Error)>,
}

/// A plugin that is to be there.
pub(super) struct Wanted {
    pub(super) id: PluginId,
    /// None, if the host has registered it.
    pub(super) factory: Option<PluginFactory>,
    pub(super) section: Section,
    pub(super) discovered: bool,
}

/// What a reference means.
enum Meaning {
    Factory(PluginFactory),
    /// What the host has registered under that name.
    Registered(PluginId),
}

/// What `config` wants of a manager that has `loaded` these.
pub(super) fn plan(
    registry: &Registry,
    catalog: &Catalog<'_>,
    config: &PluginConfig,
    loaded: &[Loaded],
) -> Plan {
    let mut plan = Plan::default();
    for group in config.groups() {
        let mut members = Vec::new();
        for entry in group.entries().iter().filter(|entry| config.is_enabled() && entry.is_enabled()) {
            let id = match resolve(registry, catalog, loaded, entry.reference(), entry.location()) {
                Ok(meaning) => plan.want(entry, meaning),
                Err(Unresolved::Missing(problem)) => {
                    let problem = problem.in_group(entry.group());
                    plan.missing.push((entry.reference().as_str().into(), problem));
                    continue;
                }
                Err(Unresolved::Ambiguous(error)) => {
                    plan.wrong.push((entry.reference().as_str().into(), error));
                    continue;
                }
            };
            members.push((entry.reference().clone(), id));
        }
        plan.groups.push(Group { name: group.name().to_owned(), members });
    }
    plan.check_disabled(registry, catalog, config, loaded);
    plan.want_discovered(registry, catalog, config, loaded);
    plan.check_sections(registry, catalog, config);
    plan
}

impl Plan {
    /// Notes that an entry wants a plugin, and returns its id.
    fn want(&mut self, entry: &ConfigEntry, meaning: Meaning) -> PluginId {
        let (id, factory, section) = match meaning {
            Meaning::Registered(id) => (id, None, entry.section()),
            Meaning::Factory(factory) => {
                let section = entry.section_of(&names(&factory));
                (factory.id().clone(), Some(factory), section)
            }
        };
        match self.wanted.iter().find(|wanted| wanted.id == id) {
            None => self.wanted.push(Wanted { id: id.clone(), factory, section, discovered: false }),
            Some(other) if other.section != section => {
                let message = format!(
                    "another entry has other settings for the same plugin; write what both have into `[plugin.{id}]`"
                );
                let at = entry.location().clone();
                let problem = ConfigProblem::new(ProblemKind::InvalidValue, at, message);
                let problem = problem.of_plugin(entry.reference().as_str()).in_group(entry.group());
                self.wrong.push((id.clone(), Error::Config { source: problem.into() }));
            }
            Some(_) => {}
        }
        id
    }

    /// What turns off a plugin that there is not is a mistake, if it is spelled like one that there is. Else the
    /// plugin is none of this program's, which is as good as off.
    fn check_disabled(
        &mut self,
        registry: &Registry,
        catalog: &Catalog<'_>,
        config: &PluginConfig,
        loaded: &[Loaded],
    ) {
        let entries = config.groups().iter().flat_map(ConfigGroup::entries);
        let off = entries.filter(|entry| config.is_enabled() && !entry.is_enabled());
        let off = off.map(|entry| (entry.reference(), entry.location(), Some(entry.group())));
        let everywhere = config.disabled_places().map(|(reference, at)| (reference, at, None));
        for (reference, at, group) in off.chain(everywhere) {
            let Err(Unresolved::Missing(problem)) = resolve(registry, catalog, loaded, reference, at) else {
                continue;
            };
            if problem.suggestion().is_some() && self.missing.iter().all(|(id, _)| *id != *reference.as_str())
            {
                let problem = group.into_iter().fold(*problem, ConfigProblem::in_group);
                self.missing.push((reference.as_str().into(), problem));
            }
        }
    }

    /// What was discovered before stays, unless it is turned off; who discovers at each load has all that is
    /// linked.
    fn want_discovered(
        &mut self,
        registry: &Registry,
        catalog: &Catalog<'_>,
        config: &PluginConfig,
        loaded: &[Loaded],
    ) {
        let is_loaded = |factory: &PluginFactory| loaded.iter().any(|loaded| loaded.id == *factory.id());
        let was_discovered = |factory: &PluginFactory| {
            loaded.iter().any(|loaded| loaded.discovered && loaded.id == *factory.id())
        };
        let is_new = |factory: &PluginFactory| {
            registry.loads.discovers()
                && !registry.is_blocked(factory.id())
                && (is_loaded(factory) || !registry.is_registered(factory.id()))
        };
        for factory in catalog.offered() {
            let is_wanted = self.wanted.iter().any(|wanted| wanted.id == *factory.id());
            if is_wanted || is_disabled(factory, config) || !(was_discovered(factory) || is_new(factory)) {
                continue;
            }
            let id = factory.id().clone();
            match catalog.ambiguity(factory) {
                Some(error) if self.wrong.iter().all(|(other, _)| *other != id) => {
                    self.wrong.push((id, error));
                }
                Some(_) => {}
                None => {
                    let (section, factory) = (section(factory, config), Some(factory.clone()));
                    self.wanted.push(Wanted { id, factory, section, discovered: true });
                }
            }
        }
    }

    /// Settings for nobody are a mistake.
    fn check_sections(&mut self, registry: &Registry, catalog: &Catalog<'_>, config: &PluginConfig) {
        let registered = registry.plugin_names();
        let linked = catalog.all().iter().flat_map(names);
        let known = linked.chain(registered.iter().map(PluginId::as_str));
        if let Err(error) = config.check_sections(known) {
            for problem in error {
                let plugin = problem.plugin().unwrap_or_default().into();
                self.missing.push((plugin, problem));
            }
        }
    }
}

enum Unresolved {
    Missing(Box<ConfigProblem>),
    Ambiguous(Error),
}

fn resolve(
    registry: &Registry,
    catalog: &Catalog<'_>,
    loaded: &[Loaded],
    reference: &PluginRef,
    at: &Location,
) -> Result<Meaning, Unresolved> {
    // What the host has registered itself, it means.
    let is_own = |id: &str| registry.is_registered(id) && !loaded.iter().any(|loaded| loaded.id == *id);
    if is_own(reference.as_str()) {
        return Ok(Meaning::Registered(reference.as_str().into()));
    }
    let mut named = catalog.named(reference.as_str());
    match (named.next(), named.next()) {
        (Some(factory), None) if is_own(factory.id()) => Ok(Meaning::Registered(factory.id().clone())),
        (Some(factory), None) => Ok(Meaning::Factory(factory.clone())),
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
        (None, _) => Err(Unresolved::Missing(Box::new(missing(registry, catalog, reference, at)))),
    }
}

/// The problem that a reference means no plugin.
fn missing(registry: &Registry, catalog: &Catalog<'_>, named: &PluginRef, at: &Location) -> ConfigProblem {
    let reference = named.as_str();
    let foreign = catalog.all().iter().find(|factory| {
        !factory.is_of(registry.project())
            && (*factory.id() == *reference || factory.path() == Some(reference))
    });
    let registered = registry.plugin_names();
    let candidates = || {
        let linked = catalog.offered().flat_map(names);
        linked.filter(|name| name.contains("::") == reference.contains("::"))
    };
    let message = match foreign.and_then(|factory| factory.project()) {
        Some(project) => format!(
            "this is a plugin of the project `{project}`, but the manager is of the project `{}`",
            registry.project()
        ),
        None => {
            let linked: Vec<_> = catalog.offered().map(|factory| factory.id().as_str()).collect();
            let linked = if linked.is_empty() { "none".to_owned() } else { linked.join(", ") };
            format!(
                "no such plugin is linked into this program; linked are: {linked}; if its crate is a dependency, name it in code, as in `use its_crate as _;`"
            )
        }
    };
    let closest = crate::config::closest(
        reference,
        candidates().chain(registered.iter().map(PluginId::as_str).filter(|_| !named.is_path())),
    );
    // A path may be that of a re-export.
    let same_type = || {
        let paths = catalog.offered().filter_map(PluginFactory::path);
        paths.into_iter().find(|path| path.rsplit("::").next() == named.type_name())
    };
    let closest = closest.or_else(|| named.is_path().then(same_type).flatten());
    ConfigProblem::new(ProblemKind::UnknownPlugin, at.clone(), message)
        .of_plugin(reference)
        .suggesting(closest)
}

/// A plugin that is left out as it failed.
pub(super) fn failed(plugin: PluginId, path: Option<&str>, error: Error) -> Skipped {
    Skipped { plugin, path: path.map(str::to_owned), reason: SkipReason::Failed(error) }
}
