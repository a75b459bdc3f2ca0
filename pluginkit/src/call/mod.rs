//! What a call does: it runs the extensions of a snapshot, with no lock and no look-up.
//!
//! | file | content |
//! |---|---|
//! | `caller`, `view` | callers, and what they see of a point |
//! | `handle` | what the handle of a point offers, per mode |
//! | `fold` | how each mode takes in the results of extensions |
//! | `fast` | the fast path: extensions that have nothing to do but to run |
//! | `chain` | the slow path: wrappers, predicates, observers, limits, policies; compiled once for all points |
//! | `typed` | the typed half of a call on the slow path |
//! | `rest` | the rest of a call, as a wrapper sees it |
//! | `guard` | calls whose panics and errors are attributed: `try_call` |
//! | `policy` | what a failing extension does to a guarded call |
//! | `settle` | every extension by itself |
//! | `historic` | calls that are remembered |
//! | `iter` | the results one by one |
//! | `outcome`, `call_error` | the outcome of a call, and its failures |
//! | `trace`, `scope` | what observers see, and the spans of `tracing` |
//! | `asynchronous` | all of this for async managers, awaited |
//! | `arguments`, `signature` | how the arguments of a point reach its extensions |
//! | `runtime`, `permits` | waiting for async extensions, and how many run at the same time |
#![forbid(unsafe_code)]

pub(crate) mod arguments;
#[cfg(feature = "async")]
mod asynchronous;
mod call_error;
pub(crate) mod caller;
mod chain;
mod fast;
pub(crate) mod fast_first;
mod fold;
mod guard;
mod handle;
mod historic;
mod iter;
#[cfg(feature = "tokio")]
pub mod offload;
mod outcome;
#[cfg(feature = "tokio")]
pub(crate) mod permits;
mod policy;
mod rest;
pub(crate) mod returning;
#[cfg(feature = "async")]
pub(crate) mod runtime;
mod scope;
mod settle;
pub(crate) mod signature;
mod trace;
mod typed;
pub(crate) mod view;

#[cfg(feature = "async")]
pub use asynchronous::AsyncRest;
pub use call_error::CallError;
pub use rest::{BoundNext, Next, Rest};
pub use settle::{Piped, Settled};
