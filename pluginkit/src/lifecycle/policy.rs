//! [`StartPolicy`]: what a start does when a plugin fails.

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
