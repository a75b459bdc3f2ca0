//! [`CircuitState`]: whether calls leave a plugin out because it fails.
#![forbid(unsafe_code)]

use std::fmt;

/// The state of a plugin's circuit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CircuitState {
    /// The plugin takes part in calls.
    #[default]
    Closed,
    /// Calls leave the plugin out.
    Open,
    /// A few calls try the plugin, and the others leave it out.
    HalfOpen,
}

impl fmt::Display for CircuitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        })
    }
}
