//! [`Undone`]: what compensations return.

use crate::base::boxed::BoxError;
use crate::base::drops::Gathered;
use crate::base::name::PluginId;
use crate::call::{CallError, Settled};

/// What the compensation of a step returns: nothing, a `Result`, or what `settle` returns.
#[diagnostic::on_unimplemented(
    message = "a compensation must return `()`, a `Result` or what `settle` returns, not `{Self}`",
    label = "does not say whether it went well",
    note = "end it with a `;` if it cannot fail, or call with `try_call`"
)]
pub trait Undone {
    /// What went wrong.
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

/// The error of a plugin, as itself if it returned one.
pub(super) fn cause<E: Into<BoxError>>(error: CallError<E>) -> BoxError {
    match error {
        CallError::Failed { error, .. } => error.into(),
        other => Box::new(other.told()),
    }
}

/// One failure of several, and whose it is.
#[derive(Debug, thiserror::Error)]
#[error("plugin `{plugin}` failed")]
struct Of {
    plugin: PluginId,
    source: BoxError,
}
