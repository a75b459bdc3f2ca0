//! The plan of a load: which plugins, each once, with which settings, in which groups.

use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use indexmap::IndexMap;

use crate::base::name::PluginId;
use crate::config::{ConfigEntry, ConfigGroup, ConfigProblem, PluginConfig, ProblemKind, Section};
use crate::error::Error;
use crate::loading::PluginFactory;
use crate::loading::catalog::Catalog;
use crate::loading::disabled::{self, Off, TurnedOff};
use crate::loading::discover::{names, section};
use crate::loading::resolve::{Meaning, Resolver, Unresolved, listed};
use crate::loading::state::{Group, Loaded};
use crate::plugin::{PluginMetadata, Requirement, ServiceType};
use crate::registry::Registry;

/// The plugins and groups that a configuration asks for.
#[derive(Default)]
pub(super) struct Plan {
    /// The configuration, which names plugins by their ids.
    pub(super) config: PluginConfig,
    /// In the order listed, each once.
    pub(super) wanted: IndexMap<PluginId, Wanted>,
    pub(super) groups: Vec<Group>,
    /// Problems with names of plugins that do not exist.
    pub(super) missing: Vec<(PluginId, ConfigProblem)>,
    /// Errors of other kinds.
    pub(super) wrong: Vec<(PluginId, Error)>,
    /// What may be a mistake.
    pub(super) remarks: Vec<ConfigProblem>,
    /// What it turns off.
    pub(super) off: Off,
    /// The plugins that require one which is turned off, or by a name that several have.
    pub(super) unmet: Vec<(PluginId, ConfigProblem)>,
}

/// A plugin that the configuration asks for.
pub(super) struct Wanted {
    pub(super) id: PluginId,
    /// None, if the host has registered it.
    pub(super) factory: Option<PluginFactory>,
    pub(super) section: Section,
    pub(super) discovered: bool,
}

/// The plugins that the wanted ones require.
struct Needs {
    plugins: HashSet<PluginId>,
    unclear: Vec<Unclear>,
}

/// A requirement by a name that several plugins have, none of which comes.
struct Unclear {
    /// The listed plugin because of which the plugin with the requirement comes.
    root: PluginId,
    plugin: PluginId,
    required: PluginId,
    candidates: Vec<PluginId>,
}

/// Returns the plan of loading `config` in a manager that has `loaded` these plugins.
pub(super) fn plan(
    registry: &Registry,
    catalog: &Catalog<'_>,
    config: &PluginConfig,
    loaded: &[Loaded],
) -> Plan {
    let mut plan = Plan::default();
    let resolver = Resolver::new(registry, catalog, loaded);
    let known = LazyCell::new(|| resolver.names());
    let resolve = |reference: &_, at: &_| resolver.resolve(reference, at, &known);
    let named = config.named_by(&|name, spelling| resolver.named(name, spelling));
    plan.config = named.config.clone();
    let config = &named.config;
    for problem in named.problems.into_iter().flatten() {
        let plugin = problem.plugin().unwrap_or_default().into();
        plan.wrong.push((plugin, Error::Config { source: problem.into() }));
    }
    plan.remarks.extend(named.remarks);
    plan.remarks.extend_from_slice(config.remarks());
    for group in config.groups() {
        let mut members = Vec::new();
        for entry in group.entries().iter().filter(|entry| config.is_enabled() && entry.is_enabled()) {
            let id = match resolve(entry.reference(), entry.location()) {
                Ok(meaning) => plan.want(entry, meaning),
                Err(Unresolved::Missing(problem)) => {
                    let problem = problem.in_group(entry.group());
                    plan.missing.push((entry.reference().as_str().into(), problem));
                    continue;
                }
                Err(Unresolved::SameId(error)) => {
                    plan.wrong.push((entry.reference().as_str().into(), error));
                    continue;
                }
                // Told of with the names.
                Err(Unresolved::Several) => continue,
            };
            members.push((entry.reference().clone(), id));
        }
        plan.groups.push(Group { name: group.name().to_owned(), members });
    }
    let told = plan.missing.iter().map(|(id, _)| id.clone()).collect();
    let mut off = disabled::off(config, resolve, told);
    plan.missing.append(&mut off.missing);
    plan.off = off;
    plan.wrong.extend(resolver.contradictions());
    plan.want_discovered(registry, catalog, config, loaded);
    plan.check_names(&resolver, config);
    plan
}

impl Plan {
    /// Notes that an entry wants a plugin, and returns its id.
    fn want(&mut self, entry: &ConfigEntry, meaning: Meaning) -> PluginId {
        let (id, factory) = match meaning {
            Meaning::Registered(id) => (id, None),
            Meaning::Factory(factory) => (factory.id().clone(), Some(factory)),
        };
        let section = entry.section_of(&[&id]);
        match self.wanted.get(&id) {
            None => self.add(Wanted { id: id.clone(), factory, section, discovered: false }),
            Some(other) if other.section != section => {
                let message = format!(
                    "another entry has other settings for the same plugin; write the settings of both into `[plugin.{id}]`"
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

    fn add(&mut self, wanted: Wanted) {
        self.wanted.insert(wanted.id.clone(), wanted);
    }

    /// Keeps discovered plugins unless they are turned off. Adds every linked plugin, if the configuration says so, and
    /// the requirements of the others, if the manager makes these.
    fn want_discovered(
        &mut self,
        registry: &Registry,
        catalog: &Catalog<'_>,
        config: &PluginConfig,
        loaded: &[Loaded],
    ) {
        let loaded: HashMap<&PluginId, bool> =
            loaded.iter().map(|loaded| (&loaded.id, loaded.discovered)).collect();
        let was_discovered = |factory: &PluginFactory| loaded.get(factory.id()) == Some(&true);
        let off = TurnedOff::of(config);
        let needed = if registry.loads().completes() {
            let Needs { plugins, unclear } = self.needs(registry, catalog, &off, &loaded);
            self.note_unmet(registry, catalog, &loaded, &plugins);
            self.note_unclear(config, unclear);
            plugins
        } else {
            HashSet::new()
        };
        let is_new = |factory: &PluginFactory| {
            (config.discovers() || needed.contains(factory.id()))
                && !registry.is_blocked(factory.id())
                && (loaded.contains_key(factory.id()) || !registry.is_registered(factory.id()))
        };
        let mut told: HashSet<PluginId> = self.wrong.iter().map(|(id, _)| id.clone()).collect();
        for factory in catalog.offered() {
            let is_wanted = self.wanted.contains_key(factory.id());
            if is_wanted || off.has(factory) || !(was_discovered(factory) || is_new(factory)) {
                continue;
            }
            let id = factory.id().clone();
            match catalog.ambiguity(factory) {
                Some(error) if told.insert(id.clone()) => self.wrong.push((id, error)),
                Some(_) => {}
                None => {
                    let discovered = was_discovered(factory);
                    let (section, factory) = (section(factory, config), Some(factory.clone()));
                    self.add(Wanted { id, factory, section, discovered });
                }
            }
        }
    }

    /// Notes each wanted or needed plugin that requires one by name which is turned off, at the place that turns it off.
    fn note_unmet(
        &mut self,
        registry: &Registry,
        catalog: &Catalog<'_>,
        loaded: &HashMap<&PluginId, bool>,
        needs: &HashSet<PluginId>,
    ) {
        let mut off = HashMap::new();
        for (factory, at) in &self.off.plugins {
            off.extend(names(factory).into_iter().map(|name| (name, (factory.id(), at))));
        }
        if off.is_empty() {
            return;
        }
        let is_of_host = |id: &PluginId| registry.is_registered(id) && !loaded.contains_key(id);
        let wanted = self.wanted.values().filter_map(|wanted| wanted.factory.as_ref());
        let needed = catalog.offered().filter(|factory| needs.contains(factory.id()));
        let mut unmet = Vec::new();
        for factory in wanted.chain(needed) {
            let requires =
                factory.metadata().requires.iter().filter_map(|text| Requirement::parse(text).ok());
            for required in requires {
                let Some((id, at)) = off.get(required.id.as_str()).filter(|(id, _)| !is_of_host(id)) else {
                    continue;
                };
                // Another plugin that has the name may be there.
                let named = catalog.named(&required.id);
                let comes = |id: &PluginId| self.wanted.contains_key(id) || needs.contains(id);
                if named.iter().any(|factory| comes(factory.id())) {
                    continue;
                }
                let message = format!(
                    "it requires `{id}`, which is turned off here; turn `{id}` on, or turn `{}` off, too",
                    factory.id()
                );
                let problem = ConfigProblem::new(ProblemKind::InvalidValue, (*at).clone(), message);
                unmet.push((factory.id().clone(), problem.of_plugin(factory.id().as_str())));
            }
        }
        self.unmet = unmet;
    }

    /// Notes each plugin that requires one by a name that several have, at the entry because of which it comes.
    fn note_unclear(&mut self, config: &PluginConfig, unclear: Vec<Unclear>) {
        for Unclear { root, plugin, required, candidates } in unclear {
            let entries = config.groups().iter().flat_map(ConfigGroup::entries);
            let Some(entry) = { entries }.find(|entry| entry.id().as_str() == root.as_str()) else {
                continue;
            };
            let message = format!(
                "it requires `{required}`, and several plugins have this name: {}; list one of them, too",
                listed(&candidates)
            );
            let problem =
                ConfigProblem::new(ProblemKind::InvalidReference, entry.location().clone(), message);
            let problem = problem.of_plugin(plugin.as_str()).in_group(entry.group());
            self.unmet.push((plugin, problem));
        }
    }

    /// Returns the plugins that the wanted ones require, directly or through others, as far as factories have them. A
    /// plugin that is turned off is not followed. Of the plugins that have a required name or provide a required service, one
    /// is enough: one that is wanted or registered, else one that is loaded. If several factories would do, none is chosen.
    fn needs(
        &self,
        registry: &Registry,
        catalog: &Catalog<'_>,
        off: &TurnedOff,
        loaded: &HashMap<&PluginId, bool>,
    ) -> Needs {
        // Each with the listed plugin because of which it comes.
        let mut left: Vec<(PluginId, PluginMetadata)> = Vec::new();
        for wanted in self.wanted.values() {
            let metadata = match &wanted.factory {
                Some(factory) => Some(factory.metadata().clone()),
                None => registry.entry(&wanted.id).map(|entry| entry.metadata()),
            };
            left.extend(metadata.map(|metadata| (wanted.id.clone(), metadata)));
        }
        let mut needed: HashSet<PluginId> = HashSet::new();
        let mut several: Vec<Unclear> = Vec::new();
        let mut services: Vec<(PluginId, ServiceType)> = Vec::new();
        let mut unclear = Vec::new();
        loop {
            while let Some((root, metadata)) = left.pop() {
                services
                    .extend(metadata.requires_services.into_iter().map(|service| (root.clone(), service)));
                let required = metadata.requires.iter().filter_map(|text| Requirement::parse(text).ok());
                for Requirement { id: required, .. } in required {
                    let named = catalog.named(&required).into_iter().filter(|factory| !off.has(factory));
                    let named: BTreeMap<_, _> = named.map(|factory| (factory.id(), factory)).collect();
                    if named.len() > 1 {
                        let candidates = named.into_keys().cloned().collect();
                        let (root, plugin) = (root.clone(), metadata.id.clone());
                        several.push(Unclear { root, plugin, required, candidates });
                    } else if let Some((id, factory)) = named.first_key_value()
                        && needed.insert((*id).clone())
                    {
                        left.push((root.clone(), factory.metadata().clone()));
                    }
                }
            }
            let comes = |id: &PluginId| self.wanted.contains_key(id) || needed.contains(id);
            // What is required by name may be one of several plugins, and may provide the services.
            if let Some(each) = several.pop() {
                let is_of_host = registry.id_of(&each.required).is_some_and(|id| !loaded.contains_key(&id));
                if is_of_host || each.candidates.iter().any(comes) {
                    continue;
                }
                let is_loaded = |id: &&PluginId| loaded.contains_key(*id);
                let factory =
                    each.candidates.iter().find(is_loaded).and_then(|id| catalog.own_with_id(id).next());
                match factory {
                    Some(factory) => {
                        needed.insert(factory.id().clone());
                        left.push((each.root, factory.metadata().clone()));
                    }
                    None => unclear.push(each),
                }
                continue;
            }
            let Some((root, service)) = services.pop() else { break };
            let of_host = |provider: &PluginId| !loaded.contains_key(provider);
            if registry.providers_of(service).is_none_or(|providers| providers.iter().any(of_host)) {
                continue;
            }
            let providers =
                catalog.offered().filter(|factory| factory.provides(service) && !off.has(factory));
            let providers: Vec<_> = providers.collect();
            if providers.iter().any(|factory| comes(factory.id())) {
                continue;
            }
            let is_loaded = |factory: &&&PluginFactory| loaded.contains_key(factory.id());
            let only = || if let [only] = &providers[..] { Some(only) } else { None };
            if let Some(factory) = providers.iter().find(is_loaded).or_else(only) {
                needed.insert(factory.id().clone());
                left.push((root, factory.metadata().clone()));
            }
        }
        let comes = |id: &PluginId| self.wanted.contains_key(id) || needed.contains(id);
        unclear.retain(|each: &Unclear| !each.candidates.iter().any(comes));
        unclear.sort_by(|one, two| (&one.plugin, &one.required).cmp(&(&two.plugin, &two.required)));
        unclear.dedup_by(|one, two| (&one.plugin, &one.required) == (&two.plugin, &two.required));
        Needs { plugins: needed, unclear }
    }

    /// Notes settings, limits and options of plugins that do not exist as problems.
    fn check_names(&mut self, resolver: &Resolver<'_>, config: &PluginConfig) {
        let settings = config.check_sections(resolver.known()).err();
        for problem in settings.into_iter().flatten().chain(resolver.unknown(config)) {
            let plugin = problem.plugin().unwrap_or_default().into();
            self.missing.push((plugin, problem));
        }
    }
}
