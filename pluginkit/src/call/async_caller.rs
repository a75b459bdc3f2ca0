//! [`AsyncCaller`]: the typed handle for one point of one async manager.
#![forbid(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::base::name::PluginId;
use crate::call::fast_first::FastFirst;
use crate::call::view::Seen;
use crate::plugin::bind::BindFn;
use crate::plugin::implementation::{Contribution, ImplementationInfo, Role};
use crate::registry::Snapshot;
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::options::Options;
use crate::spec::point::{AsyncExtensionPoint, PointInfo};

/// The typed handle for one extension point of one async manager.
///
/// Its `call`, and what else the point's mode offers, are methods of the type it dereferences to,
/// which `#[extension_point]` writes with the point's own arguments:
///
/// | method | modes | what it does |
/// |---|---|---|
/// | `call(args…).await` | all but historic | the outcome, one extension after the other; a panic unwinds to whoever polls |
/// | `call_concurrent(args…).await` | collecting, without `&mut` arguments | the outcome in call order, all extensions under way at once, or as many as [`concurrency`](Self::concurrency) allows; the first error to arrive ends the call and drops the others |
/// | `stream(args…)` | collecting | a lazy `Stream`: an extension runs when its result is asked for; of a fallible point, each `Err` in its place; wrappers take no part |
/// | `try_call(args…).await` | all but historic | the outcome, or a [`CallError`](crate::CallError) that names the plugin; a [`FailurePolicy`] says whether the call ends with it |
/// | `settle(args…).await` | all but historic | one [`Settled`](crate::Settled) per extension that ran, one after the other (firstresult ends with the first answer); of a pipeline by value, which must be `Clone`, a [`Piped`](crate::Piped) with the value too: one that fails leaves it as it was before; wrappers take no part |
/// | `call_blocking(args…)` | all but historic | for sync code, which waits: the outcome, or a [`CallError`](crate::CallError), also if this is async code (which is not recognised inside tokio's `unconstrained`); it does not drive the runtime it waits on, so that a current-thread one needs another thread that does; it holds nobody to a timeout, and catches no panic but of extensions that its [`FailurePolicy`] leaves out (feature `tokio`) |
/// | `call_historic(args…).await` | historic | the outcome, remembered for later plugins |
/// | `try_call_historic(args…).await` | historic | the outcome, or a [`CallError`](crate::CallError) that names the plugin: then it is not remembered |
/// | `settle_historic(args…).await` | historic | one [`Settled`](crate::Settled) per extension, and the call is remembered |
/// | `call_historic_with(args…, f).await` | historic | the same, each result handed to `f`, also at a replay |
///
/// Its views are those of a [`Caller`](crate::Caller), and [`concurrency`](Self::concurrency).
///
/// The future of a call does nothing until it is polled, borrows the arguments and nothing else, is `Send`
/// if they are, and runs on any executor. Where extensions are under way at once, each has its own clone of
/// an owned argument, and a `fn` that is not `blocking` still runs in place.
///
/// [What a call costs](crate::costs) says what is paid when.
///
/// A caller is cheap to clone, owns what it needs, and sees later registrations, as a
/// [`Caller`](crate::Caller) does. Its type is named with [`point!`](crate::point), or generically over
/// [`AsyncExtensionPoint`](crate::manual::AsyncExtensionPoint).
///
/// ```
/// use std::pin::pin;
///
/// use futures_util::StreamExt; // for `next`
/// use pluginkit::prelude::*;
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> Result<String, std::io::Error>;
/// }
///
/// struct Host {
///     fetch: AsyncCaller<pluginkit::point!(Specs::fetch)>,
/// }
///
/// impl Host {
///     async fn front_page(&self) -> Result<Vec<String>, std::io::Error> {
///         self.fetch.concurrency(8).call_concurrent("harbor").await
///     }
///
///     /// The first headline there is; who comes after it is not asked.
///     async fn headline(&self) -> Option<String> {
///         let mut headlines = pin!(self.fetch.stream("harbor"));
///         while let Some(headline) = headlines.next().await {
///             if let Ok(headline) = headline {
///                 return Some(headline);
///             }
///         }
///         None
///     }
/// }
///
/// # fn block_on<T>(future: impl Future<Output = T>) -> T {
/// #     let mut future = std::pin::pin!(future);
/// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
/// #     loop {
/// #         if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut cx) { return value; }
/// #     }
/// # }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pm = AsyncPluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// let host = Host { fetch: pm.caller(Specs::fetch) };
/// pm.register_fn("static", Specs::fetch, |args| Ok(format!("static[{}]", args.topic)))?;
/// assert_eq!(block_on(host.front_page())?, ["static[harbor]"]);
/// assert_eq!(block_on(host.headline()).as_deref(), Some("static[harbor]"));
/// # Ok(())
/// # }
/// ```
pub struct AsyncCaller<P: AsyncExtensionPoint> {
    calls: P::AsyncCalls,
}

impl<P: AsyncExtensionPoint> AsyncCaller<P> {
    pub(crate) fn new(seen: Seen) -> Self {
        Self { calls: P::AsyncCalls::new(AsyncHandle::new(seen)) }
    }

    fn from_handle(handle: AsyncHandle<P>) -> Self {
        Self { calls: P::AsyncCalls::new(handle) }
    }

    fn handle(&self) -> &AsyncHandle<P> {
        self.calls.handle()
    }

    /// The point it calls.
    pub fn extension_point(&self) -> &'static PointInfo {
        P::INFO
    }

    /// A live view of this caller that leaves out everything the named plugins have on the point.
    #[doc(alias = "subset_hook_caller")]
    #[must_use]
    pub fn without<I>(&self, plugins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.without(plugins.into_iter().map(Into::into))))
    }

    /// A live view of this caller that has nothing but what the named plugins have on the point, as
    /// [`Caller::only`](crate::Caller::only).
    #[must_use]
    pub fn only<I>(&self, plugins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.only(plugins.into_iter().map(Into::into))))
    }

    /// A live view of this caller that has only the plugins of a group of the loaded configuration, in the order
    /// of the group where they had the order of their registration.
    #[cfg(all(feature = "config", feature = "macros"))]
    #[must_use]
    pub fn within_group(&self, group: &str) -> Self {
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.within_group(group)))
    }

    /// A caller with one more implementation, placed as if registered last at normal priority. Where a
    /// name is asked for, it is `(extra)`.
    ///
    /// `call` is a closure `|args| …` that returns what the point returns and is `Send + Sync + 'static`;
    /// `args` has a field for each argument of the point.
    #[doc(alias = "call_extra")]
    #[must_use]
    pub fn extra<F>(&self, call: F) -> Self
    where
        P: BindFn<F>,
    {
        let contribution =
            Contribution::new::<P, P::Extension>(Role::Extension, Options::new(), P::bind_fn(call));
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.with(contribution)))
    }

    /// A caller whose `call_concurrent` has at most `limit` extensions under way at once; its other calls run
    /// them one after the other, as ever.
    ///
    /// # Panics
    ///
    /// If `limit` is 0.
    #[must_use]
    #[track_caller]
    pub fn concurrency(&self, limit: usize) -> Self {
        let Some(limit) = NonZeroUsize::new(limit) else {
            panic!("a concurrency of 0 would let nothing run: `{}` needs at least 1", P::INFO)
        };
        let handle = self.handle();
        Self::from_handle(AsyncHandle { concurrency: Some(limit), ..handle.over(handle.seen.clone()) })
    }

    /// A live view of this caller whose `try_call` and `settle` hold every implementation to `limit`, beside
    /// what it is held to already, as [`Caller::timeout`](crate::Caller::timeout) does.
    #[must_use]
    pub fn timeout(&self, limit: Duration) -> Self {
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.timeout(limit)))
    }

    /// The same, by what `time` says that a plugin takes: `None` if nobody knows; see
    /// [`Caller::fast_first_by`](crate::Caller::fast_first_by).
    #[must_use]
    pub fn fast_first_by<F>(&self, time: F) -> Self
    where
        F: Fn(&PluginId) -> Option<Duration> + Send + Sync + 'static,
    {
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.fast_first(FastFirst::new(time))))
    }

    /// A live view of this caller whose `try_call` and `call_blocking` do `policy` with an extension that fails, as
    /// [`Caller::on_failure`](crate::Caller::on_failure) does.
    #[must_use]
    pub fn on_failure(&self, policy: FailurePolicy) -> Self {
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.on_failure(policy)))
    }

    /// What a call would run now: wrappers first, the outermost leading, then extensions in call order.
    #[doc(alias = "get_hookimpls")]
    pub fn implementations(&self) -> Vec<ImplementationInfo> {
        self.handle().seen.implementations()
    }
}

impl<P: AsyncExtensionPoint> Deref for AsyncCaller<P> {
    type Target = P::AsyncCalls;

    fn deref(&self) -> &P::AsyncCalls {
        &self.calls
    }
}

impl<P: AsyncExtensionPoint> Clone for AsyncCaller<P> {
    fn clone(&self) -> Self {
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.clone()))
    }
}

impl<P: AsyncExtensionPoint> fmt::Debug for AsyncCaller<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncCaller").field("point", &format_args!("{}", P::INFO)).finish_non_exhaustive()
    }
}

/// The calls of a point: the type an [`AsyncCaller`] dereferences to, which has `call` and its relatives
/// as methods of its own.
pub trait AsyncCalls<P: AsyncExtensionPoint>: Send + Sync + 'static {
    /// The calls that go through `handle`.
    fn new(handle: AsyncHandle<P>) -> Self;

    /// What they go through.
    fn handle(&self) -> &AsyncHandle<P>;
}

/// The way to the extensions of one point of an async manager, for the [calls](AsyncCalls) of a point.
///
/// Each method is one whole call: its future owns the extensions of the moment when it was made. The methods are those
/// of a [`Handle`](crate::manual::Handle), and with the feature `tokio` one per mode for sync code that waits
/// (`collect_blocking`).
pub struct AsyncHandle<P: AsyncExtensionPoint> {
    pub(crate) seen: Seen,
    /// How many extensions a concurrent call may have under way.
    pub(crate) concurrency: Option<NonZeroUsize>,
    point: PhantomData<fn() -> P>,
}

impl<P: AsyncExtensionPoint> AsyncHandle<P> {
    pub(crate) fn new(seen: Seen) -> Self {
        Self { seen, concurrency: None, point: PhantomData }
    }

    /// The same, over what `seen` shows.
    fn over(&self, seen: Seen) -> Self {
        Self { concurrency: self.concurrency, ..Self::new(seen) }
    }

    /// The snapshot for a call that starts now, which its future keeps.
    pub(crate) fn load(&self) -> Arc<Snapshot> {
        self.seen.load_owned()
    }
}

impl<P: AsyncExtensionPoint> fmt::Debug for AsyncHandle<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncHandle").field("point", &format_args!("{}", P::INFO)).finish_non_exhaustive()
    }
}
