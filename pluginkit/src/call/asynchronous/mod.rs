//! Calls of an async manager: the same contracts as the sync ones, awaited.
//!
//! | file | content |
//! |---|---|
//! | `handle` | what an [`AsyncHandle`](crate::manual::AsyncHandle) offers: `call`, `try_call` and their relatives |
//! | `rest` | the rest of a call, as a wrapper sees it |
//! | `extensions` | the loop over the extensions of a call |
//! | `extension` | one extension: its predicate, its span, its permits, its timeout |
//! | `concurrent` | the loop of a collecting call that runs its extensions at the same time |
//! | `settle` | every extension by itself |
//! | `historic` | calls that are remembered |
//! | `guard` | futures whose panics and overruns are caught |
//! | `in_span` | futures that are polled inside a span, up to a timeout |
//! | `permits` | the permits of an extension that is called, not awaited |
//!
//! A future owns the snapshot it works on and borrows the arguments, nothing else.

mod concurrent;
mod extension;
mod extensions;
mod guard;
mod handle;
mod historic;
mod in_span;
mod permits;
mod rest;
mod settle;

pub use rest::AsyncRest;
