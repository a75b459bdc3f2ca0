//! [`Signature`]: a point that is defined by the types of its arguments and its result.
//!
//! Most points borrow their arguments for one call and return an owned value. One lifetime is enough for them. Such a
//! point implements [`Signature`], and this module implements everything else. A host with hundreds of points compiles
//! this code once.
//!
//! A point like `fn load(&self, id: &str, cx: &mut Ctx<'_>)` needs a second lifetime, because a `&mut Ctx<'b>` fits no
//! shorter `'b`. Such a point implements [`WideSignature`], which every `Signature` is, too.
//!
//! | file | content |
//! |---|---|
//! | here | the trait that a point implements |
//! | `wide` | the same with up to three lifetimes, over which everything else is generic |
//! | `forms` | the modes: the loop that runs, and the type that it returns |
//! | `objects` | the objects of extensions and wrappers |
//! | `pass` | the path of the arguments to these objects |
//! | `bind` | the conversion of closures to these objects |
//!
//! A point whose return value borrows from its arguments implements [`ExtensionPoint`](crate::ExtensionPoint) and its
//! companions directly.
#![forbid(unsafe_code)]

mod bind;
mod forms;
mod objects;
mod pass;
mod wide;

use std::any::Any;

#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;

#[cfg(feature = "tokio")]
use crate::erased::Shared;
#[cfg(feature = "tokio")]
use crate::erased::future_buffer::ExtensionFuture;
#[cfg(feature = "tokio")]
use crate::spec::point::PointTypes;
use crate::spec::point::{PointInfo, Specs};
use crate::spec::returns::Returns;

pub use forms::{
    AnswersFirst, Collects, EditsInPlace, HandsOn, Reduces, Remembers, Spare, Threads, ThreadsIfAny,
};
pub use objects::ExtensionOf;
pub use pass::{Passing, WidePassing};
pub use wide::{
    ArgsOf, ArgumentTypes, ErrorOf, HeldOf, ItemOf, PeekedOf, RunningOf, WideSignature, WideThreadsArgument,
};

pub(crate) use forms::{Form, TakesWrappers};
pub(crate) use objects::{Accepts, DynExtension, DynWrapper, WrapperOf};
#[cfg(feature = "async")]
pub(crate) use objects::{AsyncExtensionOf, AsyncWrapperOf, DynAsyncExtension, DynAsyncWrapper};
pub(crate) use wide::{OutcomeOf, PredicateOf};

/// An extension point with at most one lifetime in its arguments.
///
/// `#[extension_point]` implements this trait. A type that is written by hand, with a `Signature` and a caller, is a
/// complete [`ExtensionPoint`](crate::ExtensionPoint). Such a type can be called, extended and wrapped like a point of
/// the macro. `AsyncNext` and `async_next` exist with the feature `async` only.
///
/// ```
/// use std::ops::Deref;
///
/// use pluginkit::kind::Synchronous;
/// use pluginkit::manual::*;
/// use pluginkit::points::{Mode, PointInfo};
/// use pluginkit::PluginManager;
///
/// // The specs, with one constant per point.
/// #[derive(Clone, Copy)]
/// pub struct Feed;
/// #[allow(non_upper_case_globals)]
/// impl Feed {
///     pub const fetch: Fetch = Fetch;
/// }
/// impl Specs for Feed {
///     const NAME: &'static str = "Feed";
///     const PROJECT: Option<&'static str> = None;
///     fn declare(points: &mut Points) {
///         points.add::<Fetch>();
///     }
/// }
///
/// // The point `fn fetch(&self, topic: &str) -> String`.
/// #[derive(Clone, Copy)]
/// pub struct Fetch;
/// pub struct FetchArgs<T> {
///     pub topic: T,
/// }
/// impl Signature for Fetch {
///     type Specs = Feed;
///     type Form = Collects;
///     type Shape = Values;
///     type Return = String;
///     type Args<'a> = FetchArgs<&'a str>;
///     type Held<'a> = FetchArgs<&'a str>;
///     type Peeked<'x> = FetchArgs<&'x &'x str>;
///     type Next<'n> = Rest<'n, Self>;
///     type AsyncNext<'n> = AsyncRest<'n, Self>;
///     const INFO: &'static PointInfo = &PointInfo::new("Feed", "fetch", Mode::Collecting, &["topic"]);
///
///     fn open<'w, 'a: 'w>(held: Self::Held<'a>) -> Self::Args<'w> {
///         held
///     }
///     fn close(args: Self::Args<'_>) -> Self::Held<'_> {
///         args
///     }
///     fn peek<'x>(held: &'x Self::Held<'_>) -> Self::Peeked<'x> {
///         FetchArgs { topic: &held.topic }
///     }
///     fn give<'s>(held: &'s mut Self::Held<'_>, _last: bool) -> Self::Args<'s> {
///         FetchArgs { topic: held.topic }
///     }
///     fn next(rest: Rest<'_, Self>) -> Self::Next<'_> {
///         rest
///     }
///     fn async_next(rest: AsyncRest<'_, Self>) -> Self::AsyncNext<'_> {
///         rest
///     }
/// }
///
/// // Its caller.
/// #[derive(Clone, Debug)]
/// pub struct FetchCaller(Handle<Fetch>);
/// impl Callable<Synchronous> for Fetch {
///     type Caller = FetchCaller;
/// }
/// impl PointCaller<Fetch, Synchronous> for FetchCaller {
///     fn new(handle: Handle<Fetch>) -> Self {
///         Self(handle)
///     }
/// }
/// impl Deref for FetchCaller {
///     type Target = Handle<Fetch>;
///     fn deref(&self) -> &Handle<Fetch> {
///         &self.0
///     }
/// }
/// impl FetchCaller {
///     pub fn call(&self, topic: &str) -> Vec<String> {
///         self.dispatch().collect::<Values, _, _>(Passing::<Fetch>::new(FetchArgs { topic }))
///     }
/// }
/// # mod asynchronous {
/// #     use super::*;
/// #     use pluginkit::kind::Asynchronous;
/// #     #[derive(Clone, Debug)]
/// #     pub struct FetchAsyncCaller(AsyncHandle<Fetch>);
/// #     impl Callable<Asynchronous> for Fetch { type Caller = FetchAsyncCaller; }
/// #     impl PointCaller<Fetch, Asynchronous> for FetchAsyncCaller {
/// #         fn new(handle: AsyncHandle<Fetch>) -> Self { Self(handle) }
/// #     }
/// #     impl Deref for FetchAsyncCaller {
/// #         type Target = AsyncHandle<Fetch>;
/// #         fn deref(&self) -> &AsyncHandle<Fetch> { &self.0 }
/// #     }
/// # }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Feed)?;
/// pm.register_fn("static", Feed::fetch, |args| format!("static[{}]", args.topic))?;
/// assert_eq!(pm.caller(Feed::fetch).call("harbor"), ["static[harbor]"]);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extension point",
    label = "expected one of a specs' constants, like `Specs::fetch`"
)]
pub trait Signature: Copy + Send + Sync + 'static {
    /// The specs of the point.
    type Specs: Specs;
    /// The mode of the point.
    type Form: Form<Self>;
    /// The [reading](crate::manual) of the return type, like [`Values`](crate::manual::Values).
    type Shape: Returns<Self::Return>;
    /// The return type of an extension.
    type Return;
    /// The arguments of one extension or wrapper: a struct with a field for each argument.
    type Args<'a>;
    /// The arguments during a call. Owned arguments are in an `Option`.
    type Held<'a>;
    /// The arguments of a [predicate](macro@crate::extension#predicates): a struct with a reference for each argument.
    type Peeked<'x>;
    /// The `next` of a wrapper that takes arguments.
    type Next<'n>;
    /// The `next` of an async wrapper that takes arguments.
    #[cfg(feature = "async")]
    type AsyncNext<'n>;
    /// The properties of the point that do not depend on its types.
    const INFO: &'static PointInfo;
    /// Whether the arguments have an owned form that can move to the blocking pool.
    const OFFLOADS: bool = false;

    /// Converts held arguments to the arguments of a wrapper.
    fn open<'w, 'a: 'w>(held: Self::Held<'a>) -> Self::Args<'w>;

    /// Converts arguments to the form that a call holds.
    fn close(args: Self::Args<'_>) -> Self::Held<'_>;

    /// Returns the arguments of a predicate.
    fn peek<'x>(held: &'x Self::Held<'_>) -> Self::Peeked<'x>;

    /// Returns the arguments of one extension. The `last` extension may take owned arguments.
    fn give<'s>(held: &'s mut Self::Held<'_>, last: bool) -> Self::Args<'s>;

    /// Returns the `next` of a wrapper.
    fn next(rest: Rest<'_, Self>) -> Self::Next<'_>;

    /// Returns the `next` of an async wrapper.
    #[cfg(feature = "async")]
    fn async_next(rest: AsyncRest<'_, Self>) -> Self::AsyncNext<'_>;

    /// Returns the arguments of one of several extensions that run concurrently.
    ///
    /// Points with a `&mut` argument do not implement this method, because they have no concurrent calls.
    fn share<'w, 'a: 'w>(held: &Self::Held<'a>) -> Self::Args<'w> {
        let _ = held;
        unreachable!("extensions that share a `&mut` argument run one after the other")
    }

    /// Returns the text of an error of the point, for observers.
    fn error_text(error: &ErrorOf<Self>) -> Option<String> {
        let _ = error;
        None
    }

    /// Boxes an error of the point, to keep it until the call ends.
    ///
    /// # Errors
    ///
    /// Returns the error if it cannot be kept.
    fn keep(error: ErrorOf<Self>) -> Result<Box<dyn Any + Send>, ErrorOf<Self>> {
        Err(error)
    }

    /// Starts `extension` on the blocking pool with owned arguments; `None` if an argument has no owned form.
    ///
    /// See [`offload`](crate::manual::offload).
    #[cfg(feature = "tokio")]
    fn offload<'w>(
        held: &Self::Held<'_>,
        extension: Shared<<Self as PointTypes>::Extension>,
    ) -> Option<ExtensionFuture<'w, Self::Return>> {
        let _ = (held, extension);
        None
    }
}

/// A point that passes one argument by value from extension to extension, the *running value*: a pipeline, or a
/// firstresult point whose extensions hand an argument on.
pub trait ThreadsArgument: Signature {
    /// Returns the running value; `None` while an extension has the value.
    fn threaded<'s>(held: &'s mut Self::Held<'_>) -> &'s mut Option<RunningOf<Self>>;

    /// Returns a clone of the running value, for the case that an extension fails; `None` if the value cannot be
    /// cloned.
    fn spare(held: &Self::Held<'_>) -> Option<RunningOf<Self>> {
        let _ = held;
        None
    }
}
