//! [`Caller`]: what `pm.caller(…)` returns, over the [`Handle`] of a point.
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
use crate::call::fast_first::FastFirst;
use crate::call::iter::Iter;
use crate::call::view::View;
use crate::plugin::bind::BindFn;
use crate::plugin::implementation::{Contribution, ImplementationInfo, Role};
#[cfg(feature = "async")]
use crate::registry::Snapshot;
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::options::Options;
use crate::spec::point::{ExtensionPoint, PointInfo};
use crate::spec::returns::{Returns, Threaded};

/// The typed handle for one extension point of one manager.
///
/// It is a type of the point's own. `#[extension_point]` writes it, with the methods of the point's mode and the point's
/// own arguments:
///
/// | method | modes | what it does |
/// |---|---|---|
/// | `call(args…)` | all but historic | the outcome; a panic unwinds through the wrappers to the caller |
/// | `iter(args…)` | collecting | lazy: an extension runs when its result is asked for; of a fallible point, each `Err` in its place; wrappers take no part |
/// | `try_call(args…)` | all but historic | the outcome, or a [`CallError`](crate::CallError) that names the plugin; a [`FailurePolicy`] says whether the call ends with it |
/// | `settle(args…)` | all but historic | one [`Settled`](crate::Settled) per extension that ran (firstresult ends with the first answer); of a pipeline by value, which must be `Clone`, a [`Piped`](crate::Piped) with the value too: one that fails leaves it as it was before; wrappers take no part |
/// | `call_historic(args…)` | historic | the outcome, remembered for later plugins |
/// | `try_call_historic(args…)` | historic | the outcome, or a [`CallError`](crate::CallError) that names the plugin: then it is not remembered |
/// | `settle_historic(args…)` | historic | one [`Settled`](crate::Settled) per extension, and the call is remembered |
/// | `call_historic_with(args…, f)` | historic | the same, each result handed to `f`, also at a replay |
///
/// It dereferences to a [`Handle`], which has the views. A view is a caller that sees the point differently; views may be
/// put on top of each other:
///
/// | view | what it calls |
/// |---|---|
/// | [`without(plugins)`](Handle::without) | all but these plugins |
/// | [`only(plugins)`](Handle::only) | these plugins and no others |
/// | [`extra(closure)`](Handle::extra) | one more implementation |
/// | [`timeout(limit)`](Handle::timeout) | the same, held to a time in `try_call` and `settle` |
///
/// [What a call costs](crate::costs) says what is paid when.
///
/// A caller is cheap to clone, owns what it needs, and sees later registrations. Like an `Arc`, it keeps
/// what it calls alive: a plugin that keeps a caller of a point it extends itself lives until it is
/// unregistered, even if the manager is dropped before.
///
/// Its type is named with [`point!`](crate::point). Code over any point takes a [`Handle`]: see
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
/// Code that works with any point takes a `&Handle<P>`, for which a `&` of any caller is accepted. A [`Handle`] has the
/// views and the look-ups. `call` is not among them, as each point has arguments of its own. `P` cannot be inferred from
/// a `&Caller<P>`.
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::{ExtensionPoint, Handle};
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

/// The typed handle for one extension point of one async manager.
///
/// It is a type of the point's own. `#[extension_point]` writes it, with the methods of the point's mode and the point's
/// own arguments:
///
/// | method | modes | what it does |
/// |---|---|---|
/// | `call(args…).await` | all but historic | the outcome, one extension after the other; a panic unwinds to whoever polls |
/// | `call_concurrent(args…).await` | collecting, without `&mut` arguments | the outcome in call order, all extensions under way at once, or as many as [`concurrency`](Handle::concurrency) allows; the first error to arrive ends the call and drops the others |
/// | `stream(args…)` | collecting | a lazy `Stream`: an extension runs when its result is asked for; of a fallible point, each `Err` in its place; wrappers take no part |
/// | `try_call(args…).await` | all but historic | the outcome, or a [`CallError`](crate::CallError) that names the plugin; a [`FailurePolicy`] says whether the call ends with it |
/// | `settle(args…).await` | all but historic | one [`Settled`](crate::Settled) per extension that ran, one after the other (firstresult ends with the first answer); of a pipeline by value, which must be `Clone`, a [`Piped`](crate::Piped) with the value too: one that fails leaves it as it was before; wrappers take no part |
/// | `call_blocking(args…)` | all but historic | for sync code, which waits: the outcome, or a [`CallError`](crate::CallError), also if this is async code (which is not recognised inside tokio's `unconstrained`); it does not drive the runtime it waits on, so that a current-thread one needs another thread that does; it holds nobody to a timeout, and catches no panic but of extensions that its [`FailurePolicy`] leaves out (feature `tokio`) |
/// | `call_historic(args…).await` | historic | the outcome, remembered for later plugins |
/// | `try_call_historic(args…).await` | historic | the outcome, or a [`CallError`](crate::CallError) that names the plugin: then it is not remembered |
/// | `settle_historic(args…).await` | historic | one [`Settled`](crate::Settled) per extension, and the call is remembered |
/// | `call_historic_with(args…, f).await` | historic | the same, each result handed to `f`, also at a replay |
///
/// Its views are those of a [`Caller`](crate::Caller), and [`concurrency`](Handle::concurrency).
///
/// The future of a call does nothing until it is polled, borrows the arguments and nothing else, is `Send`
/// if they are, and runs on any executor. Where extensions are under way at once, each has its own clone of
/// an owned argument, and a `fn` that is not `blocking` still runs in place.
///
/// [What a call costs](crate::costs) says what is paid when.
///
/// A caller is cheap to clone, owns what it needs, and sees later registrations, as a
/// [`Caller`](crate::Caller) does. Its type is named with [`point!`](crate::point). Code that works with any point takes an
/// [`AsyncHandle<P>`](crate::AsyncHandle) of an [`AsyncExtensionPoint`](crate::AsyncExtensionPoint), as
/// [generic code](crate::Caller#generic-code) over a sync manager takes a [`Handle`].
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
#[cfg(feature = "async")]
pub type AsyncCaller<P> = Caller<P, Asynchronous>;

/// A point that managers of the kind `K` can call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extension point that a manager of the kind `{K}` can call",
    label = "expected one of a specs' constants, like `Specs::fetch`",
    note = "a point written by hand implements `pluginkit::manual::Callable<{K}>`, which names its caller"
)]
pub trait Callable<K: Kind>: Sized + 'static {
    /// The type that has the point's `call` and its relatives as methods.
    type Caller: PointCaller<Self, K>;
}

/// The caller of a point: a type with its `call` and its relatives as methods, over a [`Handle`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a caller of `{P}`",
    label = "expected a type over a `Handle<{P}, {K}>`",
    note = "a caller implements `pluginkit::manual::PointCaller<{P}, {K}>` and dereferences to its handle"
)]
pub trait PointCaller<P, K: Kind>:
    Deref<Target = Handle<P, K>> + Clone + fmt::Debug + Send + Sync + 'static
{
    /// The caller that goes through `handle`.
    fn new(handle: Handle<P, K>) -> Self;
}

/// The way to the extensions of one point of one manager. A [`Caller`] dereferences to it.
///
/// Each method is one whole call: it takes the extensions of that moment, runs them, and lets go of them before it
/// returns. `S` is the reading of the return type `R` ([`Values`](crate::manual::Values) and its siblings), and `A` the
/// arguments.
///
/// | mode | panics and errors go to the caller | they name the plugin | each extension by itself |
/// |---|---|---|---|
/// | collecting | `collect`, `results` | `try_collect` | `settle` |
/// | firstresult | `first` | `try_first` | `settle_first` |
/// | pipeline | `thread` | `try_thread` | `settle_threaded` |
/// | pipeline, abstaining | `thread_optional` | `try_thread_optional` | `settle_threaded` |
/// | historic | `historic`, `historic_with` | `try_historic` | `settle_historic` |
pub struct Handle<P, K: Kind = Synchronous> {
    pub(crate) view: View,
    /// How many extensions a concurrent call may have under way.
    pub(crate) concurrency: Option<NonZeroUsize>,
    point: PhantomData<fn() -> (P, K)>,
}

impl<P: ExtensionPoint + Callable<K>, K: Kind> Handle<P, K> {
    /// The point it calls.
    pub fn extension_point(&self) -> &'static PointInfo {
        P::INFO
    }

    /// A live view of this caller that leaves out everything the named plugins have on the point.
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

    /// A live view of this caller that has nothing but what the named plugins have on the point, in call order;
    /// what [`extra`](Self::extra) added stays. Of several such views, a plugin must be named by each.
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

    /// A live view of this caller that has only the plugins of a group of the loaded configuration, in the order
    /// of the group where they had the order of their registration.
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

    /// A caller with one more implementation, placed as if registered last at normal priority. Where a
    /// name is asked for, it is `(extra)`.
    ///
    /// `call` is a closure `|args| …` that returns what the point returns and is `Send + Sync + 'static`;
    /// `args` has a field for each argument of the point.
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
    #[doc(alias = "call_extra")]
    #[must_use]
    pub fn extra<F>(&self, call: F) -> Caller<P, K>
    where
        P: BindFn<F>,
    {
        let contribution =
            Contribution::new::<P, P::Extension>(Role::Extension, Options::new(), P::bind_fn(call));
        self.caller(self.view.with(contribution))
    }

    /// A live view of this caller whose `try_call` and `settle` hold every implementation to `limit`, beside
    /// what it is held to already: the tightest limit wins. A wrapper is held to it with all it runs around.
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

    /// Returns a view as [`fast_first`](Self::fast_first) does, by the times that `time` returns: `None` for a plugin
    /// whose time is unknown.
    ///
    /// It is asked on the thread of a call, which a panic in it ends. It must not go through this view itself.
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

    /// A live view of this caller whose `try_call` does `policy` with an extension that fails, whatever its point or
    /// its manager says; the last of several policies counts.
    ///
    /// ```
    /// # use pluginkit::FailurePolicy;
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

    /// What a call would run now: wrappers first, the outermost leading, then extensions in call order.
    #[doc(alias = "get_hookimpls")]
    pub fn implementations(&self) -> Vec<ImplementationInfo> {
        self.view.implementations()
    }

    /// The caller over another view of the point.
    fn caller(&self, view: View) -> Caller<P, K> {
        PointCaller::new(Self { concurrency: self.concurrency, ..Self::new(view) })
    }
}

impl<P, K: Kind> Handle<P, K> {
    pub(crate) fn new(view: View) -> Self {
        Self { view, concurrency: None, point: PhantomData }
    }
}

impl<P: ExtensionPoint> Handle<P> {
    /// Returns the results of the extensions one by one: an extension runs when its result is asked for.
    ///
    /// The extensions are those of the moment of this call. Wrappers take no part. After an error, the iterator goes on
    /// with the next extension.
    pub fn results<S, R, A>(&self, args: A) -> impl FusedIterator<Item = Threaded<S, R>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let snapshot = self.view.load_owned();
        snapshot.tell_called();
        Iter::<S, R, P, A>::new(snapshot, args)
    }
}

#[cfg(feature = "async")]
impl<P: ExtensionPoint + Callable<Asynchronous>> Handle<P, Asynchronous> {
    /// A caller whose `call_concurrent` has at most `limit` extensions under way at once; its other calls run
    /// them one after the other, as ever.
    ///
    /// # Panics
    ///
    /// If `limit` is 0.
    #[must_use]
    #[track_caller]
    pub fn concurrency(&self, limit: usize) -> Caller<P, Asynchronous> {
        let Some(limit) = NonZeroUsize::new(limit) else {
            panic!("a concurrency of 0 would let nothing run: `{}` needs at least 1", P::INFO)
        };
        PointCaller::new(Self { concurrency: Some(limit), ..self.clone() })
    }
}

#[cfg(feature = "async")]
impl<P> Handle<P, Asynchronous> {
    /// The snapshot for a call that starts now, which its future keeps.
    pub(crate) fn load(&self) -> Arc<Snapshot> {
        self.view.load_owned()
    }
}

impl<P, K: Kind> Clone for Handle<P, K> {
    fn clone(&self) -> Self {
        Self { concurrency: self.concurrency, ..Self::new(self.view.clone()) }
    }
}

impl<P: ExtensionPoint, K: Kind> fmt::Debug for Handle<P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(if K::IS_ASYNC { "AsyncCaller" } else { "Caller" })
            .field("point", &format_args!("{}", P::INFO))
            .finish_non_exhaustive()
    }
}

/// The way to the extensions of one point of one async manager; an [`AsyncCaller`] dereferences to it.
#[cfg(feature = "async")]
pub type AsyncHandle<P> = Handle<P, Asynchronous>;
