//! Sagas: several calls that succeed or are undone together.
//!
//! [`guide::sagas`](crate::guide::sagas) has examples and the rules.

// Files:
//
// | file | what it holds |
// |---|---|
// | `unit` | the steps that are done, and how they are undone, for both kinds |
// | `sync`, `asynchronous` | the sagas of calls that return, and of calls that are awaited |
// | `step` | one step, and the results of its plugins |
// | `state` | values that are put back |
// | `undone` | the results of compensations |
// | `error` | the step that failed, and what could not be undone |

#![forbid(unsafe_code)]

#[cfg(feature = "async")]
mod asynchronous;
mod error;
mod state;
mod step;
mod sync;
mod undone;
mod unit;

#[cfg(feature = "async")]
pub use asynchronous::AsyncSaga;
pub use error::{SagaError, StepError};
pub use sync::Saga;
pub use undone::Undone;
