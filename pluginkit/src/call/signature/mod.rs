//! [`Signature`]: a point said in a few types, from which all the rest of it follows.
//!
//! Most points borrow their arguments for one call and return something that borrows nothing, so that one
//! lifetime is enough to name them. Such a point implements [`Signature`], and everything else is written
//! here, once for all of them: a host with hundreds of points compiles this once, not hundreds of times.
//!
//! | file | what it holds |
//! |---|---|
//! | here | what a point says of itself |
//! | `forms` | the modes: which loop runs, and what it returns |
//! | `objects` | the objects of extensions and wrappers |
//! | `pass` | how the arguments of a call reach them |
//! | `bind` | how closures become such objects |
//!
//! A point with more lifetimes, or one that remembers its calls, implements
//! [`ExtensionPoint`](crate::ExtensionPoint) and what that needs by itself.
#![forbid(unsafe_code)]

mod bind;
mod forms;
mod objects;
mod pass;

use std::any::Any;

#[cfg(feature = "async")]
use crate::base::kind::Asynchronous;
use crate::base::kind::Synchronous;
#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;
use crate::call::caller::Callable;
use crate::spec::point::{ExtensionPoint, PointInfo, Specs, Wrappable};
use crate::spec::returns::Returns;

#[cfg(feature = "async")]
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::call::runtime::{BlockOn, WaitingExtension};
#[cfg(feature = "tokio")]
use crate::erased::future_buffer::ExtensionFuture;
#[cfg(feature = "async")]
use crate::spec::point::{AsyncExtensionPoint, AsyncWrappable};

pub use forms::{AnswersFirst, Collects, EditsInPlace, Spare, Threads, ThreadsIfAny};

pub(crate) use forms::Form;
#[cfg(feature = "async")]
pub(crate) use objects::{AsyncExtensionOf, AsyncWrapperOf};
pub(crate) use objects::{ExtensionOf, WrapperOf};
pub use pass::Passing;

/// The arguments and the result of a point that needs one lifetime only.
///
/// With a caller, it is a complete [`ExtensionPoint`].
///
/// ```
/// use std::ops::Deref;
///
/// use pluginkit::kind::Synchronous;
/// use pluginkit::manual::*;
/// use pluginkit::{Mode, PluginManager, PointInfo};
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
///     # type AsyncNext<'n> = AsyncRest<'n, Self>;
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
///     # fn async_next(rest: AsyncRest<'_, Self>) -> Self::AsyncNext<'_> { rest }
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
///         self.collect::<Values, _, _>(Passing::<Fetch>::new(FetchArgs { topic }))
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
pub trait Signature: CallableByAll + Copy + Send + Sync + 'static {
    /// The specs that declare it.
    type Specs: Specs;
    /// Its mode: which loop runs, and what that returns.
    type Form: Form<Self>;
    /// How what an extension returns is read.
    type Shape: Returns<Self::Return>;
    /// What an extension returns.
    type Return;
    /// The arguments as one extension or wrapper gets them: a struct with a field for each.
    type Args<'a>;
    /// The arguments during a call; those that are given away by value are in an `Option`.
    type Held<'a>;
    /// The arguments as predicates see them: a struct with a reference for each.
    type Peeked<'x>;
    /// The rest of a call, as a wrapper that takes the arguments receives it.
    type Next<'n>;
    /// The rest of an async call, as a wrapper that takes the arguments receives it.
    #[cfg(feature = "async")]
    type AsyncNext<'n>;
    /// The point without its types.
    const INFO: &'static PointInfo;
    /// Whether its arguments have an owned form that can go to the blocking pool.
    const OFFLOADS: bool = false;

    /// The arguments for the wrapper that gets all that is held.
    fn open<'w, 'a: 'w>(held: Self::Held<'a>) -> Self::Args<'w>;

    /// The arguments to be held during a call.
    fn close(args: Self::Args<'_>) -> Self::Held<'_>;

    /// The arguments for a predicate.
    fn peek<'x>(held: &'x Self::Held<'_>) -> Self::Peeked<'x>;

    /// The arguments for one extension; after the `last`, nobody needs them.
    fn give<'s>(held: &'s mut Self::Held<'_>, last: bool) -> Self::Args<'s>;

    /// The rest of a call, for a wrapper.
    fn next(rest: Rest<'_, Self>) -> Self::Next<'_>;

    /// The rest of an async call, for a wrapper.
    #[cfg(feature = "async")]
    fn async_next(rest: AsyncRest<'_, Self>) -> Self::AsyncNext<'_>;

    /// The arguments for one extension of several that run at the same time; points with a `&mut` argument have none.
    fn share<'w, 'a: 'w>(held: &Self::Held<'a>) -> Self::Args<'w> {
        let _ = held;
        unreachable!("extensions that share a `&mut` argument run one after the other")
    }

    /// The text of an error of the point, for observers.
    fn error_text(error: &ErrorOf<Self>) -> Option<String> {
        let _ = error;
        None
    }

    /// An error of the point, to be kept until the call ends; `None` if it cannot be.
    fn keep(error: ErrorOf<Self>) -> Option<Box<dyn Any + Send>> {
        let _ = error;
        None
    }

    /// Runs `extension` on the blocking pool, with owned arguments; `None` if they have no such form.
    ///
    /// See [`offload`](crate::manual::offload).
    #[cfg(feature = "tokio")]
    fn offload<'w>(
        held: &Self::Held<'_>,
        extension: &'w Arc<<Self as ExtensionPoint>::Extension>,
    ) -> Option<ExtensionFuture<'w, Self::Return>> {
        let _ = (held, extension);
        None
    }
}

/// A point that the managers of every kind can call.
#[cfg(feature = "async")]
#[diagnostic::on_unimplemented(
    message = "the point `{Self}` does not have a caller for each kind of manager",
    label = "needs callers for `Synchronous` and `Asynchronous`",
    note = "implement `pluginkit::manual::Callable` for both kinds, or once with `impl<K: Kind> Callable<K> for {Self}`"
)]
pub trait CallableByAll: Callable<Synchronous> + Callable<Asynchronous> {}

#[cfg(feature = "async")]
#[diagnostic::do_not_recommend]
impl<P: Callable<Synchronous> + Callable<Asynchronous>> CallableByAll for P {}

/// A point that the managers of every kind can call.
#[cfg(not(feature = "async"))]
#[diagnostic::on_unimplemented(
    message = "the point `{Self}` does not have a caller",
    label = "needs a caller for `Synchronous`",
    note = "implement `pluginkit::manual::Callable<Synchronous>` for `{Self}`"
)]
pub trait CallableByAll: Callable<Synchronous> {}

#[cfg(not(feature = "async"))]
#[diagnostic::do_not_recommend]
impl<P: Callable<Synchronous>> CallableByAll for P {}

/// A pipeline that threads one of its arguments by value.
pub trait ThreadsArgument: Signature {
    /// The running value: out while an extension has it.
    fn threaded<'s>(held: &'s mut Self::Held<'_>) -> &'s mut Option<ItemOf<Self>>;

    /// A clone of the running value, to go on with if an extension fails; `None` if it cannot be cloned.
    fn spare(held: &Self::Held<'_>) -> Option<ItemOf<Self>> {
        let _ = held;
        None
    }
}

/// What one extension contributes to an outcome.
pub type ItemOf<P> = <<P as Signature>::Shape as Returns<<P as Signature>::Return>>::Item;
/// The error of a point.
pub type ErrorOf<P> = <<P as Signature>::Shape as Returns<<P as Signature>::Return>>::Error;
/// What a call returns.
pub(crate) type OutcomeOf<P> = <<P as Signature>::Form as Form<P>>::Outcome;

impl<P: Signature> ExtensionPoint for P {
    type Specs = <P as Signature>::Specs;
    type Extension = dyn ExtensionOf<P>;
    type Wrapper = dyn WrapperOf<P>;
    const INFO: &'static PointInfo = <P as Signature>::INFO;
}

impl<P: Signature> Wrappable for P {
    type Next<'n> = <P as Signature>::Next<'n>;
}

#[cfg(feature = "async")]
impl<P: Signature> AsyncExtensionPoint for P {
    type AsyncExtension = dyn AsyncExtensionOf<P>;
    type AsyncWrapper = dyn AsyncWrapperOf<P>;
    const OFFLOADS: bool = <P as Signature>::OFFLOADS;

    fn awaited_on(
        extension: Arc<Self::AsyncExtension>,
        runtime: Arc<dyn BlockOn>,
    ) -> Option<Arc<Self::Extension>> {
        Some(Arc::new(WaitingExtension::new(extension, runtime, <P as Signature>::INFO)))
    }
}

#[cfg(feature = "async")]
impl<P: Signature> AsyncWrappable for P {
    type AsyncNext<'n> = <P as Signature>::AsyncNext<'n>;
}
