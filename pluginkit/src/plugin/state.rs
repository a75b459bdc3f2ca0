//! [`PluginState`]: how far a plugin has come in its life.

use std::fmt;

/// The state of a plugin, from its registration on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PluginState {
    /// Registered, and not started yet.
    Loaded,
    /// `init` or `start` of the plugin is under way.
    Starting,
    /// `init` and `start` of the plugin succeeded.
    Started,
    /// `stop` or `unload` of the plugin is under way.
    Stopping,
    /// `stop` and `unload` of the plugin succeeded. The plugin may be started again.
    Stopped,
    /// A phase of the plugin failed, or the future of a phase was dropped. The plugin may be started again.
    Failed,
}

impl fmt::Display for PluginState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Loaded => "loaded",
            Self::Starting => "starting",
            Self::Started => "started",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        })
    }
}
