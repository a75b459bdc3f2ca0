//! Calls of an async manager, with the contracts of sync calls.
//!
//! | file | content |
//! |---|---|
//! | `handle` | the methods of an [`AsyncHandle`](crate::manual::AsyncHandle) |
//! | `next` | the rest of a call, which a wrapper runs |
//! | `fast` | calls and guarded calls without predicates, observers and limits, compiled for each point |
//! | `typed` | the typed half of a call, behind traits without the types of its point |
//! | `extensions` | the loop over the extensions of a call |
//! | `extension` | one extension: its predicate, span, permits and time limit |
//! | `concurrent` | collecting calls that run their extensions at the same time |
//! | `beside`, `ends` | the loop over such extensions, and their failures |
//! | `hand_on` | calls whose extensions hand an argument on |
//! | `reduce` | calls with a reducer |
//! | `settle` | every extension separately |
//! | `historic` | calls that are remembered |
//! | `guard` | futures with caught panics and overruns |
//! | `in_span` | futures that are polled inside a span, up to a time limit |
//! | `within` | futures of calls that tell a stop within them that they wait for it |
//! | `permits` | the permits of an extension that is called, not awaited |
//!
//! A future owns its snapshot and borrows the arguments. It has nothing else.
//!
//! The loop of a plain call is compiled per point, in `fast`. The rest is compiled once: it drives the typed half of a call
//! through a trait object.

pub(crate) mod around;
mod beside;
mod concurrent;
mod ends;
mod extension;
mod extensions;
#[cfg_attr(
    debug_assertions,
    allow(dead_code, reason = "as in a sync call, an unoptimised build has no fast path")
)]
mod fast;
mod guard;
mod hand_on;
mod handle;
mod historic;
mod in_span;
mod next;
mod permits;
mod reduce;
mod settle;
mod typed;
pub(crate) mod within;

pub use next::AsyncRest;
