//! [`DependencyProblem`]: a requirement that is not met.

use std::fmt;

use crate::base::name::PluginId;

/// A requirement of a plugin that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DependencyProblem {
    /// What it requires is not registered.
    #[non_exhaustive]
    Missing {
        /// The plugin that requires it.
        plugin: PluginId,
        /// The plugin it requires.
        dependency: PluginId,
        /// The whole requirement, like `core >=1.2`.
        required: String,
    },
    /// What it requires, or uses if it is there, is of another version.
    #[non_exhaustive]
    Version {
        /// The plugin that requires it.
        plugin: PluginId,
        /// The plugin it requires.
        dependency: PluginId,
        /// The whole requirement, like `core >=1.2`.
        required: String,
        /// The version there is.
        found: String,
    },
}

impl DependencyProblem {
    /// The plugin whose requirement is not met.
    pub fn plugin(&self) -> &PluginId {
        match self {
            Self::Missing { plugin, .. } | Self::Version { plugin, .. } => plugin,
        }
    }

    /// The plugin it requires.
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
