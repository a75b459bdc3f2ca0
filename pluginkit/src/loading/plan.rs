//! What a configuration wants of a manager: which plugins, each once, with which settings, in which groups.

use crate::config::{ConfigEntry, ConfigProblem, PluginConfig, PluginRef, ProblemKind, Section};
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
            let id = match resolve(registry, catalog, loaded, entry) {
                Ok(meaning) => plan.want(entry, meaning),
                Err(Unresolved::Missing(problem)) => {
                    plan.missing.push((entry.reference().as_str().into(), *problem));
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
    plan.want_discovered(catalog, config, loaded);
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

    /// What was discovered before stays, unless it is turned off.
    fn want_discovered(&mut self, catalog: &Catalog<'_>, config: &PluginConfig, loaded: &[Loaded]) {
        for loaded in loaded.iter().filter(|loaded| loaded.discovered) {
            let factory = catalog.own().find(|factory| *factory.id() == loaded.id);
            let is_wanted = self.wanted.iter().any(|wanted| wanted.id == loaded.id);
            if let Some(factory) = factory.filter(|factory| !is_wanted && !is_disabled(factory, config)) {
                let section = section(factory, config);
                let (id, factory) = (loaded.id.clone(), Some(factory.clone()));
                self.wanted.push(Wanted { id, factory, section, discovered: true });
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
    entry: &ConfigEntry,
) -> Result<Meaning, Unresolved> {
    let reference: &PluginRef = entry.reference();
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
        (None, _) => Err(Unresolved::Missing(Box::new(missing(registry, catalog, entry)))),
    }
}

/// The problem that a reference means no plugin.
fn missing(registry: &Registry, catalog: &Catalog<'_>, entry: &ConfigEntry) -> ConfigProblem {
    let reference = entry.reference().as_str();
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
        candidates().chain(registered.iter().map(PluginId::as_str).filter(|_| !entry.reference().is_path())),
    );
    // A path may be that of a re-export.
    let same_type = || {
        let paths = catalog.offered().filter_map(PluginFactory::path);
        paths.into_iter().find(|path| path.rsplit("::").next() == entry.reference().type_name())
    };
    let closest = closest.or_else(|| entry.reference().is_path().then(same_type).flatten());
    ConfigProblem::new(ProblemKind::UnknownPlugin, entry.location().clone(), message)
        .of_plugin(reference)
        .in_group(entry.group())
        .suggesting(closest)
}

/// A plugin that is left out as it failed.
pub(super) fn failed(plugin: PluginId, path: Option<&str>, error: Error) -> Skipped {
    Skipped { plugin, path: path.map(str::to_owned), reason: SkipReason::Failed(error) }
}
