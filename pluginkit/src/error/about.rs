//! The subject of an [`Error`], and its kind.

use crate::base::name::PluginId;
use crate::error::Error;
use crate::plugin::dependency::DependencyProblem;
use crate::spec::point::PointInfo;

/// The step that an [`Error`] belongs to; [`Error::kind`] says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ErrorKind {
    /// A plugin could not be built or loaded.
    Load,
    /// Something does not fit the manager or its specs.
    Validation,
    /// Plugins or extensions that depend on each other cannot be put in order.
    Resolution,
    /// A plugin could not be started.
    Start,
    /// A plugin could not be stopped.
    Stop,
    /// The operation does not fit the state of the manager or of the plugin.
    State,
}

impl Error {
    /// Returns all of `errors` as one, if there are any.
    #[cfg(feature = "macros")]
    pub(crate) fn all(errors: Vec<Error>) -> Result<(), Error> {
        if errors.is_empty() { Ok(()) } else { Err(Self::joined(errors)) }
    }

    /// Returns `errors`, of which there is at least one, as one. No [`Several`](Self::Several) contains another.
    #[cfg(feature = "macros")]
    fn joined(errors: Vec<Error>) -> Error {
        let mut flat = Vec::with_capacity(errors.len());
        for error in errors {
            match error {
                Self::Several { mut errors } => flat.append(&mut errors),
                error => flat.push(error),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::Several { errors: flat } }
    }

    /// Returns this error with the failures of the rollback after it.
    #[cfg(feature = "macros")]
    pub(crate) fn with_rollback(self, mut errors: Vec<Error>) -> Error {
        match self {
            Self::Start { plugin, phase, source, mut rollback } => {
                rollback.append(&mut errors);
                Self::Start { plugin, phase, source, rollback }
            }
            other => {
                errors.insert(0, other);
                Self::joined(errors)
            }
        }
    }

    /// Returns this error of an operation with the failures of plugins that others may do without. This error is the first,
    /// unless the failures may be its cause.
    #[cfg(feature = "macros")]
    pub(crate) fn with_spared(self, mut spared: Vec<Error>) -> Error {
        let is_caused = matches!(self, Self::UnmetDependencies { .. } | Self::DependencyNotStarted { .. });
        spared.insert(if is_caused { spared.len() } else { 0 }, self);
        Self::joined(spared)
    }

    /// Returns the single errors: the errors in a [`Several`](Self::Several), or this error.
    pub fn errors(&self) -> &[Error] {
        match self {
            Self::Several { errors } => errors,
            other => std::slice::from_ref(other),
        }
    }

    /// Returns the step that the error belongs to.
    ///
    /// - `Load`: a failed replay, a failed or missing factory, an invalid configuration;
    /// - `Resolution`: an impossible order, requirements that are missing or circular;
    /// - `Start`, `Stop`: the phases of a plugin;
    /// - `State`: names that are taken, blocked or unknown; points and services that were never added; replays that
    ///   must be awaited; operations that would wait for each other;
    /// - `Validation`: all other things that do not fit the manager.
    ///
    /// A [`Several`](Self::Several) has the kind of its first error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Replay { .. } | Self::Factory { .. } | Self::NoFactory { .. } | Self::NotLinked { .. } => {
                ErrorKind::Load
            }
            #[cfg(feature = "config")]
            Self::Config { .. } => ErrorKind::Load,
            #[cfg(feature = "local")]
            Self::NotLocal { .. } | Self::PointNotLocal { .. } => ErrorKind::Validation,
            Self::EmptyName { .. }
            | Self::ReservedName { .. }
            | Self::InvalidMetadata { .. }
            | Self::ServiceType { .. }
            | Self::PluginOfAnotherProject { .. }
            | Self::NoExtensions { .. }
            | Self::GenericBlock { .. }
            | Self::PhaseOrder { .. }
            | Self::NotExtended { .. }
            | Self::UnknownSpecs { .. }
            | Self::SpecsVersion { .. }
            | Self::WrongProject { .. }
            | Self::AsyncExtension { .. }
            | Self::CannotOffload { .. }
            | Self::SameId { .. }
            | Self::AmbiguousName { .. }
            | Self::WrapperKind { .. } => ErrorKind::Validation,
            Self::OrderCycle { .. } | Self::UnmetDependencies { .. } | Self::DependencyCycle { .. } => {
                ErrorKind::Resolution
            }
            Self::Start { .. } => ErrorKind::Start,
            Self::Stop { .. } => ErrorKind::Stop,
            Self::Several { errors } => errors.first().map_or(ErrorKind::State, Self::kind),
            Self::NameTaken { .. }
            | Self::AliasTaken { .. }
            | Self::AlreadyRegistered { .. }
            | Self::Blocked { .. }
            | Self::NeedsReplay { .. }
            | Self::DependencyNotStarted { .. }
            | Self::HasDependents { .. }
            | Self::BeingReplaced { .. }
            | Self::LifecycleBusy { .. }
            | Self::LoadBusy
            | Self::UnknownService { .. }
            | Self::NoService { .. }
            | Self::UnknownExtensionPoint { .. }
            | Self::UnknownPlugin { .. } => ErrorKind::State,
        }
    }

    /// Returns a stable name of the variant, for logs and for other languages: `name_taken`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyName { .. } => "empty_name",
            Self::ReservedName { .. } => "reserved_name",
            Self::NameTaken { .. } => "name_taken",
            Self::AliasTaken { .. } => "alias_taken",
            Self::AlreadyRegistered { .. } => "already_registered",
            Self::Blocked { .. } => "blocked",
            Self::InvalidMetadata { .. } => "invalid_metadata",
            Self::PluginOfAnotherProject { .. } => "plugin_of_another_project",
            Self::NoExtensions { .. } => "no_extensions",
            Self::GenericBlock { .. } => "generic_block",
            Self::PhaseOrder { .. } => "phase_order",
            Self::NotExtended { .. } => "not_extended",
            Self::UnknownSpecs { .. } => "unknown_specs",
            Self::SpecsVersion { .. } => "specs_version",
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
            Self::BeingReplaced { .. } => "being_replaced",
            Self::LifecycleBusy { .. } => "lifecycle_busy",
            Self::UnknownService { .. } => "unknown_service",
            Self::NoService { .. } => "no_service",
            Self::ServiceType { .. } => "service_type",
            Self::Factory { .. } => "factory",
            Self::NoFactory { .. } => "no_factory",
            Self::NotLinked { .. } => "not_linked",
            Self::SameId { .. } => "same_id",
            Self::AmbiguousName { .. } => "ambiguous_name",
            #[cfg(feature = "config")]
            Self::Config { .. } => "config",
            #[cfg(feature = "local")]
            Self::NotLocal { .. } => "not_local",
            #[cfg(feature = "local")]
            Self::PointNotLocal { .. } => "point_not_local",
            Self::LoadBusy => "load_busy",
            Self::Several { .. } => "several",
        }
    }

    /// Returns the plugin of the error, if it has one.
    pub fn plugin(&self) -> Option<&PluginId> {
        match self {
            Self::NameTaken { plugin }
            | Self::AliasTaken { plugin, .. }
            | Self::AlreadyRegistered { plugin, .. }
            | Self::Blocked { plugin }
            | Self::ReservedName { plugin }
            | Self::InvalidMetadata { plugin, .. }
            | Self::PluginOfAnotherProject { plugin, .. }
            | Self::NoExtensions { plugin, .. }
            | Self::GenericBlock { plugin, .. }
            | Self::PhaseOrder { plugin, .. }
            | Self::NotExtended { plugin, .. }
            | Self::UnknownSpecs { plugin, .. }
            | Self::SpecsVersion { plugin, .. }
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
            | Self::Factory { plugin, .. }
            | Self::NoFactory { plugin, .. }
            | Self::NotLinked { plugin, .. }
            | Self::SameId { plugin, .. }
            | Self::AmbiguousName { plugin, .. }
            | Self::BeingReplaced { plugin }
            | Self::LifecycleBusy { plugin, .. } => Some(plugin),
            Self::OrderCycle { cycle, .. } | Self::DependencyCycle { cycle } => cycle.first(),
            Self::UnmetDependencies { problems } => problems.first().map(DependencyProblem::plugin),
            Self::Several { errors } => errors.first().and_then(Self::plugin),
            #[cfg(feature = "local")]
            Self::NotLocal { plugin, .. } => Some(plugin),
            #[cfg(feature = "local")]
            Self::PointNotLocal { .. } => None,
            #[cfg(feature = "config")]
            Self::Config { .. } => None,
            Self::EmptyName { .. }
            | Self::WrongProject { .. }
            | Self::LoadBusy
            | Self::UnknownService { .. }
            | Self::NoService { .. }
            | Self::ServiceType { .. }
            | Self::UnknownExtensionPoint { .. } => None,
        }
    }

    /// Returns the extension point of the error, if it has one.
    pub fn extension_point(&self) -> Option<&'static PointInfo> {
        match *self {
            Self::NotExtended { point, .. }
            | Self::PhaseOrder { point, .. }
            | Self::UnknownSpecs { point, .. }
            | Self::SpecsVersion { point, .. }
            | Self::AsyncExtension { point, .. }
            | Self::CannotOffload { point, .. }
            | Self::WrapperKind { point, .. }
            | Self::OrderCycle { point, .. }
            | Self::UnknownExtensionPoint { point }
            | Self::NeedsReplay { point, .. }
            | Self::Replay { point, .. } => Some(point),
            #[cfg(feature = "local")]
            Self::PointNotLocal { point, .. } => Some(point),
            _ => None,
        }
    }
}
