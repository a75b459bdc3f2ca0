//! Reports of discoveries and loads.

use std::fmt;

use crate::base::name::{PluginId, on_one_line};
#[cfg(feature = "config")]
use crate::config::{ConfigProblem, ProblemKind};
use crate::error::Error;
#[cfg(any(feature = "config", feature = "tracing"))]
use crate::loading::{Discovery, catalog::Catalog};
use crate::plugin::UnboundName;
use crate::registry::{Arrived, Changed, Registry};

/// A plugin that was not registered, and the reason.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Skipped {
    /// The id of the plugin or, if a reference matches no plugin, that reference.
    pub plugin: PluginId,
    /// The path of the plugin's type, if there is one.
    pub path: Option<String>,
    /// The reason.
    pub reason: SkipReason,
}

/// The reason why a plugin was not registered.
#[derive(Debug)]
#[non_exhaustive]
pub enum SkipReason {
    /// The plugin, or the points that it extends, belong to this project, and the manager belongs to another project.
    OtherProject(String),
    /// The options of the discovery exclude the plugin.
    Filtered,
    /// The configuration turns the plugin off.
    Disabled,
    /// The name of the plugin is blocked.
    Blocked,
    /// A plugin of the same name is registered.
    AlreadyRegistered,
    /// The plugin has neither a factory nor a project, so the host must register it.
    LeftToHosts,
    /// The plugin failed.
    Failed(Error),
}

#[cfg(feature = "serde")]
impl serde::Serialize for SkipReason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        enum Shape<'r> {
            OtherProject { project: &'r str },
            Filtered,
            Disabled,
            Blocked,
            AlreadyRegistered,
            LeftToHosts,
            Failed { error: &'r Error },
        }
        let shape = match self {
            Self::OtherProject(project) => Shape::OtherProject { project },
            Self::Filtered => Shape::Filtered,
            Self::Disabled => Shape::Disabled,
            Self::Blocked => Shape::Blocked,
            Self::AlreadyRegistered => Shape::AlreadyRegistered,
            Self::LeftToHosts => Shape::LeftToHosts,
            Self::Failed(error) => Shape::Failed { error },
        };
        shape.serialize(serializer)
    }
}

/// Writes plugins, each with the plugin because of which something happened to it.
#[cfg(feature = "serde")]
fn serialize_causes<S: serde::Serializer>(
    plugins: &[(PluginId, PluginId)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(serde::Serialize)]
    struct Shape<'p> {
        plugin: &'p PluginId,
        because_of: &'p PluginId,
    }
    let shapes = plugins.iter().map(|(plugin, because_of)| Shape { plugin, because_of });
    serializer.collect_seq(shapes)
}

impl Skipped {
    /// Returns the error, if the plugin failed.
    pub fn error(&self) -> Option<&Error> {
        match &self.reason {
            SkipReason::Failed(error) => Some(error),
            _ => None,
        }
    }
}

/// Drops what a report has skipped, if the report does not reach the caller, one error at a time. Observers are told of
/// destructors that panic.
pub(super) fn drop_skipped(registry: &Registry, skipped: Vec<Skipped>) {
    for Skipped { reason, .. } in skipped {
        match reason {
            SkipReason::Failed(Error::Several { errors }) => {
                for error in errors {
                    registry.drop_quietly(error);
                }
            }
            reason => registry.drop_quietly(reason),
        }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugin `{}`", self.plugin)?;
        if let Some(path) = &self.path {
            write!(f, " ({path})")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherProject(project) => write!(f, "it is of the project `{}`", on_one_line(project)),
            Self::Filtered => f.write_str("the discovery leaves it out, by `only`, `except` or a filter"),
            Self::Disabled => f.write_str("the configuration turns it off"),
            Self::Blocked => f.write_str("its name is blocked"),
            Self::AlreadyRegistered => f.write_str("a plugin of its name is registered"),
            Self::LeftToHosts => f.write_str(
                "nothing says how it is made: derive `Default`, name a function with `#[plugin(build = path)]`, or register it by hand; with a `project`, of its own or of its points, this is an error",
            ),
            // With its causes.
            Self::Failed(error) => write!(f, "{error:?}"),
        }
    }
}

/// The result of a discovery.
#[derive(Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DiscoveryReport {
    pub(crate) registered: Vec<PluginId>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) unbound: Vec<UnboundName>,
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize_causes"))]
    pub(crate) restarted: Vec<(PluginId, PluginId)>,
    pub(crate) stop_errors: Vec<Error>,
    #[cfg(feature = "config")]
    pub(crate) remarks: Vec<ConfigProblem>,
}

impl DiscoveryReport {
    /// Adds the outcome of a change, and returns the plugins that arrived.
    pub(super) fn take_in(&mut self, changed: Changed) -> Arrived {
        self.restarted.extend(changed.restarted);
        self.stop_errors.extend(changed.stop_errors);
        changed.arrived
    }

    /// Notes the names in `only` and `except` that are the id of one plugin and an alias of others.
    #[cfg(any(feature = "config", feature = "tracing"))]
    #[cfg_attr(not(feature = "config"), expect(clippy::unused_self, reason = "the names are told to a log"))]
    pub(super) fn note_names(&mut self, catalog: &Catalog<'_>, discovery: &Discovery) {
        for (option, name) in discovery.names() {
            let is_id = catalog.own_with_id(name).next().is_some();
            let Some(other) = catalog.also_named(name).next().filter(|_| is_id) else { continue };
            let message = format!(
                "`{option}` names `{name}`, which is the id of a plugin and an alias of `{}`; it means the plugin with the id; write `{}` if that is meant",
                other.id(),
                other.id(),
            );
            #[cfg(feature = "config")]
            self.remarks.push(ConfigProblem::nowhere(ProblemKind::Ambiguous, message).of_plugin(name));
            #[cfg(not(feature = "config"))]
            tracing::warn!(name = %name, "{message}");
        }
    }

    /// Tells a log what failed after the step, and what may be a mistake: names that bind nothing, and a discovery that
    /// found nothing.
    #[cfg_attr(not(feature = "tracing"), expect(clippy::unused_self, reason = "there is no log"))]
    pub(crate) fn warn(&self) {
        #[cfg(feature = "tracing")]
        {
            warn_of_stops(&self.stop_errors);
            #[cfg(feature = "config")]
            warn_of_remarks(&self.remarks);
            self.unbound.iter().for_each(crate::registry::unbound::warn);
            let is_there = |skipped: &Skipped| matches!(skipped.reason, SkipReason::AlreadyRegistered);
            if self.registered.is_empty() && !self.skipped.iter().any(is_there) {
                let skipped: Vec<_> = self.skipped.iter().map(ToString::to_string).collect();
                let help = "a crate of plugins is linked if the program names it: `use its_crate as _;`";
                tracing::warn!(skipped = skipped.join("; "), help, "a discovery found no plugin to register");
            }
        }
    }

    /// Returns the names that bind nothing: those of [`except`](super::Discovery::except) that no linked plugin has.
    pub fn unbound(&self) -> &[UnboundName] {
        &self.unbound
    }

    /// Returns the registered plugins, in order.
    pub fn registered(&self) -> &[PluginId] {
        &self.registered
    }

    /// Returns the linked plugins that were not registered, in order.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Returns the new plugins that were stopped and started again because another operation has replaced a plugin that
    /// they use, each with that plugin.
    pub fn restarted(&self) -> &[(PluginId, PluginId)] {
        &self.restarted
    }

    /// Returns the errors of plugins that failed after they were registered: as they stopped, because another operation
    /// had asked for that meanwhile, or as they started again.
    pub fn stop_errors(&self) -> &[Error] {
        &self.stop_errors
    }

    /// Returns what may be a mistake: names that several plugins have, and, in the configuration, names in `before`,
    /// `after` and `disabled` that have no effect, because nothing has that name.
    #[cfg(feature = "config")]
    pub fn remarks(&self) -> &[ConfigProblem] {
        &self.remarks
    }

    /// Returns the errors of the plugins that failed.
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.skipped.iter().filter_map(Skipped::error)
    }
}

impl fmt::Display for DiscoveryReport {
    /// Writes a line for each plugin.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for id in &self.registered {
            writeln!(f, "registered `{id}`")?;
        }
        write_causes(f, "restarted", &self.restarted)?;
        self.stop_errors.iter().try_for_each(|error| writeln!(f, "failed to stop: {error:?}"))?;
        self.skipped.iter().try_for_each(|skipped| writeln!(f, "skipped {skipped}"))?;
        #[cfg(feature = "config")]
        self.remarks.iter().try_for_each(|remark| writeln!(f, "{remark}"))?;
        self.unbound.iter().try_for_each(|unbound| writeln!(f, "{unbound}"))
    }
}

/// Writes a line for each plugin to which something happened because of another.
fn write_causes(f: &mut fmt::Formatter<'_>, what: &str, plugins: &[(PluginId, PluginId)]) -> fmt::Result {
    plugins.iter().try_for_each(|(id, because)| writeln!(f, "{what} `{id}`, because it uses `{because}`"))
}

/// Tells a log the errors of plugins after a step.
#[cfg(feature = "tracing")]
fn warn_of_stops(errors: &[Error]) {
    for error in errors {
        tracing::warn!(plugin = error.plugin().map(PluginId::as_str), "{error:?}");
    }
}

/// Tells a log what may be a mistake in a configuration.
#[cfg(all(feature = "tracing", feature = "config"))]
fn warn_of_remarks(remarks: &[ConfigProblem]) {
    for remark in remarks {
        tracing::warn!(plugin = remark.plugin(), "{remark}");
    }
}

/// The result of loading a configuration.
#[cfg(feature = "config")]
#[derive(Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LoadReport {
    pub(crate) added: Vec<PluginId>,
    pub(crate) removed: Vec<PluginId>,
    pub(crate) reconfigured: Vec<PluginId>,
    pub(crate) moved: Vec<PluginId>,
    pub(crate) regrouped: Vec<String>,
    pub(crate) limited: Vec<PluginId>,
    pub(crate) overridden: Vec<PluginId>,
    pub(crate) unchanged: Vec<PluginId>,
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize_causes"))]
    pub(crate) rebuilt: Vec<(PluginId, PluginId)>,
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize_causes"))]
    pub(crate) restarted: Vec<(PluginId, PluginId)>,
    pub(crate) stop_errors: Vec<Error>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) remarks: Vec<ConfigProblem>,
}

#[cfg(feature = "config")]
impl LoadReport {
    /// Returns the new plugins, in order.
    pub fn added(&self) -> &[PluginId] {
        &self.added
    }

    /// Returns the plugins that were stopped and unregistered, because the configuration no longer has them.
    pub fn removed(&self) -> &[PluginId] {
        &self.removed
    }

    /// Returns the plugins that were built again, because their settings changed.
    pub fn reconfigured(&self) -> &[PluginId] {
        &self.reconfigured
    }

    /// Returns the plugins that moved. The list is as short as possible: moving only these plugins gives the new order.
    /// A moved plugin may be [unchanged](Self::unchanged) or [reconfigured](Self::reconfigured).
    pub fn moved(&self) -> &[PluginId] {
        &self.moved
    }

    /// Returns the groups that have another order or other members than before. A plugin that was [added](Self::added)
    /// to the manager or [removed](Self::removed) from it does not count.
    pub fn regrouped(&self) -> &[String] {
        &self.regrouped
    }

    /// Returns the plugins whose [limits](crate::guide::limits) in the configuration changed, by id. The plugins stay as
    /// they are.
    pub fn limited(&self) -> &[PluginId] {
        &self.limited
    }

    /// Returns the plugins whose [options of extensions](crate::guide::loading#options-of-extensions) in the configuration
    /// changed, by id. The plugins stay as they are; their extensions have other places or limits in calls.
    pub fn overridden(&self) -> &[PluginId] {
        &self.overridden
    }

    /// Returns the plugins that were kept. A kept plugin may have moved.
    pub fn unchanged(&self) -> &[PluginId] {
        &self.unchanged
    }

    /// Returns the plugins that were built again because they use another plugin that changed, each with that plugin.
    pub fn rebuilt(&self) -> &[(PluginId, PluginId)] {
        &self.rebuilt
    }

    /// Returns the plugins that were stopped and started again because they use another plugin that changed, each with
    /// that plugin. The host made them, or they are [exclusive](field@crate::metadata::PluginMetadata::exclusive).
    pub fn restarted(&self) -> &[(PluginId, PluginId)] {
        &self.restarted
    }

    /// Returns the errors of plugins after the step of the load: of plugins that left with it, as they stopped, and of plugins
    /// that other operations had asked to stop or to start meanwhile.
    pub fn stop_errors(&self) -> &[Error] {
        &self.stop_errors
    }

    /// Returns the plugins that were left out: those that the configuration [turns off](SkipReason::Disabled), and those
    /// that are missing or fail, if the policy allows that.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Returns what may be a mistake in the configuration: names in `before`, `after` and `disabled` that have no
    /// effect, because nothing has that name, plugins that one source has twice in a group, and names that several
    /// plugins have, of which one comes first.
    pub fn remarks(&self) -> &[ConfigProblem] {
        &self.remarks
    }

    /// Tells a log what failed after the step, and what may be a mistake.
    #[cfg_attr(not(feature = "tracing"), expect(clippy::unused_self, reason = "there is no log"))]
    pub(crate) fn warn(&self) {
        #[cfg(feature = "tracing")]
        {
            warn_of_stops(&self.stop_errors);
            warn_of_remarks(&self.remarks);
        }
    }

    /// Returns whether no plugin was added, removed, built again, moved or regrouped, and no options of extensions
    /// changed. Limits may have changed.
    pub fn is_unchanged(&self) -> bool {
        let Self { added, removed, reconfigured, moved, regrouped, overridden, .. } = self;
        regrouped.is_empty()
            && [added, removed, reconfigured, moved, overridden].into_iter().all(Vec::is_empty)
    }
}

#[cfg(feature = "config")]
impl fmt::Display for LoadReport {
    /// Writes a line for each plugin that changed, or that nothing did.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_unchanged() && self.limited.is_empty() {
            f.write_str("no plugin changed\n")?;
        }
        let Self { added, removed, reconfigured, moved, .. } = self;
        let done = [("added", added), ("removed", removed), ("reconfigured", reconfigured), ("moved", moved)];
        for (what, ids) in done {
            ids.iter().try_for_each(|id| writeln!(f, "{what} `{id}`"))?;
        }
        write_causes(f, "rebuilt", &self.rebuilt)?;
        write_causes(f, "restarted", &self.restarted)?;
        self.stop_errors.iter().try_for_each(|error| writeln!(f, "failed to stop: {error:?}"))?;
        self.regrouped.iter().try_for_each(|group| writeln!(f, "regrouped `{}`", on_one_line(group)))?;
        self.limited.iter().try_for_each(|id| writeln!(f, "changed the limits of `{id}`"))?;
        self.overridden.iter().try_for_each(|id| writeln!(f, "changed the options of `{id}`"))?;
        self.skipped.iter().try_for_each(|skipped| writeln!(f, "skipped {skipped}"))?;
        self.remarks.iter().try_for_each(|remark| writeln!(f, "{remark}"))
    }
}
