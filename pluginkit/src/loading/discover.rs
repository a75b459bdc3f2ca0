//! Finding what is linked.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::sync::Arc;

use crate::base::drops;
use crate::base::name::PluginId;
use crate::base::similar::Known;
use crate::error::Error;
use crate::loading::catalog::Catalog;
#[cfg(feature = "config")]
use crate::loading::extensions::{self, Extensions};
#[cfg(feature = "config")]
use crate::loading::limits;
use crate::loading::loader::Loader;
use crate::loading::options::Choice;
use crate::loading::report::drop_skipped;
use crate::loading::{Discovery, DiscoveryReport, PluginFactory, Settings, SkipReason, Skipped};
use crate::plugin::{NamePlace, UnboundName};
use crate::registry::{Change, Incoming, Registry};

#[cfg(feature = "config")]
use crate::{
    config::PluginConfig, config::Section, loading::disabled::TurnedOff, loading::resolve::Resolver,
    loading::state::Loaded,
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
        let discovery = named(registry, &catalog, discovery, &mut errors);
        let mut told = HashSet::new();
        let mut incoming: Vec<(&PluginFactory, Incoming)> = Vec::new();
        let mut made = HashSet::new();
        let limits = Limits::of(&discovery);
        #[cfg(feature = "config")]
        let extensions = discovery.config.as_ref().map(|config| Extensions::of(registry, &catalog, config));
        for factory in catalog.all() {
            let reason = why_not(registry, factory, &limits);
            let is_second = made.contains(factory.id());
            let reason = match (reason, catalog.ambiguity(factory)) {
                (None, Some(error)) if is_second || !discovery.ignore_errors => {
                    Err(SkipReason::Failed(error))
                }
                (None, _) => {
                    let made = make(registry, factory, &discovery);
                    #[cfg(feature = "config")]
                    let made = made.and_then(|made| extensions::checked(registry, extensions.as_ref(), made));
                    made.map_err(SkipReason::Failed)
                }
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
        for (name, error) in misspelled(&catalog, &discovery) {
            if discovery.ignore_errors {
                let reason = SkipReason::Failed(error);
                report.skipped.push(Skipped { plugin: name, path: None, reason });
            } else {
                errors.push(error);
            }
        }
        if let Err(error) = Error::all(errors) {
            registry.drop_quietly(incoming);
            drop_skipped(registry, report.skipped);
            return Err(error);
        }
        let mut panicked = None;
        #[cfg(feature = "config")]
        let overrides = extensions
            .as_ref()
            .map(|extensions| Arc::new(extensions.overrides(&Resolver::new(registry, &catalog, &[]))));
        let bring = |incoming| Change {
            incoming,
            #[cfg(feature = "config")]
            overrides: overrides.clone(),
            keep: Some(Box::new(Arc::clone(&guard))),
            ..Change::default()
        };
        let arrived = if discovery.ignore_errors {
            let mut arrived = Vec::new();
            if let Err(error) = self.registry().replace_all(bring(Vec::new()), &mut panicked).await {
                let plugin = error.plugin().cloned().unwrap_or_else(|| "".into());
                report.skipped.push(Skipped { plugin, path: None, reason: SkipReason::Failed(error) });
            }
            for (factory, each) in incoming {
                match self.registry().replace_all(bring(vec![each]), &mut panicked).await {
                    Ok(mut one) => arrived.append(&mut one.arrived),
                    Err(error) => report.skipped.push(skipped(factory, SkipReason::Failed(error))),
                }
            }
            report.skipped.sort_by(|one, two| (&one.plugin, &one.path).cmp(&(&two.plugin, &two.path)));
            arrived
        } else {
            let incoming = incoming.into_iter().map(|(_, each)| each).collect();
            match self.registry().replace_all(bring(incoming), &mut panicked).await {
                Ok(changed) => changed.arrived,
                Err(error) => {
                    if let Some(panic) = &panicked {
                        registry.report_drop(panic);
                    }
                    return Err(error);
                }
            }
        };
        #[cfg(feature = "config")]
        {
            registry.loads().note(arrived.iter().map(|(id, number)| {
                let factory = catalog.own_with_id(id).next();
                let section = match (factory, &discovery.config) {
                    (Some(factory), Some(config)) => section(factory, config),
                    _ => PluginConfig::default().section_found(&[id]),
                };
                Loaded { id: id.clone(), number: *number, section, discovered: true }
            }));
            if let Some(config) = &discovery.config {
                limits::apply(registry, &catalog, config);
            }
        }
        report.registered = arrived.into_iter().map(|(id, _)| id).collect();
        report.unbound = absent(&catalog, &discovery);
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

/// Returns a discovery whose configuration names plugins by their ids.
#[cfg(feature = "config")]
fn named(
    registry: &Registry,
    catalog: &Catalog<'_>,
    mut discovery: Discovery,
    errors: &mut Vec<Error>,
) -> Discovery {
    let Some(config) = &discovery.config else { return discovery };
    let resolver = Resolver::new(registry, catalog, &[]);
    let (config, problems) = config.named_by(&|name| resolver.id_of(name));
    errors.extend(problems.map(Error::from));
    discovery.config = Some(config);
    discovery
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

/// Which plugins a discovery leaves out.
struct Limits<'d> {
    choice: Choice<'d>,
    #[cfg(feature = "config")]
    off: Option<TurnedOff>,
}

impl<'d> Limits<'d> {
    fn of(discovery: &'d Discovery) -> Self {
        Self {
            choice: discovery.choice(),
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
    let incoming = Incoming { candidate: registry.candidate(made.staged)?, replaces };
    #[cfg(feature = "config")]
    if let Some(section) = settings.section {
        drop(incoming.settings().insert(section.clone()));
    }
    if let Some(keep) = made.keep {
        keep.into_inner()(incoming.settings());
    }
    Ok(incoming)
}

pub(super) fn skipped(factory: &PluginFactory, reason: SkipReason) -> Skipped {
    Skipped { plugin: factory.id().clone(), path: factory.path().map(str::to_owned), reason }
}

/// Returns the names that a configuration may use for a plugin.
///
/// The id is the last, and wins over the others.
pub(super) fn names(factory: &PluginFactory) -> Vec<&str> {
    let aliases = factory.metadata().aliases.iter().map(PluginId::as_str);
    factory.path().into_iter().chain(aliases).chain([factory.id().as_str()]).collect()
}

/// Returns the settings of a plugin that no group names.
#[cfg(feature = "config")]
pub(super) fn section(factory: &PluginFactory, config: &PluginConfig) -> Section {
    config.section_found(&names(factory))
}
