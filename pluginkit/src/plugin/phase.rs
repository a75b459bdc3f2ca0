//! [`Phase`]: the steps of a plugin's life.

use std::fmt;

/// A phase of a plugin: a point of `Lifecycle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// `init`
    Init,
    /// `start`
    Start,
    /// `stop`
    Stop,
    /// `unload`
    Unload,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Init => "init",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Unload => "unload",
        })
    }
}
