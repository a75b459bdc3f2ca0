//! What happens on a call: loops over a snapshot, with no lock and no look-up.
//!
//! | file | what it holds |
//! |---|---|
//! | `chain` | the snapshot: extensions and wrappers in call order |
//! | `next` | one step down a chain: the next wrapper, or the extensions |
//! | `collect`, `first`, `pipeline` | one loop per mode |
//! | `calls` | what a handle offers, per mode |
//! | `historic` | the loop that also remembers |
//! | `guard` | calls whose panics and errors are attributed: `try_call` |
//! | `release` | destructors that panic when the snapshot of a guarded call is released |
//! | `policy` | what a failing extension does to such a call |
//! | `settle` | extensions by themselves |
//! | `call_error` | why a call did not end well |
//! | `trace` | what observers see |
//! | `scope` | what the code of a call or of a plugin runs in |
//! | `asynchronous` | all of this for async managers, awaited |
//!
//! The loops are generic over the [arguments](crate::manual::Arguments) of a call, which know how to reach
//! one extension, so that a call compiles to the loop one would have written by hand.
#![forbid(unsafe_code)]

pub(crate) mod arguments;
#[cfg(feature = "async")]
pub(crate) mod async_caller;
#[cfg(feature = "async")]
pub(crate) mod asynchronous;
mod call_error;
pub(crate) mod caller;
mod calls;
pub(crate) mod chain;
mod collect;
pub(crate) mod fast_first;
mod first;
pub(crate) mod guard;
pub(crate) mod historic;
mod next;
#[cfg(feature = "tokio")]
pub mod offload;
#[cfg(feature = "tokio")]
pub(crate) mod permits;
mod pipeline;
mod policy;
mod release;
pub(crate) mod returning;
#[cfg(feature = "async")]
pub(crate) mod runtime;
mod scope;
mod settle;
pub(crate) mod signature;
mod trace;
pub(crate) mod view;

#[cfg(feature = "async")]
pub(crate) use asynchronous::AsyncKept;
#[cfg(feature = "async")]
pub use asynchronous::AsyncRest;
pub use call_error::CallError;
pub(crate) use chain::Kept;
pub(crate) use collect::Iter;
pub use next::{BoundNext, Next, Rest};
pub use settle::{Piped, Settled};
