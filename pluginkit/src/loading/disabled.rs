//! [`TurnedOff`]: which plugins a configuration turns off. [`Off`]: the names that it turns off, and what they mean.

use std::collections::{HashMap, HashSet};

use crate::base::name::PluginId;
use crate::config::{ConfigGroup, ConfigProblem, Location, PluginConfig, PluginRef, ProblemKind};
use crate::loading::PluginFactory;
use crate::loading::resolve::{Meaning, Unresolved};

/// Which plugins a configuration turns off: all, or those that no entry turns on and that an entry or the whole turns
/// off.
pub(super) struct TurnedOff {
    all: bool,
    /// The ids of all entries, and whether one of each is on.
    listed: HashMap<String, bool>,
    /// The ids that are off wherever they come from.
    disabled: HashSet<String>,
}

impl TurnedOff {
    /// Returns which plugins a configuration turns off that names plugins by their ids.
    pub(super) fn of(config: &PluginConfig) -> Self {
        let mut listed = HashMap::new();
        for entry in config.groups().iter().flat_map(ConfigGroup::entries) {
            *listed.entry(entry.id().as_str().to_owned()).or_default() |= entry.is_enabled();
        }
        let disabled = config.disabled().iter().map(|id| id.as_str().to_owned()).collect();
        Self { all: !config.is_enabled(), listed, disabled }
    }

    /// Returns whether it turns a plugin off.
    pub(super) fn has(&self, factory: &PluginFactory) -> bool {
        let id = factory.id().as_str();
        let is_off = || self.disabled.contains(id);
        self.all || self.listed.get(id).map_or_else(is_off, |is_on| !is_on)
    }
}

/// What a configuration turns off, by name.
#[derive(Default)]
pub(super) struct Off {
    /// The plugins, each with the place that turns it off.
    pub(super) plugins: Vec<(PluginFactory, Location)>,
    /// The names that no plugin has, and that are no mistakes.
    pub(super) unknown: Vec<PluginId>,
    /// The problems of names that no plugin has: those that are close to the name of a plugin, and so mistakes.
    pub(super) missing: Vec<(PluginId, ConfigProblem)>,
    /// Those of the others, which may be plugins of another program.
    pub(super) remarks: Vec<ConfigProblem>,
}

/// Returns what a configuration turns off, each once, without the wrong names that were `told`.
pub(super) fn off(
    config: &PluginConfig,
    resolve: impl Fn(&PluginRef, &Location) -> Result<Meaning, Unresolved>,
    mut told: HashSet<PluginId>,
) -> Off {
    let entries = config.groups().iter().flat_map(ConfigGroup::entries);
    let off = entries.filter(|entry| config.is_enabled() && !entry.is_enabled());
    let off = off.map(|entry| (entry.reference(), entry.location(), Some(entry.group())));
    let everywhere = config.disabled_places().map(|(reference, at)| (reference, at, None));
    let (turned_off, mut noted, mut all) = (TurnedOff::of(config), HashSet::new(), Off::default());
    for (reference, at, group) in off.chain(everywhere) {
        let problem = match resolve(reference, at) {
            Ok(Meaning::Factory(factory)) if turned_off.has(&factory) => {
                if noted.insert(factory.id().clone()) {
                    all.plugins.push((factory, at.clone()));
                }
                continue;
            }
            Err(Unresolved::Missing(problem)) => problem,
            _ => continue,
        };
        let id = PluginId::from(reference.as_str());
        if !told.insert(id.clone()) {
            continue;
        }
        let problem = group.into_iter().fold(*problem, ConfigProblem::in_group);
        if problem.suggestion().is_some() {
            all.missing.push((id, problem));
        } else {
            all.unknown.push(id);
            all.remarks.push(problem.of_kind(ProblemKind::UnboundName));
        }
    }
    all
}
