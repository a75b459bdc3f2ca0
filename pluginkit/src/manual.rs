//! What the macros write, to write by hand.
//!
//! [`ExtensionPoint`] has a complete example. The `Bind…` traits are what a point implements to accept
//! closures; a point without them accepts objects of its own trait
//! ([`PluginBuilder::object`](crate::PluginBuilder::object)).

pub use crate::bind::{Bind, BindFn, BindWrapper, Binder, Bound, BoundFn, Extends};
pub use crate::caller::{Calls, Handle};
pub use crate::dispatch::{
    BoundNext, Chain, Extensions, Iter, Kept, Loaded, RawNext, Remembered, Step, Visit, WrapperStep,
};
pub use crate::point::{ExtensionPoint, HasPoint, NoWrapper, Points, Specs, Wrappable};
pub use crate::returns::{
    Always, Many, One, Optional, Returns, SameAs, Somes, Threaded, TrySomes, TryUnits, TryValues, Units,
    Values,
};

#[cfg(feature = "async")]
pub use crate::{
    async_caller::{AsyncCalls, AsyncHandle},
    bind_async::{AsyncArgs, AsyncBoundNext, BindAsync, BindAsyncWrapper, BoundAsync, BoxFuture},
    dispatch::{
        AsyncChain, AsyncExtensions, AsyncKept, AsyncRawNext, AsyncStep, AsyncWrapperStep, Ended, Entry,
        Followed, Gathered, Turn,
    },
    point::{AsyncExtensionPoint, AsyncSpecs, AsyncWrappable},
};

use std::convert::Infallible;

/// The text of an error that cannot occur.
pub fn no_error(never: &Infallible) -> String {
    match *never {}
}
