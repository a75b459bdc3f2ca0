//! [`SagaError`]: the step of a saga that failed, and the compensations that failed.

use std::error::Error as StdError;
use std::fmt;

use crate::base::boxed::BoxError;
use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::saga::step::Name;

/// The error of a failed step of a [`Saga`](crate::saga::Saga), or of a failed compensation. A `StepError` names the
/// plugin if the plugin is known.
#[non_exhaustive]
pub struct StepError {
    pub(super) step: Name,
    pub(super) plugin: Option<PluginId>,
    /// Contained, so that several errors are dropped one by one.
    pub(super) source: Foreign<BoxError>,
}

impl StepError {
    /// Returns the name of the step.
    pub fn step(&self) -> &str {
        &self.step
    }

    /// Returns the plugin that failed, if the step is an `each`.
    pub fn plugin(&self) -> Option<&PluginId> {
        self.plugin.as_ref()
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step `{}`", self.step)?;
        match &self.plugin {
            Some(plugin) => write!(f, " of plugin `{plugin}`"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        sources(self, f)
    }
}

impl StdError for StepError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&**self.source)
    }
}

/// The error of a [`Saga`](crate::saga::Saga) that was rolled back: the step that failed, and the compensations that
/// failed.
///
/// The source of a `SagaError` is the error of the failed step or, for `each`, of the first failed plugin. The `Debug`
/// form includes the messages of all sources.
pub struct SagaError {
    /// At least one. Several, if several plugins of the step failed.
    failed: Vec<StepError>,
    not_undone: Vec<StepError>,
}

impl SagaError {
    pub(super) fn new(failed: Vec<StepError>, not_undone: Vec<StepError>) -> Self {
        Self { failed, not_undone }
    }

    /// Returns the name of the step that failed.
    pub fn step(&self) -> &str {
        self.failed.first().map_or("", StepError::step)
    }

    /// Returns the first plugin that failed in that step, if the step is an `each`.
    pub fn plugin(&self) -> Option<&PluginId> {
        self.failed.first()?.plugin()
    }

    /// Returns the failures: one failure for the step or, for `each`, one failure for each plugin that failed.
    pub fn failed(&self) -> &[StepError] {
        &self.failed
    }

    /// Returns the compensations that failed, in the order in which they ran; an empty slice if all steps were undone.
    pub fn not_undone(&self) -> &[StepError] {
        &self.not_undone
    }
}

impl SagaError {
    /// Writes the failures, `why`, and the compensations that failed.
    fn tell(
        &self,
        f: &mut fmt::Formatter<'_>,
        why: impl Fn(&mut fmt::Formatter<'_>) -> fmt::Result,
    ) -> fmt::Result {
        let list = |errors: &[StepError]| {
            let texts: Vec<_> = errors.iter().map(|error| format!("{error:?}")).collect();
            texts.join("; ")
        };
        let Some((first, others)) = self.failed.split_first() else { return Ok(()) };
        write!(f, "{first} failed")?;
        why(f)?;
        if !others.is_empty() {
            write!(f, " (also {})", list(others))?;
        }
        if self.not_undone.is_empty() {
            f.write_str("; the steps before it were undone: fix the cause and begin again")
        } else {
            let left = list(&self.not_undone);
            write!(f, "; these steps could not be undone; undo them by hand: {left}")
        }
    }
}

impl fmt::Display for SagaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell(f, |_| Ok(()))
    }
}

impl fmt::Debug for SagaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell(f, |f| sources(self, f))
    }
}

impl StdError for SagaError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.failed.first()?.source()
    }
}

/// Writes the messages of the sources of an error.
fn sources(error: &(dyn StdError + 'static), f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut source = error.source();
    while let Some(cause) = source {
        write!(f, ": {cause}")?;
        source = cause.source();
    }
    Ok(())
}
