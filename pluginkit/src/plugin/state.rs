//! [`PluginState`]: how far a plugin has come in its life.

use std::fmt;

/// The state of a plugin, from its registration on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PluginState {
    /// Registered, and not started yet.
    Loaded,
    /// Its `init` or its `start` is under way.
    Starting,
    /// Its `init` and its `start` succeeded.
    Started,
    /// Its `stop` or its `unload` is under way.
    Stopping,
    /// Its `stop` and its `unload` succeeded; it may be started again.
    Stopped,
    /// One of its phases failed, or the future of a phase was dropped; it may be started again.
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
