//! [`StartPolicy`]: the reaction of a start to a plugin that fails.

/// The reaction of a start to a plugin that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StartPolicy {
    /// Stops the plugins that the operation has started, the last first, and undoes the phases of the failed plugin.
    #[default]
    Rollback,
    /// Ends the operation. The plugins that the operation has started stay started.
    Keep,
    /// Starts every plugin that does not require the failed plugin, and returns all failures together.
    Continue,
}
