//! Calls: each runs the extensions of a snapshot, without a lock or a look-up.
//!
//! | file | content |
//! |---|---|
//! | `caller`, `view` | callers, and their views of a point |
//! | `point` | points that can be called |
//! | `dispatch` | the kinds of managers that make calls |
//! | `handle` | the calls of a handle, per mode |
//! | `fold` | how each mode takes in the results of extensions |
//! | `hand_on` | the calls of points whose extensions answer or hand an argument on |
//! | `reduce` | the calls of points with a reducer |
//! | `fast` | the fast path: a plain loop over extensions |
//! | `chain` | the slow path: wrappers, predicates, observers, limits, policies; compiled once for all points |
//! | `around` | work of the host inside the wrappers of a point |
//! | `typed` | the typed half of a call on the slow path |
//! | `next` | the rest of a call, which a wrapper runs |
//! | `guard` | `try_call`: panics and errors are attributed to plugins |
//! | `blame` | the same on the fast path |
//! | `policy` | guarded calls that continue after a failure |
//! | `settle` | every extension separately |
//! | `historic` | calls that are remembered |
//! | `iter` | the results one by one |
//! | `implementations` | what a call runs, and what it leaves out |
//! | `outcome`, `call_error` | the outcome of a call, and its failures |
//! | `trace`, `scope` | the events of observers, and the spans of `tracing` |
//! | `asynchronous` | the same for async managers |
//! | `local` | the same as a local manager runs it |
//! | `arguments`, `signature` | the path of arguments to extensions |
//! | `runtime`, `permits` | waiting for async extensions, and concurrency limits |
#![forbid(unsafe_code)]

pub(crate) mod arguments;
pub(crate) mod around;
#[cfg(feature = "async")]
pub(crate) mod asynchronous;
pub(crate) mod blame;
mod bounds;
mod call_error;
pub(crate) mod caller;
pub(crate) mod chain;
pub(crate) mod dispatch;
pub(crate) mod fast;
pub(crate) mod fast_first;
pub(crate) mod fold;
pub(crate) mod guard;
pub(crate) mod hand_on;
mod handle;
pub(crate) mod historic;
pub(crate) mod implementations;
mod iter;
#[cfg(feature = "local")]
pub(crate) mod local;
mod next;
#[cfg(feature = "tokio")]
pub mod offload;
pub(crate) mod outcome;
mod overruns;
#[cfg(feature = "tokio")]
pub(crate) mod permits;
pub(crate) mod point;
mod policy;
pub(crate) mod reduce;
pub(crate) mod returning;
#[cfg(feature = "async")]
pub(crate) mod runtime;
mod scope;
pub(crate) mod settle;
pub(crate) mod signature;
mod trace;
pub(crate) mod typed;
pub(crate) mod view;

#[cfg(feature = "async")]
pub use asynchronous::AsyncRest;
#[cfg(feature = "async")]
pub use asynchronous::within::drain_is_pending;
pub use call_error::CallError;
pub use next::{BoundNext, Next, Rest};
pub use settle::{Piped, Settled};
