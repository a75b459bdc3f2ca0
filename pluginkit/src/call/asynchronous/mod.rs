//! Calls of an async manager, with the contracts of sync calls.
//!
//! | file | content |
//! |---|---|
//! | `handle` | the methods of an [`AsyncHandle`](crate::manual::AsyncHandle) |
//! | `next` | the rest of a call, which a wrapper runs |
//! | `extensions` | the loop over the extensions of a call |
//! | `extension` | one extension: its predicate, span, permits and time limit |
//! | `concurrent` | the loop of a collecting call that runs its extensions at the same time |
//! | `settle` | every extension separately |
//! | `historic` | calls that are remembered |
//! | `guard` | futures with caught panics and overruns |
//! | `in_span` | futures that are polled inside a span, up to a time limit |
//! | `permits` | the permits of an extension that is called, not awaited |
//!
//! A future owns its snapshot and borrows the arguments. It has nothing else.

mod concurrent;
mod extension;
mod extensions;
mod guard;
mod handle;
mod historic;
mod in_span;
mod next;
mod permits;
mod settle;

pub use next::AsyncRest;
