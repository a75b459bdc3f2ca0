//! [`DependencyProblem`]: a requirement that is not met.

use std::fmt;

use crate::base::name::PluginId;

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
}

impl DependencyProblem {
    /// Returns the plugin with the unmet requirement.
    pub fn plugin(&self) -> &PluginId {
        match self {
            Self::Missing { plugin, .. } | Self::Version { plugin, .. } => plugin,
        }
    }

    /// Returns the required plugin.
    pub fn dependency(&self) -> &PluginId {
        match self {
            Self::Missing { dependency, .. } | Self::Version { dependency, .. } => dependency,
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
        }
    }
}
