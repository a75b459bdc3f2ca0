//! Reports of discoveries and loads.

use std::fmt;

use crate::base::name::{PluginId, on_one_line};
use crate::error::Error;
use crate::registry::Registry;

/// A plugin that was not registered, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct Skipped {
    /// The id of the plugin or, if a reference matches no plugin, that reference.
    pub plugin: PluginId,
    /// The path of its type, if it has one.
    pub path: Option<String>,
    /// The reason.
    pub reason: SkipReason,
}

/// The reason why a plugin was not registered.
#[derive(Debug)]
#[non_exhaustive]
pub enum SkipReason {
    /// The plugin, or what it extends, belongs to this project, which is not the manager's.
    OtherProject(String),
    /// The options of the discovery exclude it.
    Filtered,
    /// The configuration turns it off.
    Disabled,
    /// Its name is blocked.
    Blocked,
    /// A plugin of its name is registered.
    AlreadyRegistered,
    /// It has neither a factory nor a project, so the host must register it.
    LeftToHosts,
    /// It failed.
    Failed(Error),
}

impl Skipped {
    /// Returns the error, if it failed.
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
            Self::Filtered => f.write_str("it was not asked for"),
            Self::Disabled => f.write_str("the configuration turns it off"),
            Self::Blocked => f.write_str("its name is blocked"),
            Self::AlreadyRegistered => f.write_str("a plugin of its name is registered"),
            Self::LeftToHosts => f.write_str(
                "nothing says how it is made: derive `Default`, name a function with `#[plugin(build = path)]`, or register it by hand",
            ),
            // With its causes.
            Self::Failed(error) => write!(f, "{error:?}"),
        }
    }
}

/// The result of a discovery.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct DiscoveryReport {
    pub(crate) registered: Vec<PluginId>,
    pub(crate) skipped: Vec<Skipped>,
}

impl DiscoveryReport {
    /// Returns the registered plugins, in order.
    pub fn registered(&self) -> &[PluginId] {
        &self.registered
    }

    /// Returns the linked plugins that were not registered, in order.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
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
        self.skipped.iter().try_for_each(|skipped| writeln!(f, "skipped {skipped}"))
    }
}

/// The result of loading a configuration.
#[cfg(feature = "config")]
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct LoadReport {
    pub(crate) added: Vec<PluginId>,
    pub(crate) removed: Vec<PluginId>,
    pub(crate) reconfigured: Vec<PluginId>,
    pub(crate) moved: Vec<PluginId>,
    pub(crate) regrouped: Vec<String>,
    pub(crate) unchanged: Vec<PluginId>,
    pub(crate) skipped: Vec<Skipped>,
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

    /// Returns the plugins that were made again, because their settings changed.
    pub fn reconfigured(&self) -> &[PluginId] {
        &self.reconfigured
    }

    /// Returns the plugins that moved: a smallest set whose moves explain the new order. They may be
    /// [unchanged](Self::unchanged) or [reconfigured](Self::reconfigured).
    pub fn moved(&self) -> &[PluginId] {
        &self.moved
    }

    /// Returns the groups whose plugins have another order, and those that a plugin has joined or left. Plugins that were
    /// added or removed do not count.
    pub fn regrouped(&self) -> &[String] {
        &self.regrouped
    }

    /// Returns the plugins that were left as they are, except perhaps for their place.
    pub fn unchanged(&self) -> &[PluginId] {
        &self.unchanged
    }

    /// Returns the plugins that were left out, if the policy allows that.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Returns whether nothing was added, removed, made again, moved or regrouped.
    pub fn is_unchanged(&self) -> bool {
        let Self { added, removed, reconfigured, moved, regrouped, .. } = self;
        regrouped.is_empty() && [added, removed, reconfigured, moved].into_iter().all(Vec::is_empty)
    }
}

#[cfg(feature = "config")]
impl fmt::Display for LoadReport {
    /// Writes a line for each plugin that changed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { added, removed, reconfigured, moved, .. } = self;
        let done = [("added", added), ("removed", removed), ("reconfigured", reconfigured), ("moved", moved)];
        for (what, ids) in done {
            ids.iter().try_for_each(|id| writeln!(f, "{what} `{id}`"))?;
        }
        self.regrouped.iter().try_for_each(|group| writeln!(f, "regrouped `{}`", on_one_line(group)))?;
        self.skipped.iter().try_for_each(|skipped| writeln!(f, "skipped {skipped}"))
    }
}
