//! [`Caller`]: the type that `pm.caller(…)` returns, over the [`Handle`] of a point.
#![forbid(unsafe_code)]

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::ops::Deref;
#[cfg(feature = "async")]
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "async")]
use crate::base::kind::Asynchronous;
use crate::base::kind::{Kind, Synchronous};
use crate::base::name::PluginId;
use crate::call::arguments::Arguments;
use crate::call::dispatch::DispatchKind;
use crate::call::fast_first::FastFirst;
use crate::call::implementations::Implementations;
use crate::call::iter::Iter;
use crate::call::view::View;
use crate::erased::{Object, ThreadSafe};
use crate::observe::ObservedManager;
use crate::plugin::LeftOut;
use crate::plugin::bind::BindFn;
use crate::plugin::implementation::{Contribution, ImplementationInfo, Role};
#[cfg(feature = "async")]
use crate::registry::Snapshot;
use crate::spec::checks::RemembersCalls;
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::options::Options;
use crate::spec::point::{PointInfo, PointTypes};
use crate::spec::returns::{Returns, Threaded};

/// Calls one extension point of one manager.
///
/// Each point has a caller type of its own, which `#[extension_point]` generates. The caller has the methods of the
/// point's mode. These methods take the arguments of the point:
///
/// | method | modes | returns |
/// |---|---|---|
/// | `call(args…)` | all but historic | The outcome. A panic unwinds through the wrappers to the caller. |
/// | `try_call(args…)` | all but historic | The outcome, or a [`CallError`](crate::CallError) that names the plugin. A [`FailurePolicy`] decides whether a failure ends the call. |
/// | `settle(args…)` | all but historic, and not a `ControlFlow` | One [`Settled`](crate::Settled) per extension that ran; a pipeline by value returns a [`Piped`](crate::calls::Piped). |
/// | `call_around(args…, f)`, `try_call_around(args…, f)` | all but historic | The outcome. The closure `f`, `\|args\| …`, runs [inside the wrappers](crate::guide::wrappers#around-work-of-the-host) in the place of the extensions. |
/// | `iter(args…)` | collecting | An iterator. An extension runs when its result is requested. |
/// | `call_historic(args…)` | historic | The outcome. The call is remembered for later plugins, unless it fails. |
/// | `try_call_historic(args…)` | historic | The outcome, or a [`CallError`](crate::CallError) that names the plugin. A call that fails is not remembered. |
/// | `settle_historic(args…)` | historic | One [`Settled`](crate::Settled) per extension. The call is remembered, even if extensions fail. |
/// | `call_historic_with(args…, f)` | historic | `()`, or `Result<(), E>` if the point returns a `Result`. The closure `f` gets each result, also the results of [replays](macro@crate::extension_point#historic-points). |
///
/// - Wrappers take no part in `iter` and `settle`.
/// - `iter` of a fallible point returns each `Err` in call order.
/// - `settle` of a firstresult point ends with the first answer.
/// - `settle` of a pipeline by value needs a value that is `Clone`. An extension that fails leaves the value unchanged.
///
/// # Views
///
/// A caller dereferences to its [`Handle`], which makes views. A view is a caller of the same point with other
/// extensions, another order, or other limits. Views can be combined. These are the most common:
///
/// | view | calls |
/// |---|---|
/// | [`without(plugins)`](Handle::without) | all plugins except these |
/// | [`only(plugins)`](Handle::only) | these plugins and no others |
/// | [`extra(closure)`](Handle::extra) | all plugins, and one more extension |
/// | [`timeout(limit)`](Handle::timeout) | all plugins, with a time limit in `try_call` and `settle` |
///
/// # Lifetime and cost
///
/// A caller is cheap to clone, owns its data, and sees later registrations. Like an `Arc`, a caller keeps the plugins
/// of its point alive. A plugin that keeps a caller of its own point is dropped only after it is unregistered. If the
/// manager is dropped first, this plugin is never dropped. A view, such as [`without`](Handle::without), also keeps the
/// plugins of its last call until its next call. So a plugin must not keep a view of its own point: this plugin would
/// never be dropped, even after it is unregistered. [The guide to costs](crate::costs) has the cost of each call.
///
/// The [`point!`](crate::point) macro names the type of a caller. Code for any point takes a [`Handle`]: see
/// [generic code](#generic-code).
///
/// ```
/// use pluginkit::prelude::*;
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Host {
///     fetch: Caller<pluginkit::point!(Specs::fetch)>,
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// let Host { fetch } = Host { fetch: pm.caller(Specs::fetch) };
/// pm.register_fn("static", Specs::fetch, |args| format!("static[{}]", args.topic))?;
/// assert_eq!(fetch.call("harbor"), ["static[harbor]"]);
/// # Ok(())
/// # }
/// ```
///
/// # Generic code
///
/// Code that works with any point takes a `&Handle<P>`. A reference to any caller coerces to a `&Handle<P>`. A
/// [`Handle`] has the views and look-ups, but no `call`, because each point has its own arguments. Do not take a
/// `&Caller<P>`: the compiler cannot infer its `P`.
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::calls::Handle;
/// use pluginkit::ExtensionPoint;
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
///     fn refresh(&self);
/// }
///
/// fn count<P: ExtensionPoint>(handle: &Handle<P>) -> usize {
///     handle.implementations().len()
/// }
///
/// fn others<P: ExtensionPoint>(handle: &Handle<P>, plugin: &PluginId) -> Caller<P> {
///     handle.without([plugin.clone()])
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// let plugin = pm.register_fn("static", Specs::fetch, |args| format!("static[{}]", args.topic))?;
/// assert_eq!(count(&pm.caller(Specs::fetch)), 1);
/// assert_eq!(count(&pm.caller(Specs::refresh)), 0);
/// assert!(others(&pm.caller(Specs::fetch), &plugin).call("harbor").is_empty());
/// # Ok(())
/// # }
/// ```
pub type Caller<P, K = Synchronous> = <P as Callable<K>>::Caller;

/// Calls one extension point of one async manager.
///
/// Each point has a caller type of its own, which `#[extension_point]` generates. The caller has the methods of the
/// point's mode. These methods take the arguments of the point:
///
/// | method | modes | returns |
/// |---|---|---|
/// | `call(args…).await` | all but historic | The outcome. Extensions run one after the other. A panic unwinds to the code that polls the future. |
/// | `call_around(args…, &host, f).await`, `try_call_around(…).await` | all but historic | The outcome. The closure `f`, `\|host, args, slot\| slot.put(async move { … })`, runs [inside the wrappers](crate::guide::wrappers#around-work-of-the-host) in the place of the extensions. |
/// | `call_concurrent(args…).await` | collecting, without `&mut` arguments | The outcome, in call order. Extensions run concurrently. |
/// | `try_call_concurrent(args…).await` | collecting, without `&mut` arguments | The same, or a [`CallError`](crate::CallError) that names the plugin. |
/// | `try_call(args…).await` | all but historic | The outcome, or a [`CallError`](crate::CallError) that names the plugin. A [`FailurePolicy`] decides whether a failure ends the call. |
/// | `settle(args…).await` | all but historic, and not a `ControlFlow` | One [`Settled`](crate::Settled) per extension that ran; a pipeline by value returns a [`Piped`](crate::calls::Piped). |
/// | `stream(args…)` | collecting | A `Stream`. An extension runs when its result is requested. |
/// | `call_blocking(args…)` | all but historic | The outcome, or a [`CallError`](crate::CallError). For sync code: the thread waits for the call. Needs the feature `tokio`. |
/// | `call_historic(args…).await` | historic | The outcome. The call is remembered for later plugins, unless it fails. |
/// | `try_call_historic(args…).await` | historic | The outcome, or a [`CallError`](crate::CallError) that names the plugin. A call that fails is not remembered. |
/// | `settle_historic(args…).await` | historic | One [`Settled`](crate::Settled) per extension. The call is remembered, even if extensions fail. |
/// | `call_historic_with(args…, f).await` | historic | `()`, or `Result<(), E>` if the point returns a `Result`. The closure `f` gets each result, also the results of [replays](macro@crate::extension_point#historic-points). |
///
/// - Wrappers take no part in `stream` and `settle`.
/// - `stream` of a fallible point returns each `Err` in call order.
/// - `settle` runs extensions one after the other. `settle` of a firstresult point ends with the first answer.
/// - `settle` of a pipeline by value needs a value that is `Clone`. An extension that fails leaves the value unchanged.
///
/// An async caller has the views of a [`Caller`](crate::Caller#views), and [`concurrency`](Handle::concurrency) in
/// addition.
///
/// # Futures
///
/// The future of a call runs no extension until it is polled. The future borrows only the arguments, and runs on any
/// executor. It is `Send` if the arguments and the items are and, for `call_concurrent`, `try_call_concurrent` and
/// `settle`, the error.
///
/// # Concurrent calls
///
/// `call_concurrent` runs all extensions at the same time, or as many as [`concurrency`](Handle::concurrency) allows.
/// The first error that arrives ends the call and drops the futures of the other extensions. At a point with a
/// [reducer](crate::guide::modes#reduce-the-answers), an error or a panic waits for the extensions before it, which may end the
/// call, too. Each extension gets its own clone of an owned argument. A `fn` extension that is not `blocking` still runs in
/// place.
///
/// `try_call_concurrent` treats panics and overruns like errors, applies the [`FailurePolicy`] of the call, and names the plugin
/// that failed. Failures after which the call continues are in call order.
///
/// # Blocking calls
///
/// `call_blocking` returns [`CallError::InAsyncCode`](crate::CallError::InAsyncCode) in async code. `call_blocking`
/// does not recognise async code inside tokio's `unconstrained`. `call_blocking` waits on [a
/// runtime](crate::guide::mixing), but does not drive this runtime. A current-thread runtime must be driven by another
/// thread. `call_blocking` applies no timeouts. A panic of an extension unwinds to the caller, unless
/// the [`FailurePolicy`] of the call is `Skip` or `Collect`.
///
/// # Lifetime and cost
///
/// A caller is cheap to clone, owns its data, and sees later registrations, like a [`Caller`](crate::Caller).
/// [The guide to costs](crate::costs) has the cost of each call.
///
/// The [`point!`](crate::point) macro names the type of a caller. Code for any point takes an
/// [`AsyncHandle<P>`](crate::calls::AsyncHandle) of an [`AsyncExtensionPoint`](crate::points::AsyncExtensionPoint): see
/// [generic code](crate::Caller#generic-code).
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
///     /// Returns the first headline; later extensions do not run.
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
/// // `block_on` is a function of any executor, for example `futures_executor::block_on`.
/// assert_eq!(block_on(host.front_page())?, ["static[harbor]"]);
/// assert_eq!(block_on(host.headline()).as_deref(), Some("static[harbor]"));
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "async")]
pub type AsyncCaller<P> = Caller<P, Asynchronous>;

/// A point that managers of kind `K` can call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extension point that this manager can call",
    label = "expected a point, like `Specs::fetch`, or `point!(Specs::fetch)` in a type",
    note = "a point written by hand implements `pluginkit::manual::Callable<{K}>`, which names its caller"
)]
pub trait Callable<K: Kind>: PointTypes {
    /// The type that has the calls of the point as methods.
    type Caller: PointCaller<Self, K>;
}

/// The caller of a point: a type over a [`Handle`] with `call` and the other methods of the point's mode.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a caller of `{P}`",
    label = "expected a type over a `Handle<{P}, {K}>`",
    note = "a caller implements `pluginkit::manual::PointCaller<{P}, {K}>` and dereferences to its handle"
)]
pub trait PointCaller<P, K: Kind>:
    Deref<Target = Handle<P, K>> + Clone + fmt::Debug + Send + Sync + 'static
{
    /// Returns the caller over `handle`.
    fn new(handle: Handle<P, K>) -> Self;
}

/// The handle of one point of one manager: its views and look-ups.
///
/// A [`Caller`] dereferences to its handle. A caller that is written by hand makes its calls with
/// [`dispatch`](Self::dispatch).
///
/// On this page, an *implementation* is an extension or a wrapper.
pub struct Handle<P, K: Kind = Synchronous> {
    pub(crate) view: ThreadSafe<View>,
    /// The most extensions that a concurrent call runs at the same time.
    pub(crate) concurrency: Option<NonZeroUsize>,
    point: PhantomData<fn() -> (P, K)>,
}

impl<P: Callable<K>, K: Kind> Handle<P, K> {
    /// Returns the point.
    pub fn extension_point(&self) -> &'static PointInfo {
        P::INFO
    }

    /// Names the right call: the caller of a historic point has a `call_historic` of its own.
    #[doc(hidden)]
    pub fn call_historic<A, H>(&self, arguments: A) -> H
    where
        P: RemembersCalls<H>,
    {
        drop(arguments);
        unreachable!("no point has this bound")
    }

    /// Returns a view without the implementations of the named plugins.
    ///
    /// The view sees later registrations.
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("slow", Specs::fetch, |args| format!("slow[{}]", args.topic))?;
    /// pm.register_fn("fast", Specs::fetch, |args| format!("fast[{}]", args.topic))?;
    /// assert_eq!(pm.caller(Specs::fetch).without(["slow"]).call("harbor"), ["fast[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "subset_hook_caller")]
    #[must_use]
    pub fn without<I>(&self, plugins: I) -> Caller<P, K>
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        self.caller(self.view.without(plugins.into_iter().map(Into::into)))
    }

    /// Returns a view with only the implementations of the named plugins.
    ///
    /// The view sees later registrations, and keeps the call order and the extensions that [`extra`](Self::extra)
    /// added. If several such views are combined, only the plugins that all of them name take part.
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("slow", Specs::fetch, |args| format!("slow[{}]", args.topic))?;
    /// pm.register_fn("fast", Specs::fetch, |args| format!("fast[{}]", args.topic))?;
    /// assert_eq!(pm.caller(Specs::fetch).only(["fast"]).call("harbor"), ["fast[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn only<I>(&self, plugins: I) -> Caller<P, K>
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        self.caller(self.view.only(plugins.into_iter().map(Into::into)))
    }

    /// Returns a view with only the plugins of one group of the loaded configuration.
    ///
    /// The order in the group replaces the registration order. The [options](macro@crate::extension#options) of the
    /// extensions (`tryfirst`, `trylast`, `priority`, `before` and `after`) still come first.
    ///
    /// A group that the configuration does not have is empty, and is among the names that bind nothing:
    /// [`validate`](crate::PluginManager::validate) and the [report](crate::PluginManager::report) have it.
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # use pluginkit::config::PluginConfig;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("slow", Specs::fetch, |args| format!("slow[{}]", args.topic))?;
    /// pm.register_fn("fast", Specs::fetch, |args| format!("fast[{}]", args.topic))?;
    /// pm.load_config(&PluginConfig::from_toml_str("[plugins]\nquick = ['fast']")?)?;
    /// assert_eq!(pm.caller(Specs::fetch).within_group("quick").call("harbor"), ["fast[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(all(feature = "config", feature = "macros"))]
    #[must_use]
    pub fn within_group(&self, group: &str) -> Caller<P, K> {
        self.caller(self.view.within_group(group))
    }

    /// Returns a view with one more extension, ordered as if it were registered last, without options.
    ///
    /// `call` is a closure `|args| …` that returns the return type of the point and is `Send + Sync + 'static`. `args`
    /// has a field for each argument of the point. Reports and errors name the plugin of this extension `(extra)`.
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// let headlines = pm.caller(Specs::fetch).extra(|args| format!("extra[{}]", args.topic)).call("harbor");
    /// assert_eq!(headlines, ["extra[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`extra_built`](Self::extra_built) adds more: options, wrappers, async closures.
    #[doc(alias = "call_extra")]
    #[must_use]
    pub fn extra<F>(&self, call: F) -> Caller<P, K>
    where
        P: BindFn<F>,
    {
        let contribution =
            Contribution::new::<P>(Role::Extension, Options::new(), Object::new(P::bind_fn(call)));
        self.caller(self.view.with(contribution))
    }

    /// Returns a view whose `try_call` and `settle` apply the time limit `limit` to every implementation.
    ///
    /// An implementation may have several limits: its own, and those of its plugin, its point and the call. The
    /// shortest limit applies. The limit of a point or a call bounds what a wrapper does itself, without the rest of the
    /// call that it runs; its own limit, and that of its plugin, bound all of its time.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("static", Specs::fetch, |args| args.topic.to_owned())?;
    /// let hurried = pm.caller(Specs::fetch).timeout(Duration::from_secs(5));
    /// assert_eq!(hurried.try_call("harbor").unwrap(), ["harbor"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn timeout(&self, limit: Duration) -> Caller<P, K> {
        self.caller(self.view.timeout(limit))
    }

    /// Returns a view like [`fast_first`](Self::fast_first), ordered by the times that `time` returns.
    ///
    /// `time` returns `None` if the time of a plugin is unknown. `time` runs on the thread of a call, and a panic of
    /// `time` ends the call. `time` must not call this view.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("network", Specs::fetch, |_| "network".to_owned())?;
    /// pm.register_fn("cache", Specs::fetch, |_| "cache".to_owned())?;
    /// let fetch = pm.caller(Specs::fetch).fast_first_by(|plugin| match plugin.as_str() {
    ///     "cache" => Some(Duration::from_micros(3)),
    ///     "network" => Some(Duration::from_millis(40)),
    ///     _ => None,
    /// });
    /// assert_eq!(fetch.call("harbor"), ["cache", "network"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fast_first_by<F>(&self, time: F) -> Caller<P, K>
    where
        F: Fn(&PluginId) -> Option<Duration> + Send + Sync + 'static,
    {
        self.caller(self.view.fast_first(FastFirst::new(time)))
    }

    /// Returns a view whose `try_call` applies `policy` to extensions that fail.
    ///
    /// `policy` overrides the policies of the point and the manager. If several such views are combined, the last
    /// policy applies.
    ///
    /// ```
    /// # use pluginkit::limits::FailurePolicy;
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> Result<String, String>; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("down", Specs::fetch, |_| Err("no route".to_owned()))?;
    /// pm.register_fn("static", Specs::fetch, |args| Ok(args.topic.to_owned()))?;
    /// let lenient = pm.caller(Specs::fetch).on_failure(FailurePolicy::Skip);
    /// assert_eq!(lenient.try_call("harbor").unwrap(), ["harbor"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_failure(&self, policy: FailurePolicy) -> Caller<P, K> {
        self.caller(self.view.on_failure(policy))
    }

    /// Returns the implementations that a call would run now: wrappers from the outermost on, then extensions in call order.
    /// [`Implementations::left_out`] has those that a call would leave out, and why.
    #[doc(alias = "get_hookimpls")]
    pub fn implementations(&self) -> Implementations {
        Implementations::new(self.view.implementations(), self.view.left_out())
    }

    /// Returns the implementations that a call would leave out now, each with the reason, as
    /// [`Implementations::left_out`] has them.
    pub fn left_out(&self) -> Vec<(ImplementationInfo, LeftOut)> {
        self.view.left_out()
    }

    /// Returns the caller over another view of the point.
    pub(crate) fn caller(&self, view: View) -> Caller<P, K> {
        PointCaller::new(Self { concurrency: self.concurrency, ..Self::new(view) })
    }
}

impl<P, K: Kind> Handle<P, K> {
    /// Returns the calls of the point with its arguments as one value, for callers that are written by hand.
    #[inline]
    pub fn dispatch(&self) -> Dispatch<'_, P, K> {
        Dispatch(self)
    }

    /// Returns the handle over a view of the point.
    #[doc(hidden)]
    pub fn new(view: View) -> Self {
        Self { view: ThreadSafe::new(view), concurrency: None, point: PhantomData }
    }

    /// Returns the manager, as observers know it; `None` after the manager is dropped.
    #[doc(hidden)]
    pub fn observed_manager(&self) -> Option<ObservedManager> {
        self.view.slot.registry().map(|registry| registry.observed())
    }
}

/// The calls behind a caller, with the arguments of a point as one value.
///
/// Each method makes a whole call: it reads the current snapshot of the point, runs the extensions, and releases the
/// snapshot. `R` is the return type of an extension, `S` is the [reading](crate::manual) of `R`, such as
/// [`Values`](crate::manual::Values), and `A` is the type of the arguments. The methods of an async manager return
/// futures.
///
/// | mode | a panic unwinds, an `Err` is returned | a failure names its plugin | each extension has a result of its own |
/// |---|---|---|---|
/// | collecting | `collect`, `results` | `try_collect` | `settle` |
/// | collecting, with a reducer | `reduce`, `results` | `try_reduce` | `settle` |
/// | firstresult | `first` | `try_first` | `settle_first` |
/// | firstresult, handing an argument on | `hand_on` | `try_hand_on` | |
/// | pipeline | `thread` | `try_thread` | `settle_threaded` |
/// | pipeline, abstaining | `thread_optional` | `try_thread_optional` | `settle_threaded` |
/// | historic | `historic`, `historic_with` | `try_historic` | `settle_historic` |
///
/// An async manager has more methods: `collect_concurrent` runs extensions at the same time. With the feature `tokio`,
/// a method for each mode, such as `collect_blocking`, lets sync code wait for the call.
pub struct Dispatch<'h, P, K: DispatchKind = Synchronous>(pub(crate) &'h K::Handle<P>);

impl<P: PointTypes, K: DispatchKind<Handle<P>: fmt::Debug>> fmt::Debug for Dispatch<'_, P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dispatch").field(self.0).finish()
    }
}

impl<P: PointTypes> Dispatch<'_, P> {
    /// Returns the results of the extensions one by one: an extension runs when its result is requested.
    ///
    /// The iterator works on the current snapshot of the point. Wrappers take no part. After an error, the iterator
    /// continues with the next extension.
    pub fn results<S, R, A>(&self, args: A) -> impl FusedIterator<Item = Threaded<S, R>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let snapshot = self.0.view.load_owned();
        Iter::<S, R, P, A>::new(snapshot, args)
    }
}

#[cfg(feature = "async")]
impl<P: Callable<Asynchronous>> Handle<P, Asynchronous> {
    /// Returns a caller whose `call_concurrent` runs at most `limit` extensions at the same time.
    ///
    /// The other methods of the caller still run extensions one after the other.
    ///
    /// # Panics
    ///
    /// Panics if `limit` is 0.
    #[must_use]
    #[track_caller]
    pub fn concurrency(&self, limit: usize) -> Caller<P, Asynchronous> {
        let Some(limit) = NonZeroUsize::new(limit) else {
            panic!("the concurrency of `{}` is 0: expected at least 1", P::INFO)
        };
        PointCaller::new(Self { concurrency: Some(limit), ..self.clone() })
    }
}

#[cfg(feature = "async")]
impl<P> Handle<P, Asynchronous> {
    /// Returns the snapshot for a call that starts now; the future of the call keeps it.
    pub(crate) fn load(&self) -> Arc<Snapshot> {
        self.view.load_owned()
    }
}

impl<P, K: Kind> Clone for Handle<P, K> {
    fn clone(&self) -> Self {
        Self { concurrency: self.concurrency, ..Self::new(View::clone(&self.view)) }
    }
}

impl<P: PointTypes, K: Kind> fmt::Debug for Handle<P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(if K::IS_ASYNC { "AsyncCaller" } else { "Caller" })
            .field("point", &format_args!("{}", P::INFO))
            .finish_non_exhaustive()
    }
}

/// The [`Handle`] of one point of one async manager; an [`AsyncCaller`] dereferences to it.
#[cfg(feature = "async")]
pub type AsyncHandle<P> = Handle<P, Asynchronous>;
