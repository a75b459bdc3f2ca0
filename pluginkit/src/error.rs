//! [`Error`]: what registration and the managers refuse, and why.
#![forbid(unsafe_code)]

use std::error::Error as _;
use std::fmt;

use crate::dependency::DependencyProblem;
use crate::lifecycle::{Cause, Phase};
use crate::name::PluginId;
use crate::plugin::{MetadataField, PluginState};
use crate::point::PointInfo;
use crate::registry::BoxError;

/// What a manager refused, what it expected, and what to do.
///
/// [`kind`](Self::kind) sorts errors by the step they belong to; [`plugin`](Self::plugin) and
/// [`extension_point`](Self::extension_point) say what they are about. Its `Debug` form is its message
/// and those of its sources, so that a `main` that returns it tells what to do.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The plugin has an empty name.
    #[error("a plugin of type `{type_name}` has an empty name; register it under one with `register_as`")]
    #[non_exhaustive]
    EmptyName {
        /// The plugin's type.
        type_name: String,
    },

    /// A plugin is registered under that name.
    #[error(
        "a plugin named `{plugin}` is registered already; unregister it first, or choose another name with `register_as`"
    )]
    #[non_exhaustive]
    NameTaken {
        /// The name.
        plugin: PluginId,
    },

    /// The very same `Arc` is registered.
    #[error(
        "this plugin is registered already, as `{registered}`, and cannot be registered again as `{plugin}`; register another value of its type"
    )]
    #[non_exhaustive]
    AlreadyRegistered {
        /// The name it was to get.
        plugin: PluginId,
        /// The name it has.
        registered: PluginId,
    },

    /// The name is blocked.
    #[error("the plugin name `{plugin}` is blocked; `unblock` it first")]
    #[non_exhaustive]
    Blocked {
        /// The name.
        plugin: PluginId,
    },

    /// What a plugin says of itself is wrong.
    #[error("plugin `{plugin}` declares the {field} `{value}`, which is none: {reason}")]
    #[non_exhaustive]
    InvalidMetadata {
        /// The plugin.
        plugin: PluginId,
        /// What is wrong.
        field: MetadataField,
        /// What it says.
        value: Box<str>,
        /// Why it is wrong.
        reason: Box<str>,
    },

    /// The plugin belongs to another project.
    #[error(
        "plugin `{plugin}` belongs to the project `{found}`, but this manager is of the project `{expected}`; register it with a manager of its own project"
    )]
    #[non_exhaustive]
    PluginOfAnotherProject {
        /// The plugin.
        plugin: PluginId,
        /// The project of the plugin.
        found: Box<str>,
        /// The project of the manager.
        expected: Box<str>,
    },

    /// The plugin extends nothing that can be found.
    #[error(
        "plugin `{plugin}` has no extension: write `#[extension] impl Specs for {type_name}`; if it has one and is generic, name its specs: `pm.plugin(value).extends(Specs).register()`"
    )]
    #[non_exhaustive]
    NoExtensions {
        /// The plugin.
        plugin: PluginId,
        /// Its type.
        type_name: String,
    },

    /// The plugin extends a point the manager does not have.
    #[error(
        "plugin `{plugin}` extends `{point}`, but this manager has no `{}`: call `add_extension_points({})` first, or mark the extension `#[extension(optional)]`",
        .point.specs, .point.specs
    )]
    #[non_exhaustive]
    UnknownSpecs {
        /// The plugin.
        plugin: PluginId,
        /// The point it extends.
        point: &'static PointInfo,
    },

    /// The specs belong to another project.
    #[error(
        "the specs `{specs}` belong to the project `{found}`, but this manager is of the project `{expected}`; add them to a manager of their own project"
    )]
    #[non_exhaustive]
    WrongProject {
        /// The specs.
        specs: &'static str,
        /// The project of the specs.
        found: &'static str,
        /// The project of the manager.
        expected: String,
    },

    /// A sync manager cannot await.
    #[error(
        "plugin `{plugin}` implements `{point}` with an `async fn`, which a sync manager cannot await: use an `AsyncPluginManager`, or give this manager a runtime with `PluginManager::builder(…).block_on(…)`"
    )]
    #[non_exhaustive]
    AsyncExtension {
        /// The plugin.
        plugin: PluginId,
        /// The point it extends.
        point: &'static PointInfo,
    },

    /// An extension asks for the blocking pool, where it cannot go.
    #[error(
        "plugin `{plugin}` asks to run its extension of `{point}` on the blocking pool, {}",
        if cfg!(feature = "tokio") {
            "but the arguments or the result cannot go there: they must be, or have an owned form that is, `Send + 'static`; remove `blocking`, or let the point take such types"
        } else {
            "which needs the feature `tokio` of pluginkit: turn it on, or remove `blocking`"
        }
    )]
    #[non_exhaustive]
    CannotOffload {
        /// The plugin.
        plugin: PluginId,
        /// The point it extends.
        point: &'static PointInfo,
    },

    /// A wrapper is of the other kind than the manager.
    #[error(
        "plugin `{plugin}` wraps `{point}` with {}",
        if *.is_async {
            "an `async fn`, which a sync manager cannot await: write a `fn`, or use an `AsyncPluginManager`"
        } else {
            "a `fn`, which cannot await the rest of an async call: write an `async fn` that awaits `next.run(…)`, or use a `PluginManager`"
        }
    )]
    #[non_exhaustive]
    WrapperKind {
        /// The plugin.
        plugin: PluginId,
        /// The point it wraps.
        point: &'static PointInfo,
        /// Whether the wrapper is an `async fn`.
        is_async: bool,
    },

    /// `before` and `after` contradict each other.
    #[error(
        "the order of `{point}` is impossible: {} must each run before the next; drop one of their `before` or `after`",
        .cycle.iter().map(|plugin| format!("`{plugin}`")).collect::<Vec<_>>().join(" -> ")
    )]
    #[non_exhaustive]
    OrderCycle {
        /// The point whose extensions cannot be ordered.
        point: &'static PointInfo,
        /// The plugins, in the order they demand, the first again at the end.
        cycle: Vec<PluginId>,
    },

    /// The manager has not got the specs of the point.
    #[error("this manager has no extension point `{point}`: call `add_extension_points({})` first", .point.specs)]
    #[non_exhaustive]
    UnknownExtensionPoint {
        /// The point.
        point: &'static PointInfo,
    },

    /// No plugin has that name.
    #[error("no plugin is named `{plugin}`; registered are: {}", list(.registered))]
    #[non_exhaustive]
    UnknownPlugin {
        /// The name.
        plugin: PluginId,
        /// The names there are.
        registered: Vec<PluginId>,
    },

    /// There are calls to replay, which an async manager must await.
    #[error(
        "plugin `{plugin}` extends `{point}`, of which there are calls to replay, which must be awaited: use `register_and_replay(…).await`, which `pm.plugin(…)` has too"
    )]
    #[non_exhaustive]
    NeedsReplay {
        /// The plugin.
        plugin: PluginId,
        /// A point that was called before.
        point: &'static PointInfo,
    },

    /// A remembered call failed on a newcomer, which was therefore not registered.
    #[error("plugin `{plugin}` was not registered: it failed when `{point}` was replayed to it")]
    #[non_exhaustive]
    Replay {
        /// The plugin.
        plugin: PluginId,
        /// The point.
        point: &'static PointInfo,
        /// What it returned.
        source: BoxError,
    },

    /// What plugins require is not there, or of another version.
    #[error(
        "{}; register what is missing in a version that fits, or change what is required",
        .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    #[non_exhaustive]
    UnmetDependencies {
        /// Every requirement that is not met.
        problems: Vec<DependencyProblem>,
    },

    /// Plugins require each other in a circle.
    #[error(
        "no order of starting is possible: {}, of which each requires the next; drop one of these requirements",
        .cycle.iter().map(|plugin| format!("`{plugin}`")).collect::<Vec<_>>().join(" -> ")
    )]
    #[non_exhaustive]
    DependencyCycle {
        /// The plugins, each requiring the next, the first again at the end.
        cycle: Vec<PluginId>,
    },

    /// A plugin could not be started.
    #[error(
        "plugin `{plugin}` failed to start, in its `{phase}`: mend the cause, and start it again{}",
        failed_too(.rollback)
    )]
    #[non_exhaustive]
    Start {
        /// The plugin.
        plugin: PluginId,
        /// What it failed in.
        phase: Phase,
        /// What it failed by.
        source: Cause,
        /// What failed when the start of others was taken back.
        rollback: Vec<Error>,
    },

    /// A plugin could not be stopped.
    #[error(
        "plugin `{plugin}` failed to stop, in its `{phase}`: what it holds may be held still; mend the cause, and stop it again"
    )]
    #[non_exhaustive]
    Stop {
        /// The plugin.
        plugin: PluginId,
        /// What it failed in.
        phase: Phase,
        /// What it failed by.
        source: Cause,
    },

    /// What a plugin requires was stopped while it was about to be started.
    #[error(
        "plugin `{plugin}` was not started, as `{dependency}`, which it requires, is {state} meanwhile; start it again"
    )]
    #[non_exhaustive]
    DependencyNotStarted {
        /// The plugin.
        plugin: PluginId,
        /// What it requires.
        dependency: PluginId,
        /// The state of what it requires.
        state: PluginState,
    },

    /// Other plugins require a plugin that is to be removed.
    #[error(
        "plugin `{plugin}` was not removed, as others require it: {}; remove those first, or all at once with `remove_with_dependents`",
        list(.dependents)
    )]
    #[non_exhaustive]
    HasDependents {
        /// The plugin.
        plugin: PluginId,
        /// Those who require it, directly or by others.
        dependents: Vec<PluginId>,
    },

    /// A phase of a plugin asks for what can only be done when that phase has ended.
    #[error(
        "plugin `{plugin}` is {state}, and what was asked of it from within that phase would wait for itself; ask for it when the phase has ended"
    )]
    #[non_exhaustive]
    LifecycleBusy {
        /// The plugin.
        plugin: PluginId,
        /// Its state.
        state: PluginState,
    },

    /// No such service was declared.
    #[error(
        "`{service}` is not a service of this manager: put `#[extension_point(service)]` on the trait, or declare a name with `declare_services` first"
    )]
    #[non_exhaustive]
    UnknownService {
        /// The trait, or the name.
        service: PluginId,
    },

    /// No such service is provided.
    #[error(
        "no `{service}` is provided{}",
        if .hidden.is_empty() {
            ": register a plugin with `#[extension(service)]` for it".to_owned()
        } else {
            format!(" now: start or enable one of the plugins that have it: {}", list(.hidden))
        }
    )]
    #[non_exhaustive]
    NoService {
        /// The trait, or the name.
        service: PluginId,
        /// The plugins that have it, but are disabled, have failed or were stopped.
        hidden: Vec<PluginId>,
    },

    /// A name is used for services of another type than it was declared for.
    #[error("the services called `{service}` are `{expected}`, not `{found}`; use another name")]
    #[non_exhaustive]
    ServiceType {
        /// The name.
        service: PluginId,
        /// What is declared or provided.
        expected: Box<str>,
        /// What was asked for or given.
        found: Box<str>,
    },

    /// Several things went wrong, each of which is told.
    #[error(
        "{} things went wrong: {}",
        .errors.len(),
        .errors.iter().map(|error| format!("{error:?}")).collect::<Vec<_>>().join("; ")
    )]
    #[non_exhaustive]
    Several {
        /// What went wrong, in the order it did.
        errors: Vec<Error>,
    },
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)?;
        let mut source = self.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

/// What a message adds on errors that came after the one it is about.
fn failed_too(errors: &[Error]) -> String {
    let texts: Vec<_> = errors.iter().map(|error| format!("{error:?}")).collect();
    if texts.is_empty() {
        String::new()
    } else {
        format!(" (and taking back what was started: {})", texts.join("; "))
    }
}

fn list(names: &[PluginId]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The step that an [`Error`] belongs to; [`Error::kind`] says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A plugin could not be built or brought in.
    Load,
    /// Something does not fit the manager or its specs.
    Validation,
    /// Things that depend on each other cannot be put in order.
    Resolution,
    /// A plugin could not be started.
    Start,
    /// A plugin could not be stopped.
    Stop,
    /// The operation does not fit the state the manager or the plugin is in.
    State,
}

impl Error {
    /// All of `errors` as one, if there are any.
    #[cfg(feature = "macros")]
    pub(crate) fn all(mut errors: Vec<Error>) -> Result<(), Error> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several { errors }),
        }
    }

    /// The errors it consists of, if it is several, or itself.
    pub fn errors(&self) -> &[Error] {
        match self {
            Self::Several { errors } => errors,
            other => std::slice::from_ref(other),
        }
    }

    /// The step it belongs to: `Load` for a failed replay; `Resolution` for an impossible order;
    /// `State` for names that are taken, blocked or unknown, points that were never added, and replays that
    /// must be awaited;
    /// `Start` and `Stop` for the phases of a plugin; that of the first for several errors;
    /// `Validation` for everything else that does not fit the manager.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Replay { .. } => ErrorKind::Load,
            Self::EmptyName { .. }
            | Self::InvalidMetadata { .. }
            | Self::ServiceType { .. }
            | Self::PluginOfAnotherProject { .. }
            | Self::NoExtensions { .. }
            | Self::UnknownSpecs { .. }
            | Self::WrongProject { .. }
            | Self::AsyncExtension { .. }
            | Self::CannotOffload { .. }
            | Self::WrapperKind { .. } => ErrorKind::Validation,
            Self::OrderCycle { .. } | Self::UnmetDependencies { .. } | Self::DependencyCycle { .. } => {
                ErrorKind::Resolution
            }
            Self::Start { .. } => ErrorKind::Start,
            Self::Stop { .. } => ErrorKind::Stop,
            Self::Several { errors } => errors.first().map_or(ErrorKind::State, Self::kind),
            Self::NameTaken { .. }
            | Self::AlreadyRegistered { .. }
            | Self::Blocked { .. }
            | Self::NeedsReplay { .. }
            | Self::DependencyNotStarted { .. }
            | Self::HasDependents { .. }
            | Self::LifecycleBusy { .. }
            | Self::UnknownService { .. }
            | Self::NoService { .. }
            | Self::UnknownExtensionPoint { .. }
            | Self::UnknownPlugin { .. } => ErrorKind::State,
        }
    }

    /// A name of the variant that stays, for logs and for other languages: `name_taken`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyName { .. } => "empty_name",
            Self::NameTaken { .. } => "name_taken",
            Self::AlreadyRegistered { .. } => "already_registered",
            Self::Blocked { .. } => "blocked",
            Self::InvalidMetadata { .. } => "invalid_metadata",
            Self::PluginOfAnotherProject { .. } => "plugin_of_another_project",
            Self::NoExtensions { .. } => "no_extensions",
            Self::UnknownSpecs { .. } => "unknown_specs",
            Self::WrongProject { .. } => "wrong_project",
            Self::AsyncExtension { .. } => "async_extension",
            Self::CannotOffload { .. } => "cannot_offload",
            Self::WrapperKind { .. } => "wrapper_kind",
            Self::OrderCycle { .. } => "order_cycle",
            Self::UnknownExtensionPoint { .. } => "unknown_extension_point",
            Self::UnknownPlugin { .. } => "unknown_plugin",
            Self::NeedsReplay { .. } => "needs_replay",
            Self::Replay { .. } => "replay",
            Self::UnmetDependencies { .. } => "unmet_dependencies",
            Self::DependencyCycle { .. } => "dependency_cycle",
            Self::Start { .. } => "start",
            Self::Stop { .. } => "stop",
            Self::DependencyNotStarted { .. } => "dependency_not_started",
            Self::HasDependents { .. } => "has_dependents",
            Self::LifecycleBusy { .. } => "lifecycle_busy",
            Self::UnknownService { .. } => "unknown_service",
            Self::NoService { .. } => "no_service",
            Self::ServiceType { .. } => "service_type",
            Self::Several { .. } => "several",
        }
    }

    /// The plugin it is about, if it is about one.
    pub fn plugin(&self) -> Option<&PluginId> {
        match self {
            Self::NameTaken { plugin }
            | Self::AlreadyRegistered { plugin, .. }
            | Self::Blocked { plugin }
            | Self::InvalidMetadata { plugin, .. }
            | Self::PluginOfAnotherProject { plugin, .. }
            | Self::NoExtensions { plugin, .. }
            | Self::UnknownSpecs { plugin, .. }
            | Self::AsyncExtension { plugin, .. }
            | Self::CannotOffload { plugin, .. }
            | Self::WrapperKind { plugin, .. }
            | Self::UnknownPlugin { plugin, .. }
            | Self::NeedsReplay { plugin, .. }
            | Self::Replay { plugin, .. }
            | Self::Start { plugin, .. }
            | Self::Stop { plugin, .. }
            | Self::DependencyNotStarted { plugin, .. }
            | Self::HasDependents { plugin, .. }
            | Self::LifecycleBusy { plugin, .. } => Some(plugin),
            Self::OrderCycle { cycle, .. } | Self::DependencyCycle { cycle } => cycle.first(),
            Self::UnmetDependencies { problems } => problems.first().map(DependencyProblem::plugin),
            Self::Several { errors } => errors.first().and_then(Self::plugin),
            Self::EmptyName { .. }
            | Self::WrongProject { .. }
            | Self::UnknownService { .. }
            | Self::NoService { .. }
            | Self::ServiceType { .. }
            | Self::UnknownExtensionPoint { .. } => None,
        }
    }

    /// The extension point it is about, if it is about one.
    pub fn extension_point(&self) -> Option<&'static PointInfo> {
        match *self {
            Self::UnknownSpecs { point, .. }
            | Self::AsyncExtension { point, .. }
            | Self::CannotOffload { point, .. }
            | Self::WrapperKind { point, .. }
            | Self::OrderCycle { point, .. }
            | Self::UnknownExtensionPoint { point }
            | Self::NeedsReplay { point, .. }
            | Self::Replay { point, .. } => Some(point),
            _ => None,
        }
    }
}
