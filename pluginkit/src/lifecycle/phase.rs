//! The steps of a plugin's life, and what a start does when one fails.

use std::fmt;

/// A step of a plugin's life: a point of `Lifecycle`.
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

/// What a start of several plugins does when one of them fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StartPolicy {
    /// Takes back what it has started, the last first, and what the failed plugin had done.
    #[default]
    Rollback,
    /// Ends there, and leaves running what it has started.
    Keep,
    /// Starts what does not need the failed plugin, and tells of all failures together.
    Continue,
}
