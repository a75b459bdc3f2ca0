//! Extension points written by hand, without the macros.
//!
//! There are two ways. In both ways, [`Specs`] is a unit struct with one constant per point.
//!
//! | way | for | a point implements |
//! |---|---|---|
//! | short | points with at most one lifetime in their arguments, and none in their result | [`Signature`]; a pipeline by value, or a point whose extensions hand an argument on, also [`ThreadsArgument`] |
//! | long | all other points, and historic points | [`PointTypes`], [`Arguments`] and [`WrapArguments`], and one trait per further ability |
//!
//! Both ways need a caller: a type with the method `call` and the other calls of the point. A caller wraps a
//! [`Handle`], and makes its calls with [`Handle::dispatch`]. A caller implements [`PointCaller`] and `Deref`.
//! [`Callable`] names the caller of a point for one kind of manager. One generic type can be the caller of several
//! points, because each point adds its own methods.
//!
//! [`Signature`] and [`PointTypes`] each have a complete example. With the short way, closures, wrappers and async
//! extensions work as with a point of the macro. With the long way, each of these abilities needs a trait of its own:
//!
//! | ability | sync | async |
//! |---|---|---|
//! | calls | [`Callable<Synchronous>`](Callable), over a [`Handle`] | [`Callable<Asynchronous>`](Callable), over an [`AsyncHandle`] |
//! | arguments of an extension | [`Arguments`] | [`AsyncArguments`] |
//! | arguments of a wrapper, which gets the [`Rest`] of the call | [`Wrappable`], [`WrapArguments`] | [`AsyncWrappable`], [`AsyncWrapArguments`] |
//! | a pipeline by value, an argument that is handed on | [`ThreadedArguments`] | the same |
//! | a historic call | [`Remembered`] | [`AsyncRemembered`] |
//! | closures as extensions | [`Bind`], [`BindFn`] | [`BindAsync`] |
//! | closures as wrappers | [`BindWrapper`] | [`BindAsyncWrapper`] |
//! | methods under `#[extension]` as extensions | [`BindMethod`] | [`BindAsyncMethod`] |
//!
//! A point without the `Bind…` traits accepts only objects of its `Extension` trait: see
//! [`PluginBuilder::object`](crate::PluginBuilder::object).
//!
//! No type of this module gives access to the extensions of a point: a [`Dispatch`] makes whole calls, and a [`Rest`]
//! borrows from its call.
//!
//! A *reading* is a type that says what a return type means for a call, like [`Values`] for `T` and [`Somes`] for
//! `Option<T>`. The readings and the modes are types of this module. Other crates cannot add readings or modes.
#![forbid(unsafe_code)]

pub use crate::spec::point::{Points, Specs};
pub use crate::spec::returns::{Somes, TrySomes, TryUnits, TryValues, Units, Values};

pub use crate::call::signature::{
    AnswersFirst, Collects, EditsInPlace, HandsOn, Reduces, Remembers, Threads, ThreadsIfAny,
};
pub use crate::call::signature::{Passing, Signature, ThreadsArgument};

pub use crate::call::Rest;
pub use crate::call::arguments::{Arguments, Remembered, ThreadedArguments, WrapArguments};
pub use crate::call::caller::{Callable, Dispatch, Handle, PointCaller};
pub use crate::call::dispatch::{DispatchKind, SyncKind};
pub use crate::call::point::ExtensionPoint;
pub use crate::erased::{Direct, Shared};
pub use crate::plugin::bind::{Bind, BindFn, BindMethod, BindWrapper};
pub use crate::spec::point::{NoWrapper, PointTypes, Wrappable};

#[cfg(feature = "async")]
pub use crate::{
    call::AsyncRest,
    call::arguments::{AsyncArguments, AsyncRemembered, AsyncWrapArguments},
    call::caller::AsyncHandle,
    call::point::AsyncExtensionPoint,
    erased::future_buffer::FutureSlot,
    plugin::bind_async::{BindAsync, BindAsyncMethod, BindAsyncWrapper},
    spec::point::{AsyncPointTypes, AsyncSpecs, AsyncWrappable},
    spec::waiting::WaitingExtension,
};

#[cfg(feature = "tokio")]
pub use crate::call::runtime::offload;

// What messages of the compiler name. It stands there without a path, as this module has it, and is not hidden.
#[cfg(feature = "tokio")]
#[doc(hidden)]
pub use crate::call::offload::{Ownable, Returnable};
#[cfg(feature = "async")]
#[doc(hidden)]
pub use crate::plugin::bind_async::AsyncSlot;
#[doc(hidden)]
pub use crate::{
    call::signature::{ExtensionOf, Spare, WideSignature},
    plugin::bind::BoundFn,
    plugin::when::Predicate,
    plugin::when_function::FunctionPredicate,
    spec::arguments::{ClonedArgument, RememberedArgument, RememberedValue},
    spec::checks::check::{HandingOn, IsArgument, ReadAs, Returning},
    spec::checks::{Forgets, Iterates, RemembersCalls, RunsConcurrently, Settles},
    spec::returns::{Optional, Returns, SameAs},
};
