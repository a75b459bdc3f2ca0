//! What the macros write, to write by hand.
//!
//! There are two ways. [`Signature`] is the short one, for points that one lifetime is enough for: a point says its
//! arguments and its result, and takes plugins, closures and wrappers of all kinds. [`ExtensionPoint`] is the long one,
//! for all others, and has a complete example, too. There, the `Bind…` traits are what a point implements to accept
//! closures; a point without them accepts objects of its own trait
//! ([`PluginBuilder::object`](crate::PluginBuilder::object)).
#![forbid(unsafe_code)]

pub use crate::arguments::{Arguments, Remembered, ThreadedArguments, WrapArguments};
pub use crate::bind::{Bind, BindFn, BindMethod, BindWrapper, Binder, Bound, BoundFn, Extends};
pub use crate::caller::{Calls, Handle};
pub use crate::dispatch::{BoundNext, Chain, Extensions, Iter, Loaded, RawNext};
pub use crate::point::{ExtensionPoint, HasPoint, NoWrapper, Points, Specs, Wrappable};
pub use crate::returns::{
    Always, Many, One, Optional, Returns, SameAs, Somes, Threaded, TrySomes, TryUnits, TryValues, Units,
    Values,
};

#[cfg(feature = "async")]
pub use crate::{
    arguments::{AsyncArguments, AsyncRemembered, AsyncWrapArguments},
    async_caller::{AsyncCalls, AsyncHandle},
    bind_async::{AsyncArgs, AsyncBoundNext, BindAsync, BindAsyncWrapper, BoundAsync, BoxFuture},
    dispatch::AsyncRawNext,
    erased::room::Slot,
    point::{AsyncExtensionPoint, AsyncSpecs, AsyncWrappable},
    runtime::Awaits,
};

pub use crate::signature::*;
#[cfg(feature = "async")]
pub use crate::signature::{AsyncExtensionOf, AsyncWrapperOf};

#[cfg(feature = "tokio")]
pub use crate::runtime::offload;
