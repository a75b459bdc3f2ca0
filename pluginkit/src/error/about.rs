//! What an [`Error`] is about, and how errors are sorted.

use crate::base::name::PluginId;
use crate::error::Error;
use crate::plugin::dependency::DependencyProblem;
use crate::spec::point::PointInfo;

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

    /// The step it belongs to: `Load` for a failed replay, a factory that failed or is not there, and a
    /// configuration that is wrong; `Resolution` for an impossible order;
    /// `State` for names that are taken, blocked or unknown, points that were never added, and replays that
    /// must be awaited;
    /// `Start` and `Stop` for the phases of a plugin; that of the first for several errors;
    /// `Validation` for everything else that does not fit the manager.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Replay { .. } | Self::Factory { .. } | Self::NoFactory { .. } | Self::NotLinked { .. } => {
                ErrorKind::Load
            }
            #[cfg(feature = "config")]
            Self::Config { .. } => ErrorKind::Load,
            Self::EmptyName { .. }
            | Self::InvalidMetadata { .. }
            | Self::ServiceType { .. }
            | Self::PluginOfAnotherProject { .. }
            | Self::NoExtensions { .. }
            | Self::UnknownSpecs { .. }
            | Self::SpecsVersion { .. }
            | Self::WrongProject { .. }
            | Self::AsyncExtension { .. }
            | Self::CannotOffload { .. }
            | Self::SameId { .. }
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
            | Self::LoadBusy
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
            Self::LifecycleBusy { .. } => "lifecycle_busy",
            Self::UnknownService { .. } => "unknown_service",
            Self::NoService { .. } => "no_service",
            Self::ServiceType { .. } => "service_type",
            Self::Factory { .. } => "factory",
            Self::NoFactory { .. } => "no_factory",
            Self::NotLinked { .. } => "not_linked",
            Self::SameId { .. } => "same_id",
            #[cfg(feature = "config")]
            Self::Config { .. } => "config",
            Self::LoadBusy => "load_busy",
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
            | Self::LifecycleBusy { plugin, .. } => Some(plugin),
            Self::OrderCycle { cycle, .. } | Self::DependencyCycle { cycle } => cycle.first(),
            Self::UnmetDependencies { problems } => problems.first().map(DependencyProblem::plugin),
            Self::Several { errors } => errors.first().and_then(Self::plugin),
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

    /// The extension point it is about, if it is about one.
    pub fn extension_point(&self) -> Option<&'static PointInfo> {
        match *self {
            Self::UnknownSpecs { point, .. }
            | Self::SpecsVersion { point, .. }
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
