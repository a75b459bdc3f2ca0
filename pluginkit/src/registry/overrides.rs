//! [`Overrides`]: options of extensions that a configuration sets over those of the plugins.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::base::name::PluginId;
use crate::base::similar::closest;
use crate::plugin::implementation::Implementation;
use crate::plugin::{NamePlace, UnboundName};
use crate::registry::candidate::Candidate;
use crate::registry::registration::file;
use crate::registry::{DeferredDrops, Registry, State};
use crate::spec::options::Options;
use crate::spec::point::PointInfo;

/// The options of extensions that a configuration sets, by plugin.
#[derive(Debug, Default)]
pub struct Overrides {
    plugins: HashMap<PluginId, Vec<Override>>,
}

/// The options that a configuration sets for the extensions of a plugin at one point.
#[derive(Debug, PartialEq)]
pub struct Override {
    /// The name of the point, such as `fetch`, `Specs::fetch` or `Specs<u8>::fetch`.
    pub point: String,
    /// Whether the name is written as variables of the environment write it.
    pub is_spelled: bool,
    /// The options, of which those that are not set stay as they are.
    pub options: Options,
}

impl Override {
    /// Returns whether its name means this point.
    pub fn is_of(&self, point: &PointInfo) -> bool {
        let is_same = |name: &str, own: &str| {
            if self.is_spelled { name.eq_ignore_ascii_case(own) } else { name == own }
        };
        // The last `::`, as type arguments may have some.
        match self.point.rsplit_once("::") {
            Some((specs, name)) => {
                let is_specs = is_same(specs, point.specs)
                    || is_same(specs, &point.specs_name())
                    || point.specs_path().is_some_and(|path| is_same(specs, path));
                is_specs && is_same(name, point.name)
            }
            None => is_same(&self.point, point.name),
        }
    }
}

impl Overrides {
    /// Sets the options for a plugin. Of several that mean one point, the last wins.
    pub fn set(&mut self, plugin: PluginId, overrides: Vec<Override>) {
        self.plugins.insert(plugin, overrides);
    }

    /// Returns what is set for a plugin.
    pub(crate) fn of(&self, plugin: &PluginId) -> &[Override] {
        self.plugins.get(plugin).map_or(&[], Vec::as_slice)
    }

    /// Returns the plugins for which something else is set than in `before`, sorted.
    pub fn changed(&self, before: &Self) -> Vec<PluginId> {
        let ids: BTreeSet<&PluginId> = before.plugins.keys().chain(self.plugins.keys()).collect();
        ids.into_iter().filter(|id| self.of(id) != before.of(id)).cloned().collect()
    }

    /// Returns the names of points for which options are set for a plugin, and which it does not extend.
    pub(super) fn unbound(
        &self,
        plugin: &PluginId,
        implementations: &[Arc<Implementation>],
    ) -> Vec<UnboundName> {
        let extended = || implementations.iter().map(|each| each.contribution.info);
        let wrong = self.of(plugin).iter().filter(|upper| !extended().any(|info| upper.is_of(info)));
        let unbound = |upper: &Override| {
            let name = upper.point.rsplit("::").next().unwrap_or(&upper.point);
            UnboundName {
                name: upper.point.as_str().into(),
                place: NamePlace::Extension { plugin: plugin.clone() },
                suggestion: closest(name, extended().map(|info| info.name)).map(PluginId::from),
            }
        };
        wrong.map(unbound).collect()
    }

    /// Returns the implementations of a plugin with these options; `None` if they have them already.
    fn applied(&self, implementations: &[Arc<Implementation>]) -> Option<Arc<[Arc<Implementation>]>> {
        let own = self.of(implementations.first()?.plugin());
        let mut has_changed = false;
        let applied = implementations.iter().map(|each| {
            let upper = own.iter().filter(|upper| upper.is_of(each.contribution.info));
            let upper = upper.fold(None::<Options>, |lower, upper| {
                Some(lower.map_or_else(|| upper.options.clone(), |lower| lower.overridden(&upper.options)))
            });
            match each.overridden(upper.as_ref()) {
                Some(overridden) => {
                    has_changed = true;
                    Arc::new(overridden)
                }
                None => Arc::clone(each),
            }
        });
        let applied = applied.collect();
        has_changed.then_some(applied)
    }
}

/// The implementations of registered plugins that get other options.
pub(super) type Reset = Vec<(u64, Arc<[Arc<Implementation>]>)>;

impl Registry {
    /// Returns the options that the last configuration has set.
    pub fn overrides(&self) -> Arc<Overrides> {
        self.look(|state| Arc::clone(&state.overrides))
    }

    /// Tells a log the points in a configuration that newly registered plugins do not extend.
    #[cfg(feature = "tracing")]
    pub(super) fn warn_overrides(&self, candidates: &[Candidate]) {
        let overrides = self.overrides();
        for candidate in candidates {
            let unbound = overrides.unbound(&candidate.owner.id, &candidate.implementations);
            unbound.iter().for_each(crate::registry::unbound::warn);
        }
    }

    /// Returns whether every manager has this point.
    pub fn is_built_in(&self, point: &PointInfo) -> bool {
        self.look(|state| state.points[..state.built_in].iter().any(|each| each.slot.info == point))
    }

    /// Returns the points that the registered plugin with this id extends, perhaps with repetitions. The manager may lack some
    /// of them.
    pub fn extended_points(&self, id: &str) -> Option<Vec<&'static PointInfo>> {
        self.look(|state| {
            let record =
                Some(&state.plugins[state.names.get(id)?]).filter(|record| record.owner.id == *id)?;
            Some(record.implementations.iter().map(|each| each.contribution.info).collect())
        })
    }
}

impl State {
    /// Gives candidates the options that are set for them.
    pub(super) fn override_candidates(candidates: &mut [Candidate], overrides: &Overrides) {
        if overrides.plugins.is_empty() {
            return;
        }
        for candidate in candidates {
            if let Some(applied) = overrides.applied(&candidate.implementations) {
                candidate.implementations = applied;
            }
        }
    }

    /// Returns the implementations that get other options, of all plugins but those in `gone`. Every step of a load has the
    /// same overrides, so only the plugins are looked at for which they say something else than those before.
    pub(super) fn reset(&self, overrides: &Arc<Overrides>, gone: &[u64]) -> Reset {
        if Arc::ptr_eq(overrides, &self.overrides) {
            return Vec::new();
        }
        let changed = overrides.changed(&self.overrides);
        if changed.is_empty() {
            return Vec::new();
        }
        let gone: HashSet<u64> = gone.iter().copied().collect();
        let applied = |id: &PluginId| {
            let number = *self.names.get(id)?;
            // Under an alias, the plugin is not meant.
            let record = self.plugins.get(&number).filter(|record| record.owner.id == *id)?;
            let applied = overrides.applied(&record.implementations)?;
            (!gone.contains(&number)).then_some((number, applied))
        };
        changed.iter().filter_map(applied).collect()
    }

    /// Puts the implementations of `reset` into their points, in place of those that were taken out.
    pub(super) fn commit_reset(&mut self, reset: Reset, deferred: &mut DeferredDrops) {
        for (number, implementations) in reset {
            let Some(record) = self.plugins.get_mut(&number) else { continue };
            deferred.push(std::mem::replace(&mut record.implementations, Arc::clone(&implementations)));
            self.change_members(&*implementations, deferred, file);
        }
    }
}
