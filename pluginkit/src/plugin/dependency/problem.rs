//! [`DependencyProblem`]: a requirement that is not met.

use std::fmt;

use crate::base::name::PluginId;
use crate::base::similar::Listed;

/// A requirement of a plugin that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DependencyProblem {
    /// The required plugin is not registered.
    #[non_exhaustive]
    Missing {
        /// The plugin with the requirement.
        plugin: PluginId,
        /// The required plugin.
        dependency: PluginId,
        /// The whole requirement, like `core >=1.2`.
        required: String,
    },
    /// The required plugin has another version. This also holds for an optional requirement.
    #[non_exhaustive]
    Version {
        /// The plugin with the requirement.
        plugin: PluginId,
        /// The required plugin.
        dependency: PluginId,
        /// The whole requirement, like `core >=1.2`.
        required: String,
        /// The version of the required plugin.
        found: String,
    },
    /// Nothing provides a required service.
    #[non_exhaustive]
    NoService {
        /// The plugin with the requirement.
        plugin: PluginId,
        /// The service, like `dyn Store`.
        service: PluginId,
        /// The registered plugins that provide the service, none of which is started.
        providers: Vec<PluginId>,
    },
}

impl DependencyProblem {
    /// Returns the plugin with the unmet requirement.
    pub fn plugin(&self) -> &PluginId {
        match self {
            Self::Missing { plugin, .. } | Self::Version { plugin, .. } | Self::NoService { plugin, .. } => {
                plugin
            }
        }
    }

    /// Returns the required plugin or service.
    pub fn dependency(&self) -> &PluginId {
        match self {
            Self::Missing { dependency, .. } | Self::Version { dependency, .. } => dependency,
            Self::NoService { service, .. } => service,
        }
    }
}

impl fmt::Display for DependencyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { plugin, dependency, required } => {
                write!(f, "plugin `{plugin}` requires `{required}`, but no plugin is named `{dependency}`")
            }
            Self::Version { plugin, dependency, required, found } => {
                write!(f, "plugin `{plugin}` requires `{required}`, but `{dependency}` is version {found}")
            }
            Self::NoService { plugin, service, providers } if providers.is_empty() => write!(
                f,
                "plugin `{plugin}` requires the service `{service}`, but neither a plugin nor the host provides it"
            ),
            Self::NoService { plugin, service, providers } => write!(
                f,
                "plugin `{plugin}` requires the service `{service}`, but none of the plugins that provide it is started: {}",
                Listed::first(providers.iter())
            ),
        }
    }
}
