//! [`StartPolicy`]: the reaction of a start to a plugin that fails.

/// The reaction of a start to a plugin that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StartPolicy {
    /// Stops the started plugins, the last first, and undoes the phases of the failed plugin.
    #[default]
    Rollback,
    /// Ends the operation. The plugins that it has started keep running.
    Keep,
    /// Starts every plugin that does not need the failed one, and returns all failures together.
    Continue,
}
