//! [`LeftOut`]: the reason why calls leave a plugin or one of its implementations out.

use std::fmt;

use crate::plugin::PluginState;

/// The reason why calls leave a registered plugin out, or one of its extensions and wrappers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeftOut {
    /// The host has [disabled](crate::PluginManager::disable) the plugin, for this reason, if it gave one.
    Disabled(Option<String>),
    /// A [`CircuitBreaker`](crate::limits::CircuitBreaker) leaves the plugin out, for this reason: its circuit is open.
    Circuit(Option<String>),
    /// The plugin is in this state: calls run a plugin with an `init` or a `start` only while it is
    /// [`Started`](PluginState::Started), and no plugin that has stopped or failed.
    State(PluginState),
    /// The options of this extension or wrapper have [`enabled`](crate::Options::enabled) off. The plugin itself takes part
    /// in calls.
    Options,
}

#[cfg(feature = "serde")]
impl serde::Serialize for LeftOut {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        enum Shape<'l> {
            Disabled { reason: Option<&'l str> },
            Circuit { reason: Option<&'l str> },
            State { state: PluginState },
            Options,
        }
        let shape = match self {
            Self::Disabled(reason) => Shape::Disabled { reason: reason.as_deref() },
            Self::Circuit(reason) => Shape::Circuit { reason: reason.as_deref() },
            Self::State(state) => Shape::State { state: *state },
            Self::Options => Shape::Options,
        };
        shape.serialize(serializer)
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled(None) => f.write_str("disabled"),
            Self::Disabled(Some(reason)) => write!(f, "disabled: {reason}"),
            Self::Circuit(None) => f.write_str("circuit open"),
            Self::Circuit(Some(reason)) => write!(f, "circuit open: {reason}"),
            Self::State(PluginState::Loaded) => f.write_str("not started"),
            Self::State(state) => state.fmt(f),
            Self::Options => f.write_str("turned off by its options"),
        }
    }
}
