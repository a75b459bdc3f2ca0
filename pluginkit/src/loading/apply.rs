//! Loading a configuration: all of it, or the difference to the one before.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::drops::{self, DropPanic};
use crate::base::name::PluginId;
use crate::config::{ConfigError, ConfigProblem, PluginConfig};
use crate::error::Error;
use crate::loading::catalog::Catalog;
use crate::loading::difference::Before;
use crate::loading::disabled::Off;
use crate::loading::discover::{failed, incoming, skipped};
use crate::loading::extensions::Extensions;
use crate::loading::limits;
use crate::loading::loader::Loader;
use crate::loading::plan::{Plan, Wanted, plan};
use crate::loading::report::drop_skipped;
use crate::loading::state::{Group, LoadGuard, Loaded};
use crate::loading::{LoadOptions, LoadPolicy, LoadReport, PluginFactory, Settings, SkipReason};
use crate::registry::{
    Arrangement, Arrived, Change, ConfigNotes, Entry, Incoming, Overrides, Rebuilder, Registry, Timeouts,
    by_use,
};

/// A plugin that a load adds or replaces.
struct Addition {
    wanted: Wanted,
    incoming: Incoming,
}

impl Loader<'_> {
    /// Loads a configuration.
    pub(crate) async fn load(
        &self,
        config: &PluginConfig,
        options: LoadOptions,
    ) -> Result<LoadReport, Error> {
        let registry = self.registry();
        let guard = registry.begin_load()?;
        let old = Before::of(registry, still_loaded(registry));
        let loaded = &old.loaded;
        let catalog = Catalog::of(registry);
        let Plan { config, mut wanted, groups, missing, wrong, mut remarks, off, unmet } =
            plan(registry, &catalog, config, loaded);
        let notes = off.noted(&remarks);
        remarks.extend(off.remarks);
        let mut report = LoadReport { remarks, ..LoadReport::default() };
        let mut errors = Vec::new();
        let mut kept = Vec::new();

        let mut problems: Vec<ConfigProblem> = Vec::new();
        problems.extend(limits::wrong(registry, &config));
        let extensions = Extensions::of(&config);
        report.skipped.extend(off.plugins.iter().map(|(factory, _)| skipped(factory, SkipReason::Disabled)));
        if options.failing == LoadPolicy::Skip {
            let unmet: HashSet<_> = unmet.iter().map(|(plugin, _)| plugin).collect();
            wanted.retain(|id, _| !unmet.contains(id));
        }
        problems.extend(report.take_in(options.failing, unmet));
        problems.extend(report.take_in(options.missing, missing));
        let mut fail =
            |plugin: PluginId, path: Option<&str>, error, report: &mut LoadReport, problems: &mut Vec<_>| {
                if options.failing == LoadPolicy::Skip {
                    report.skipped.push(failed(plugin, path, error));
                } else if let Error::Config { source } = error {
                    problems.extend(source);
                } else {
                    errors.push(error);
                }
            };
        for (plugin, error) in wrong {
            fail(plugin, None, error, &mut report, &mut problems);
        }

        let removed: Vec<Loaded> =
            loaded.iter().filter(|old| !wanted.contains_key(&old.id)).cloned().collect();
        let order: HashMap<PluginId, usize> = wanted.keys().cloned().zip(0..).collect();
        let before: HashMap<&PluginId, &Loaded> = loaded.iter().map(|old| (&old.id, old)).collect();
        let mut additions: Vec<Addition> = Vec::new();
        for wanted in wanted.into_values() {
            let loaded = before.get(&wanted.id).copied();
            let Some(factory) = wanted.factory.clone() else {
                report.unchanged.push(wanted.id);
                continue;
            };
            if let Some(old) = loaded.filter(|old| old.section == wanted.section) {
                report.unchanged.push(wanted.id);
                kept.push(Loaded { discovered: wanted.discovered, ..old.clone() });
                continue;
            }
            let settings = Settings { id: &wanted.id, section: Some(&wanted.section) };
            match incoming(registry, &factory, &settings, loaded.map(|old| old.number)) {
                Ok(incoming) => {
                    problems.extend(extensions.wrong(&wanted.id, &incoming.points(), registry));
                    additions.push(Addition { wanted, incoming });
                }
                Err(error) => {
                    fail(wanted.id.clone(), factory.path(), error, &mut report, &mut problems);
                }
            }
        }
        let made: HashSet<&PluginId> = additions.iter().map(|addition| &addition.wanted.id).collect();
        for plugin in extensions.plugins().filter(|plugin| !made.contains(plugin)) {
            if let Some(points) = registry.extended_points(plugin) {
                problems.extend(extensions.wrong(plugin, &points, registry));
            }
        }
        if !problems.is_empty() {
            errors.insert(0, Error::Config { source: ConfigError::each_once(problems) });
        }
        if let Err(error) = Error::all(errors) {
            registry.drop_quietly(additions);
            drop_skipped(registry, report.skipped);
            return Err(error);
        }

        // From here on nothing fails for another reason.
        let mut panicked = None;
        let timeouts = limits::timeouts(registry, &config);
        let overrides = Arc::new(extensions.overrides());
        let load = Load { registry, guard: &guard, timeouts, overrides };
        let next = Next { order, groups, kept, config, notes };
        let outcome = load.bring_in(additions, &removed, next, options, &mut report, &mut panicked).await;
        if let Err(error) = outcome {
            if let Some(panic) = panicked {
                registry.report_drop(&panic);
            }
            drop_skipped(registry, report.skipped);
            return Err(error);
        }
        let is_gone = |id: &PluginId| !registry.loads().is_loaded(id);
        report.removed.extend(removed.into_iter().map(|old| old.id).filter(is_gone));
        report.remarks.extend(extensions.remarks(registry));
        old.compare(registry, &mut report);
        if panicked.is_some() {
            // The report does not reach the caller.
            drop_skipped(registry, std::mem::take(&mut report.skipped));
            drops::go_on(panicked);
        }
        Ok(report)
    }
}

impl LoadReport {
    /// Notes problems of plugins as skipped, if the policy allows that. Returns the others.
    fn take_in(&mut self, policy: LoadPolicy, found: Vec<(PluginId, ConfigProblem)>) -> Vec<ConfigProblem> {
        if policy != LoadPolicy::Skip {
            return found.into_iter().map(|(_, problem)| problem).collect();
        }
        let error = |problem: ConfigProblem| Error::Config { source: problem.into() };
        self.skipped.extend(found.into_iter().map(|(plugin, problem)| failed(plugin, None, error(problem))));
        Vec::new()
    }
}

impl Off {
    /// Returns what the manager notes of a configuration with these remarks.
    fn noted(&self, remarks: &[ConfigProblem]) -> ConfigNotes {
        ConfigNotes {
            turned_off: self.plugins.iter().map(|(factory, _)| factory.id().clone()).collect(),
            unknown: self.unknown.clone(),
            remarks: remarks.to_vec(),
        }
    }
}

/// A load whose plugins are made.
struct Load<'l> {
    registry: &'l Arc<Registry>,
    guard: &'l Arc<LoadGuard>,
    /// The time limits that the configuration decides on.
    timeouts: Option<Timeouts>,
    /// The options of extensions in the configuration.
    overrides: Arc<Overrides>,
}

impl Load<'_> {
    /// Removes `removed` and brings the additions in, all in one step or, if failures are skipped, one by one, each after
    /// those that it uses. A plugin that fails to change then stays loaded with its old settings.
    async fn bring_in(
        &self,
        additions: Vec<Addition>,
        removed: &[Loaded],
        mut next: Next,
        options: LoadOptions,
        report: &mut LoadReport,
        panicked: &mut Option<DropPanic>,
    ) -> Result<(), Error> {
        let leaving: Vec<u64> = removed.iter().map(|old| old.number).collect();
        if options.failing == LoadPolicy::Refuse {
            let arriving: HashSet<_> = additions.iter().map(|addition| addition.wanted.id.clone()).collect();
            let gone: HashSet<_> = removed.iter().map(|old| &old.id).collect();
            next.keep_members(|id| {
                arriving.contains(id) || !gone.contains(id) && self.registry.is_registered(id)
            });
            return self.change(additions, leaving, Some(next), report, panicked).await;
        }
        let mut staying = Vec::new();
        if let Err(error) = self.change(Vec::new(), leaving.clone(), None, report, panicked).await {
            let provides = |addition: &Addition| !addition.incoming.entry().known_services().is_empty();
            if !(matches!(error, Error::HasDependents { .. }) && additions.iter().any(provides)) {
                self.registry.drop_quietly(additions);
                return Err(error);
            }
            // A service that they provide may come with the additions.
            staying = leaving;
        }
        for addition in in_order_of_use(additions) {
            let (id, factory) = (addition.wanted.id.clone(), addition.wanted.factory.clone());
            let addition = self.renewed(addition);
            if let Err(error) = self.change(vec![addition], Vec::new(), None, report, panicked).await {
                let path = factory.as_ref().and_then(PluginFactory::path);
                report.skipped.push(failed(id, path, error));
            }
        }
        while !staying.is_empty() {
            let Err(error) = self.change(Vec::new(), staying.clone(), None, report, panicked).await else {
                break;
            };
            // One that is required stays as it is, and the others leave without it.
            let is_required = |old: &&Loaded| {
                matches!(error, Error::HasDependents { .. }) && error.plugin() == Some(&old.id)
            };
            let Some(required) = removed.iter().find(is_required) else { return Err(error) };
            staying.retain(|number| *number != required.number);
            report.skipped.push(failed(required.id.clone(), None, error));
        }
        next.keep_members(|id| self.registry.is_registered(id));
        self.change(Vec::new(), Vec::new(), Some(next), report, panicked).await
    }

    /// Returns an addition whose old plugin may have been made anew meanwhile, with another addition.
    fn renewed(&self, mut addition: Addition) -> Addition {
        if let Some(number) = &mut addition.incoming.replaces
            && let Some(now) = self.registry.entry(&addition.wanted.id).map(|entry| entry.number)
            && self.registry.loads().loaded_as(&addition.wanted.id, now).is_some()
        {
            *number = now;
        }
        addition
    }

    /// Removes the plugins with the numbers `leaving`, brings the additions in, and notes both.
    async fn change(
        &self,
        additions: Vec<Addition>,
        leaving: Vec<u64>,
        next: Option<Next>,
        report: &mut LoadReport,
        panicked: &mut Option<DropPanic>,
    ) -> Result<(), Error> {
        if leaving.is_empty() && additions.is_empty() && next.is_none() {
            return Ok(());
        }
        let (wanted, incoming): (Vec<_>, Vec<_>) =
            additions.into_iter().map(|addition| (addition.wanted, addition.incoming)).unzip();
        let ids: Vec<_> =
            incoming.iter().map(|each| (each.entry().id().clone(), each.replaces.is_some())).collect();
        let arrangement = next.as_ref().map(|next| {
            let loaded = still_loaded(self.registry).into_iter().map(|loaded| loaded.id);
            next.arrangement(loaded.chain(ids.iter().map(|(id, _)| id.clone())).collect())
        });
        let done = move |registry: &Arc<Registry>, arrived: &Arrived| {
            let numbers: HashMap<_, _> = arrived.iter().cloned().collect();
            registry.loads().note(wanted.into_iter().filter_map(|wanted| {
                let Wanted { id, section, discovered, .. } = wanted;
                Some(Loaded { number: *numbers.get(&id)?, id, section, discovered })
            }));
            if let Some(next) = next {
                next.note(registry);
            }
        };
        let change = Change {
            leaving,
            incoming,
            arrangement,
            timeouts: self.timeouts.clone(),
            overrides: Some(Arc::clone(&self.overrides)),
            done: Some(Box::new(done)),
            keep: Some(Box::new(Arc::clone(self.guard))),
        };
        let changed = self.registry.replace_all(change, panicked).await?;
        for (id, replaces) in ids {
            if replaces { &mut report.reconfigured } else { &mut report.added }.push(id);
        }
        report.rebuilt.extend(changed.rebuilt);
        report.restarted.extend(changed.restarted);
        report.stop_errors.extend(changed.stop_errors);
        Ok(())
    }
}

/// Returns the additions in an order in which they can start one after the other.
fn in_order_of_use(additions: Vec<Addition>) -> Vec<Addition> {
    let order = by_use(additions.iter().map(|addition| addition.incoming.entry()));
    let mut additions: Vec<_> = additions.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| additions[at].take()).collect()
}

/// The state of loads after a load.
struct Next {
    order: HashMap<PluginId, usize>,
    groups: Vec<Group>,
    kept: Vec<Loaded>,
    config: PluginConfig,
    notes: ConfigNotes,
}

impl Next {
    /// Keeps the members of groups that exist after the load.
    fn keep_members(&mut self, exists: impl Fn(&PluginId) -> bool) {
        for group in &mut self.groups {
            group.members.retain(|(_, id)| exists(id));
        }
    }

    /// Returns the order of the `loaded` plugins, and the groups.
    fn arrangement(&self, loaded: HashSet<PluginId>) -> Arrangement {
        let mut order: Vec<_> = loaded.into_iter().collect();
        order.sort_by_key(|id| self.order.get(id).copied());
        Arrangement { order, groups: Some(self.groups.iter().map(Group::plugins).collect()) }
    }

    /// Notes the state, once all plugins have arrived.
    fn note(self, registry: &Arc<Registry>) {
        registry.loads().note_kept(self.kept);
        let mut now = still_loaded(registry);
        now.sort_by_key(|loaded| self.order.get(&loaded.id).copied());
        registry.loads().set_loaded(now);
        registry.loads().set_groups(self.groups);
        limits::apply(registry, &self.config);
        registry.note_config(self.notes);
    }
}

/// Returns the loaded plugins that are still registered.
pub(super) fn still_loaded(registry: &Registry) -> Vec<Loaded> {
    let mut loaded = registry.loads().loaded();
    loaded.retain(|old| registry.entry(&old.id).is_some_and(|entry| entry.number == old.number));
    loaded
}

/// Makes plugins anew that a configuration names.
pub(super) struct Rebuilds;

impl Rebuilder for Rebuilds {
    fn rebuild(&self, registry: &Arc<Registry>, plugin: &Entry) -> Option<Result<Incoming, Error>> {
        let loaded = registry.loads().loaded_as(plugin.id(), plugin.number)?;
        let catalog = Catalog::of(registry);
        let factory = catalog.own_with_id(plugin.id()).next()?;
        let settings = Settings { id: plugin.id(), section: Some(&loaded.section) };
        Some(incoming(registry, factory, &settings, Some(plugin.number)))
    }

    fn rebuilt(&self, registry: &Arc<Registry>, arrived: &Arrived) {
        registry.loads().renumber(arrived);
    }
}
