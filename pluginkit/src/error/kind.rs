//! The kind and the code of an [`Error`].

use crate::error::Error;

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
}
