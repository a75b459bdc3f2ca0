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
        /// The registered plugins that provide the service, or declare that they do, none of which is started.
        providers: Vec<PluginId>,
        /// The started plugins that declare the service with `provides`, and have not provided it.
        declared_by: Vec<PluginId>,
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
            Self::NoService { plugin, service, providers, declared_by } => {
                write!(f, "plugin `{plugin}` requires the service `{service}`, but ")?;
                match (&providers[..], &declared_by[..]) {
                    ([], []) => f.write_str("neither a plugin nor the host provides it"),
                    ([], [only]) => write!(
                        f,
                        "plugin `{only}`, which declares it with `provides`, has started and not provided it"
                    ),
                    ([], several) => write!(
                        f,
                        "the plugins that declare it with `provides` have started and not provided it: {}",
                        Listed::first(several.iter())
                    ),
                    (_, []) => write!(
                        f,
                        "none of the plugins that provide it is started: {}",
                        Listed::first(providers.iter())
                    ),
                    (_, declared_by) => write!(
                        f,
                        "these plugins that provide it are not started: {}; and these that declare it with `provides` have not provided it: {}",
                        Listed::first(providers.iter()),
                        Listed::first(declared_by.iter())
                    ),
                }
            }
        }
    }
}
