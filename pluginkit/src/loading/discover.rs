//! Finding what is linked.

use std::any::Any;
use std::cell::LazyCell;
#[cfg(feature = "config")]
use std::collections::HashMap;
use std::collections::{BTreeSet, HashSet};
#[cfg(not(feature = "config"))]
use std::marker::PhantomData;
use std::sync::Arc;

use crate::base::drops::{self, DropPanic};
use crate::base::name::PluginId;
use crate::base::similar::Known;
use crate::error::Error;
use crate::loading::catalog::Catalog;
#[cfg(feature = "config")]
use crate::loading::extensions::{self, Extensions};
#[cfg(feature = "config")]
use crate::loading::limits;
use crate::loading::loader::Loader;
use crate::loading::options::{Choice, is_ambiguous};
use crate::loading::report::drop_skipped;
use crate::loading::state::LoadGuard;
use crate::loading::{Discovery, DiscoveryReport, PluginFactory, Settings, SkipReason, Skipped};
use crate::plugin::{NamePlace, UnboundName};
use crate::registry::{Arrangement, Arrived, Change, Incoming, Registry, by_use};
#[cfg(feature = "config")]
use crate::registry::{Done, Overrides, Timeouts};

#[cfg(feature = "config")]
use crate::{
    config::ConfigError, config::ConfigProblem, config::PluginConfig, config::Section,
    config::by_plugin::NamedConfig, loading::apply::still_loaded, loading::disabled,
    loading::disabled::TurnedOff, loading::resolve::Resolver, loading::state::Loaded,
};

impl Loader<'_> {
    /// Registers what is linked and asked for.
    pub(crate) async fn discover(&self, discovery: Discovery) -> Result<DiscoveryReport, Error> {
        let registry = self.registry();
        let guard = registry.begin_load()?;
        let catalog = Catalog::of(registry);
        let mut report = DiscoveryReport::default();
        let mut errors = Vec::new();
        #[cfg(feature = "config")]
        let discovery = {
            let mut told = Told::default();
            let discovery = named(registry, &catalog, discovery, &mut told);
            report.remarks = told.remarks;
            if discovery.ignore_errors {
                report.skipped.extend(told.problems.into_iter().map(skipped_for));
                report
                    .skipped
                    .extend(told.errors.into_iter().map(|(plugin, error)| failed(plugin, None, error)));
            } else {
                if !told.problems.is_empty() {
                    errors.push(Error::Config { source: ConfigError::each_once(told.problems) });
                }
                errors.extend(told.errors.into_iter().map(|(_, error)| error));
            }
            discovery
        };
        #[cfg(any(feature = "config", feature = "tracing"))]
        report.note_names(&catalog, &discovery);
        let making = Making::of(registry, &discovery);
        let incoming = making.found(&catalog, &mut report, &mut errors);
        if let Err(error) = Error::all(errors) {
            registry.drop_quietly(incoming);
            drop_skipped(registry, report.skipped);
            return Err(error);
        }
        let mut panicked = None;
        let mut bringing = Bringing {
            #[cfg(feature = "config")]
            overrides: making.overrides(),
            ..Bringing::new(registry, &discovery, guard)
        };
        let arrived = if discovery.ignore_errors {
            bringing.one_by_one(self, incoming, &mut report, &mut panicked).await
        } else {
            match registry.replace_all(bringing.change(incoming, true), &mut panicked).await {
                Ok(changed) => report.take_in(changed),
                Err(error) => {
                    if let Some(panic) = &panicked {
                        registry.report_drop(panic);
                    }
                    return Err(error);
                }
            }
        };
        report.registered = arrived.into_iter().map(|(id, _)| id).collect();
        report.unbound = absent(&catalog, &discovery);
        #[cfg(feature = "config")]
        report.remarks.extend(making.remarks());
        report.warn();
        registry.warn_unbound();
        if panicked.is_some() {
            // The report does not reach the caller.
            drop_skipped(registry, std::mem::take(&mut report.skipped));
            drops::go_on(panicked);
        }
        Ok(report)
    }
}

/// How a discovery makes plugins.
struct Making<'d> {
    registry: &'d Arc<Registry>,
    discovery: &'d Discovery,
    #[cfg(feature = "config")]
    extensions: Option<Extensions>,
}

impl<'d> Making<'d> {
    #[cfg(feature = "config")]
    fn of(registry: &'d Arc<Registry>, discovery: &'d Discovery) -> Self {
        let extensions = discovery.config.as_ref().map(Extensions::of);
        Self { registry, discovery, extensions }
    }

    #[cfg(not(feature = "config"))]
    fn of(registry: &'d Arc<Registry>, discovery: &'d Discovery) -> Self {
        Self { registry, discovery }
    }

    /// Makes a plugin, and checks the options that the configuration gives to its extensions.
    fn make(&self, factory: &PluginFactory) -> Result<Incoming, Error> {
        let made = make(self.registry, factory, self.discovery);
        #[cfg(feature = "config")]
        let made = made.and_then(|made| extensions::checked(self.registry, self.extensions.as_ref(), made));
        made
    }

    /// Makes the plugins that the discovery asks for. The report has those that it leaves out.
    fn found<'c>(
        &self,
        catalog: &'c Catalog<'_>,
        report: &mut DiscoveryReport,
        errors: &mut Vec<Error>,
    ) -> Vec<(&'c PluginFactory, Incoming)> {
        let Self { registry, discovery, .. } = self;
        let mut told = HashSet::new();
        let mut incoming: Vec<(&PluginFactory, Incoming)> = Vec::new();
        let mut made = HashSet::new();
        let limits = Limits::of(discovery, catalog);
        for factory in catalog.all() {
            let reason = why_not(registry, factory, &limits);
            let is_second = made.contains(factory.id());
            let reason = match (reason, catalog.ambiguity(factory)) {
                (None, Some(error)) if is_second || !discovery.ignore_errors => {
                    Err(SkipReason::Failed(error))
                }
                (None, _) => self.make(factory).map_err(SkipReason::Failed),
                (Some(reason), _) => Err(reason),
            };
            match reason {
                Ok(plugin) => {
                    made.insert(factory.id());
                    incoming.push((factory, plugin));
                }
                Err(SkipReason::Failed(error)) if !discovery.ignore_errors => {
                    // Both of two that have one id say so.
                    if told.insert(format!("{error:?}")) {
                        errors.push(error);
                    }
                }
                Err(reason) => report.skipped.push(skipped(factory, reason)),
            }
        }
        for (name, error) in ambiguous(catalog, discovery).chain(misspelled(catalog, discovery)) {
            if discovery.ignore_errors {
                let reason = SkipReason::Failed(error);
                report.skipped.push(Skipped { plugin: name, path: None, reason });
            } else {
                errors.push(error);
            }
        }
        incoming
    }

    /// Returns what may be a mistake in the options of extensions, once all plugins have come.
    #[cfg(feature = "config")]
    fn remarks(&self) -> Vec<ConfigProblem> {
        self.extensions.as_ref().map_or_else(Vec::new, |extensions| extensions.remarks(self.registry))
    }

    /// Returns the options of extensions that the configuration sets.
    #[cfg(feature = "config")]
    fn overrides(&self) -> Option<Arc<Overrides>> {
        Some(Arc::new(self.extensions.as_ref()?.overrides()))
    }
}

/// What is wrong with the configuration of a discovery, and what may be a mistake.
#[cfg(feature = "config")]
#[derive(Default)]
struct Told {
    problems: Vec<ConfigProblem>,
    errors: Vec<(PluginId, Error)>,
    remarks: Vec<ConfigProblem>,
}

/// Returns a discovery whose configuration names plugins by their ids. Tells of names of several plugins, of names that no
/// plugin has, of limits that the manager cannot keep, and of options at points that registered plugins do not extend.
#[cfg(feature = "config")]
fn named(registry: &Registry, catalog: &Catalog<'_>, mut discovery: Discovery, told: &mut Told) -> Discovery {
    let Some(config) = &discovery.config else { return discovery };
    let loaded = still_loaded(registry);
    let resolver = Resolver::new(registry, catalog, &loaded);
    let known = LazyCell::new(|| resolver.names());
    let NamedConfig { config, problems, remarks } =
        config.named_by(&|name, spelling| resolver.named(name, spelling));
    told.problems.extend(problems.into_iter().flatten());
    told.remarks.extend(remarks);
    told.errors.extend(resolver.contradictions());
    let off = disabled::off(&config, |name, at| resolver.resolve(name, at, &known), HashSet::new());
    told.problems.extend(off.missing.into_iter().map(|(_, problem)| problem));
    told.remarks.extend(off.remarks);
    told.problems.extend(limits::wrong(registry, &config));
    told.problems.extend(config.check_sections(resolver.known()).err().into_iter().flatten());
    told.problems.extend(resolver.unknown(&config));
    let extensions = Extensions::of(&config);
    for plugin in extensions.plugins() {
        let points = registry.extended_points(plugin);
        let wrong = points.into_iter().flat_map(|points| extensions.wrong(plugin, &points, registry));
        told.problems.extend(wrong);
    }
    discovery.config = Some(config);
    discovery
}

/// Returns the names of several plugins by which a discovery asks for one or leaves it out, each with its error.
fn ambiguous<'d>(
    catalog: &'d Catalog<'_>,
    discovery: &'d Discovery,
) -> impl Iterator<Item = (PluginId, Error)> + 'd {
    discovery.names().filter_map(|(_, name)| {
        let named = catalog.named(name);
        let candidates: BTreeSet<&PluginId> = named.iter().map(|factory| factory.id()).collect();
        let candidates = candidates.into_iter().cloned().collect();
        let error = is_ambiguous(&named).then(|| Error::AmbiguousName { plugin: name.clone(), candidates });
        error.map(|error| (name.clone(), error))
    })
}

/// Returns the excepted names that no linked plugin has: those that are close to the name of one, and the others.
fn excepted<'d>(catalog: &Catalog<'_>, discovery: &'d Discovery) -> (Vec<&'d PluginId>, Vec<&'d PluginId>) {
    let names = LazyCell::new(|| Known::new(catalog.offered().flat_map(names)));
    let unknown = discovery.except.iter().filter(|name| !catalog.knows(name));
    unknown.partition(|name| names.closest(name).is_some())
}

/// Returns the names that a discovery asks for and no linked plugin has, and those that it leaves out by a wrong name,
/// each with its error.
fn misspelled(catalog: &Catalog<'_>, discovery: &Discovery) -> Vec<(PluginId, Error)> {
    let ids = LazyCell::new(|| Known::new(catalog.offered().map(|factory| factory.id().as_str())));
    let wanted = discovery.only.iter().flatten().filter(|name| !catalog.knows(name));
    let error = |name: &PluginId| {
        let crate_name = name.split_once("::").map(|(name, _)| name);
        let is_linked = crate_name.is_some_and(|name| catalog.is_linked(name));
        (name.clone(), Error::not_linked(name, &ids, is_linked))
    };
    wanted.chain(excepted(catalog, discovery).0).map(error).collect()
}

/// Returns the names that a discovery leaves out, and that are far from all linked plugins: they may be plugins of
/// another program.
fn absent(catalog: &Catalog<'_>, discovery: &Discovery) -> Vec<UnboundName> {
    let absent = excepted(catalog, discovery).1.into_iter().cloned();
    absent.map(|name| UnboundName { name, place: NamePlace::Except, suggestion: None }).collect()
}

/// What the changes of a discovery share.
struct Bringing<'d> {
    guard: Arc<LoadGuard>,
    #[cfg(feature = "config")]
    config: Option<&'d PluginConfig>,
    /// The time limits that the configuration decides on.
    #[cfg(feature = "config")]
    timeouts: Option<Timeouts>,
    /// The options of extensions in the configuration.
    #[cfg(feature = "config")]
    overrides: Option<Arc<Overrides>>,
    #[cfg(not(feature = "config"))]
    discovery: PhantomData<&'d Discovery>,
}

impl<'d> Bringing<'d> {
    /// Brings the plugins in, each by itself and after those that it uses. The report has those that fail.
    async fn one_by_one(
        &mut self,
        loader: &Loader<'_>,
        incoming: Vec<(&PluginFactory, Incoming)>,
        report: &mut DiscoveryReport,
        panicked: &mut Option<DropPanic>,
    ) -> Arrived {
        let registry = loader.registry();
        #[cfg(feature = "config")]
        match registry.replace_all(self.change(Vec::new(), false), panicked).await {
            Ok(changed) => drop(report.take_in(changed)),
            Err(error) => {
                report.skipped.push(failed(plugin_of(&error), None, error));
                // The registered plugins cannot have these options: the others come without them.
                self.overrides = None;
            }
        }
        let order = by_use(incoming.iter().map(|(_, each)| each.entry()));
        let mut incoming: Vec<_> = incoming.into_iter().map(Some).collect();
        let mut arrived: Arrived = Vec::new();
        for (factory, each) in order.iter().filter_map(|&at| incoming[at].take()) {
            match registry.replace_all(self.change(vec![(factory, each)], false), panicked).await {
                Ok(one) => arrived.append(&mut report.take_in(one)),
                Err(error) => report.skipped.push(skipped(factory, SkipReason::Failed(error))),
            }
        }
        report.skipped.sort_by(|one, two| (&one.plugin, &one.path).cmp(&(&two.plugin, &two.path)));
        if !order.is_sorted() {
            arrived.sort();
            let order = arrived.iter().map(|(id, _)| id.clone()).collect();
            let arrangement = Some(Arrangement {
                order,
                #[cfg(feature = "config")]
                groups: None,
            });
            let change = Change { arrangement, ..Change::default() };
            match registry.replace_all(change, panicked).await {
                Ok(changed) => drop(report.take_in(changed)),
                Err(error) => report.skipped.push(failed(plugin_of(&error), None, error)),
            }
        }
        #[cfg(feature = "config")]
        if let Some(config) = self.config {
            limits::apply(registry, config);
        }
        arrived
    }

    #[cfg(feature = "config")]
    fn new(registry: &Registry, discovery: &'d Discovery, guard: Arc<LoadGuard>) -> Self {
        let config = discovery.config.as_ref();
        let timeouts = config.and_then(|config| limits::timeouts(registry, config));
        Self { guard, config, timeouts, overrides: None }
    }

    #[cfg(not(feature = "config"))]
    fn new(_: &Registry, _: &'d Discovery, guard: Arc<LoadGuard>) -> Self {
        Self { guard, discovery: PhantomData }
    }

    /// Returns the change that brings plugins in. With the last plugins, the limits of all are set.
    #[cfg(feature = "config")]
    fn change(&self, found: Vec<(&PluginFactory, Incoming)>, is_last: bool) -> Change {
        let (mut sections, mut incoming) = (HashMap::new(), Vec::new());
        for (factory, each) in found {
            let section = self.config.map(|config| section(factory, config));
            let own = || PluginConfig::default().section_found(&[factory.id()]);
            sections.insert(factory.id().clone(), section.unwrap_or_else(own));
            incoming.push(each);
        }
        let config = self.config.filter(|_| is_last).cloned();
        let done: Done = Box::new(move |registry, arrived| {
            registry.loads().note(arrived.iter().filter_map(|(id, number)| {
                let section = sections.remove(id)?;
                Some(Loaded { id: id.clone(), number: *number, section, discovered: true })
            }));
            if let Some(config) = &config {
                limits::apply(registry, config);
            }
        });
        let keep: Option<Box<dyn Any + Send>> = Some(Box::new(Arc::clone(&self.guard)));
        Change {
            incoming,
            timeouts: self.timeouts.clone(),
            overrides: self.overrides.clone(),
            done: Some(done),
            keep,
            ..Change::default()
        }
    }

    #[cfg(not(feature = "config"))]
    fn change(&self, found: Vec<(&PluginFactory, Incoming)>, _is_last: bool) -> Change {
        let incoming = found.into_iter().map(|(_, each)| each).collect();
        let keep: Option<Box<dyn Any + Send>> = Some(Box::new(Arc::clone(&self.guard)));
        Change { incoming, keep, ..Change::default() }
    }
}

/// Which plugins a discovery leaves out.
struct Limits<'d> {
    choice: Choice<'d>,
    #[cfg(feature = "config")]
    off: Option<TurnedOff>,
}

impl<'d> Limits<'d> {
    fn of(discovery: &'d Discovery, catalog: &'d Catalog<'_>) -> Self {
        Self {
            choice: discovery.choice(catalog),
            #[cfg(feature = "config")]
            off: discovery.config.as_ref().map(TurnedOff::of),
        }
    }
}

/// Returns the reason to leave a plugin out, if there is one.
fn why_not(registry: &Registry, factory: &PluginFactory, limits: &Limits<'_>) -> Option<SkipReason> {
    if let Some(project) = factory.project().filter(|_| !factory.is_of(registry.project())) {
        return Some(SkipReason::OtherProject(project.to_owned()));
    }
    if !limits.choice.wants(factory) {
        return Some(SkipReason::Filtered);
    }
    #[cfg(feature = "config")]
    if limits.off.as_ref().is_some_and(|off| off.has(factory)) {
        return Some(SkipReason::Disabled);
    }
    if registry.is_blocked(factory.id()) {
        return Some(SkipReason::Blocked);
    }
    if registry.is_registered(factory.id()) {
        return Some(SkipReason::AlreadyRegistered);
    }
    factory.is_left_to_hosts().then_some(SkipReason::LeftToHosts)
}

fn make(registry: &Registry, factory: &PluginFactory, discovery: &Discovery) -> Result<Incoming, Error> {
    #[cfg(feature = "config")]
    let section = discovery.config.as_ref().map(|config| section(factory, config));
    #[cfg(not(feature = "config"))]
    let _ = discovery;
    let settings = Settings {
        id: factory.id(),
        #[cfg(feature = "config")]
        section: section.as_ref(),
    };
    incoming(registry, factory, &settings, None)
}

/// Makes a plugin, ready to be registered.
pub(super) fn incoming(
    registry: &Registry,
    factory: &PluginFactory,
    settings: &Settings<'_>,
    replaces: Option<u64>,
) -> Result<Incoming, Error> {
    let made = factory.make(settings)?;
    let incoming = Incoming::new(registry.candidate(made.staged)?, replaces);
    #[cfg(feature = "config")]
    if let Some(section) = settings.section {
        drop(incoming.settings().insert(section.clone()));
    }
    if let Some(keep) = made.keep {
        keep.into_inner()(incoming.settings());
    }
    Ok(incoming)
}

/// Returns the plugin that an error of a change is about.
fn plugin_of(error: &Error) -> PluginId {
    let of_cycle = if let Error::OrderCycle { cycle, .. } = error { cycle.first() } else { None };
    error.plugin().or(of_cycle).cloned().unwrap_or_else(|| "".into())
}

/// Returns the entry of a report for a problem with the configuration of a plugin.
#[cfg(feature = "config")]
fn skipped_for(problem: ConfigProblem) -> Skipped {
    let plugin = problem.plugin().unwrap_or_default().into();
    failed(plugin, None, Error::Config { source: problem.into() })
}

/// Returns a plugin that is left out because it failed.
pub(super) fn failed(plugin: PluginId, path: Option<&str>, error: Error) -> Skipped {
    Skipped { plugin, path: path.map(str::to_owned), reason: SkipReason::Failed(error) }
}

pub(super) fn skipped(factory: &PluginFactory, reason: SkipReason) -> Skipped {
    Skipped { plugin: factory.id().clone(), path: factory.path().map(str::to_owned), reason }
}

/// Returns the names that a configuration may use for a plugin.
pub(super) fn names(factory: &PluginFactory) -> Vec<&str> {
    let aliases = factory.metadata().aliases.iter().map(PluginId::as_str);
    factory.path().into_iter().chain(aliases).chain([factory.id().as_str()]).collect()
}

/// Returns the settings of a plugin that no group names. The configuration names plugins by their ids.
#[cfg(feature = "config")]
pub(super) fn section(factory: &PluginFactory, config: &PluginConfig) -> Section {
    config.section_found(&[factory.id()])
}
