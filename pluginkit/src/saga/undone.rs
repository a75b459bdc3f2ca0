//! [`Undone`]: the results of compensations.

use crate::base::boxed::BoxError;
use crate::base::drops::Gathered;
use crate::base::name::PluginId;
use crate::call::{CallError, Settled};

/// The result of a compensation: `()`, a `Result`, or the results of `settle`.
#[diagnostic::on_unimplemented(
    message = "a compensation must return `()`, a `Result` or the results of `settle`, not `{Self}`",
    label = "does not say whether it went well",
    note = "end it with a `;` if it cannot fail, or call with `try_call`"
)]
pub trait Undone {
    /// Returns the failures.
    fn failures(self) -> Vec<BoxError>;
}

impl Undone for () {
    fn failures(self) -> Vec<BoxError> {
        Vec::new()
    }
}

impl<T, E: Into<BoxError>> Undone for Result<T, E> {
    fn failures(self) -> Vec<BoxError> {
        self.err().into_iter().map(Into::into).collect()
    }
}

impl<T, E: Into<BoxError>> Undone for Vec<Settled<T, E>> {
    fn failures(self) -> Vec<BoxError> {
        let (mut done, mut failed) = (Gathered(Vec::new()), Gathered(Vec::new()));
        for Settled { plugin, result, .. } in Gathered(self) {
            match result {
                Ok(value) => done.0.push(value),
                Err(error) => failed.0.push(Box::new(Of { plugin, source: cause(error) }) as BoxError),
            }
        }
        // Dropped while the failures are a variable, which contains their destructors.
        drop(done);
        failed.into_vec()
    }
}

/// The error of a plugin: the one it returned, else the one that tells how it failed.
pub(super) fn cause<E: Into<BoxError>>(error: CallError<E>) -> BoxError {
    match error {
        CallError::Failed { error, .. } => error.into(),
        other => Box::new(other.described()),
    }
}

/// One failure of several, with its plugin.
#[derive(Debug, thiserror::Error)]
#[error("plugin `{plugin}` failed")]
struct Of {
    plugin: PluginId,
    source: BoxError,
}
