//! What happens on a call: loops over a snapshot, with no lock and no look-up.
//!
//! | file | what it holds |
//! |---|---|
//! | `chain` | the snapshot: extensions and wrappers in call order |
//! | `next` | one step down a chain: the next wrapper, or the extensions |
//! | `collect`, `first`, `pipeline` | one loop per mode |
//! | `historic` | the loop that also remembers |
//! | `guard` | calls whose panics and errors are attributed: `try_call`, `settle` |
//! | `trace` | what observers see |
//!
//! The loops are generic over a closure that calls one extension with the point's own arguments, so
//! that a call compiles to the loop one would have written by hand.

#[cfg(feature = "async")]
pub(crate) mod async_chain;
pub(crate) mod chain;
mod collect;
mod first;
mod guard;
mod historic;
mod next;
mod pipeline;
mod trace;

#[cfg(feature = "async")]
pub use async_chain::{
    AsyncChain, AsyncExtensions, AsyncKept, AsyncRawNext, AsyncStep, AsyncWrapperStep, Ended, Entry,
    Followed, Gathered, Turn,
};
pub use chain::{Chain, Extensions, Kept, Loaded, Visit};
pub use collect::Iter;
pub use guard::{CallError, Settled};
pub use historic::Remembered;
pub use next::{BoundNext, Next, RawNext, Step, WrapperStep};
