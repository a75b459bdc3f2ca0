//! The subject of an [`Error`]: its plugin and its extension point.

use crate::base::name::PluginId;
use crate::error::Error;
use crate::plugin::dependency::DependencyProblem;
use crate::spec::point::PointInfo;

impl Error {
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
