//! [`AsyncPluginManager`]: owns plugins and dispatches calls that are awaited.

use std::any::TypeId;
use std::sync::Arc;

use crate::base::name::PluginId;
use crate::call::async_caller::AsyncCaller;
use crate::call::view::Seen;
use crate::error::Error;
use crate::manager::plugin_builder::PluginBuilder;
use crate::manager::shared::shared_methods;
use crate::manager::{AsyncManagerBuilder, staged, staged_fn};
use crate::plugin::bind::BindFn;
use crate::registry::Registry;
use crate::spec::options::Options;
use crate::spec::point::{AsyncExtensionPoint, AsyncSpecs, Points};

/// Owns plugins and dispatches calls to their extensions, `fn` and `async fn` alike, awaiting them.
///
/// What is registered, how it is checked and in which order it runs is as in
/// [`PluginManager`](crate::PluginManager); a plugin type may serve both, unless it has a wrapper, which
/// here is an `async fn`. Extensions run one after the other, except in `call_concurrent`.
///
/// ```
/// use pluginkit::prelude::*;
///
/// #[extension_point(project = "feed")]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Weather;
///
/// #[extension]
/// impl Specs for Weather {
///     async fn fetch(&self, topic: &str) -> String {
///         format!("weather[{topic}]: clear skies")
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
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = AsyncPluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// pm.register(Weather)?;
/// pm.register_fn("static", Specs::fetch, |args| format!("static[{}]", args.topic))?;
/// let headlines = block_on(async { pm.caller(Specs::fetch).call("harbor").await });
/// assert_eq!(headlines, ["weather[harbor]: clear skies", "static[harbor]"]);
/// # Ok(())
/// # }
/// ```
///
/// # What is awaited
///
/// What runs plugins: the calls of an [`AsyncCaller`], `next.run(…)` in a wrapper, and
/// [`register_and_replay`](Self::register_and_replay). Nothing else is; [`register`](Self::register) runs no
/// plugin, and therefore refuses one that past historic calls are to be replayed to.
///
/// A `fn` extension runs in place, and whoever polls waits for it. One that takes long is
/// `#[extension(blocking)]`, or the whole manager is built with `offload_sync(true)` (feature `tokio`).
///
/// # Futures
///
/// Nothing happens before a future is polled. A call works on the plugins there were when it was made, a
/// historic one also on those that are registered while it is under way.
///
/// A future may be dropped at any point where it waits: what is under way is dropped, the innermost first,
/// and what has run has run. A historic call that is dropped is not remembered, and a registration is taken
/// back. Work on the blocking pool goes on to its end, and nobody hears of its result.
///
/// # Executors
///
/// A future is `Send` if the arguments are, so it can be spawned where they are owned or `'static`, and runs
/// on any executor. What tokio adds (feature `tokio`) works in its runtime: elsewhere a `blocking` extension
/// runs in place, and a timeout is reported when the extension returns.
pub struct AsyncPluginManager {
    registry: Arc<Registry>,
}

impl AsyncPluginManager {
    /// A manager for the plugins of `project`.
    pub fn new(project: &str) -> Self {
        Self::builder(project).build()
    }

    /// Starts a manager for the plugins of `project` that is told more than that.
    pub fn builder(project: &str) -> AsyncManagerBuilder {
        AsyncManagerBuilder::new(project)
    }

    pub(super) fn with(registry: Arc<Registry>) -> Self {
        Self { registry }
    }

    /// Adds the extension points of `specs`, and wires the `optional` extensions that waited for
    /// them. Adding specs again does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::WrongProject`] if they belong to another project, [`Error::OrderCycle`] if the
    /// extensions that waited for them cannot be ordered.
    #[doc(alias = "add_hookspecs")]
    pub fn add_extension_points<S: AsyncSpecs>(&self, _specs: S) -> Result<(), Error> {
        let mut points = Points::default();
        S::declare_async(&mut points);
        self.registry.add_specs::<S>(&points.declared)
    }

    /// Registers a plugin, a value or an `Arc` of one, under the id that [`#[plugin]`](macro@crate::plugin)
    /// gives its type, else under the bare name of its type (`Weather`).
    ///
    /// Everything that `#[extension]` wrote for its type is wired. If it extends a historic point that
    /// was called before, [`register_and_replay`](Self::register_and_replay) it.
    ///
    /// # Errors
    ///
    /// If the name is taken or blocked, the same `Arc` is registered, the type has no extension, the
    /// manager has not got the specs of an extension that is not `optional`, a wrapper is not
    /// `async`, its place in the order is impossible, or there are calls to replay to it. Nothing is
    /// registered then.
    pub fn register<T: Send + Sync + 'static>(&self, plugin: T) -> Result<PluginId, Error> {
        self.registry.register_one(staged(None, plugin))
    }

    /// Registers a plugin, a value or an `Arc` of one, under `name`.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    pub fn register_as<T: Send + Sync + 'static>(
        &self,
        name: impl Into<PluginId>,
        plugin: T,
    ) -> Result<PluginId, Error> {
        self.registry.register_one(staged(Some(name.into()), plugin))
    }

    /// Registers all of `plugins` or, if one is refused, none.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register), for the first that is refused.
    pub fn register_all<N, T>(
        &self,
        plugins: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Vec<PluginId>, Error>
    where
        N: Into<PluginId>,
        T: Send + Sync + 'static,
    {
        let candidate = |(name, plugin): (N, T)| self.registry.candidate(staged(Some(name.into()), plugin));
        let candidates = plugins.into_iter().map(candidate).collect::<Result<_, _>>()?;
        self.registry.register(candidates)
    }

    /// Registers a plugin as [`register`](Self::register) does, and replays to it the historic calls that
    /// were made before, in the order they happened, with all its extensions wired: other points may call it
    /// meanwhile. Historic calls that are made meanwhile are replayed to it after those before.
    ///
    /// Nothing happens before the future is polled. If it is dropped before its end, the registration is
    /// taken back. If the plugin is unregistered meanwhile, the replay ends there.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     #[extension_point(historic)]
    ///     fn configure(&self, verbose: bool);
    /// }
    ///
    /// struct Weather;
    ///
    /// #[extension]
    /// impl Specs for Weather {
    ///     async fn configure(&self, verbose: bool) {
    ///         println!("verbose: {verbose}");
    ///     }
    /// }
    ///
    /// # async fn run() -> Result<(), pluginkit::Error> {
    /// let pm = AsyncPluginManager::new("feed");
    /// pm.add_extension_points(Specs)?;
    /// pm.caller(Specs::configure).call_historic(true).await;
    /// assert!(pm.register(Weather).is_err());
    /// pm.register_and_replay(Weather).await?; // prints `verbose: true`
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register), and [`Error::Replay`] if a replay returns an error: the registration
    /// is then taken back. It is taken back, too, if the future is dropped. If the future is forgotten
    /// (`mem::forget`), the plugin stays registered and takes no part in calls; nothing waits for it.
    ///
    /// # Panics
    ///
    /// If a replay panics, after the registration was taken back.
    pub async fn register_and_replay<T: Send + Sync + 'static>(&self, plugin: T) -> Result<PluginId, Error> {
        self.registry.register_and_replay_one(staged(None, plugin)).await
    }

    /// Registers a plugin under `name` and replays to it, as
    /// [`register_and_replay`](Self::register_and_replay) does.
    ///
    /// # Errors
    ///
    /// As [`register_and_replay`](Self::register_and_replay).
    ///
    /// # Panics
    ///
    /// As [`register_and_replay`](Self::register_and_replay).
    pub async fn register_and_replay_as<T: Send + Sync + 'static>(
        &self,
        name: impl Into<PluginId>,
        plugin: T,
    ) -> Result<PluginId, Error> {
        let staged = staged(Some(name.into()), plugin);
        self.registry.register_and_replay_one(staged).await
    }

    /// Registers all of `plugins` and replays to them, as
    /// [`register_and_replay`](Self::register_and_replay) does, or, if one is refused or fails, none.
    ///
    /// # Errors
    ///
    /// As [`register_and_replay`](Self::register_and_replay), for the first that is refused or fails.
    ///
    /// # Panics
    ///
    /// As [`register_and_replay`](Self::register_and_replay).
    pub async fn register_all_and_replay<N, T>(
        &self,
        plugins: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Vec<PluginId>, Error>
    where
        N: Into<PluginId>,
        T: Send + Sync + 'static,
    {
        let candidate = |(name, plugin): (N, T)| self.registry.candidate(staged(Some(name.into()), plugin));
        let candidates = plugins.into_iter().map(candidate).collect::<Result<_, _>>()?;
        self.registry.register_and_replay(candidates).await
    }

    /// Registers a closure as a plugin with one extension.
    ///
    /// `call` is a closure `|args| …` that returns what the point returns and is `Send + Sync + 'static`;
    /// `args` has a field for each argument of the point. For a closure that returns a future, see
    /// [`PluginBuilder::async_extension`].
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    pub fn register_fn<P, F>(&self, name: impl Into<PluginId>, point: P, call: F) -> Result<PluginId, Error>
    where
        P: BindFn<F>,
    {
        self.register_fn_with(name, point, Options::new(), call)
    }

    /// Registers a closure as a plugin with one extension that has these options.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    pub fn register_fn_with<P, F>(
        &self,
        name: impl Into<PluginId>,
        _point: P,
        options: Options,
        call: F,
    ) -> Result<PluginId, Error>
    where
        P: BindFn<F>,
    {
        self.registry.register_one(staged_fn::<P, F>(name.into(), options, call))
    }

    /// Starts the registration of a plugin whose specs are named, as a generic type needs it.
    ///
    /// Given a name instead, it is the look-up: `pm.plugin("cached").get()` is the plugin, or `None`.
    #[doc(alias = "get_plugin")]
    pub fn plugin<T>(&self, plugin: T) -> PluginBuilder<'_, T> {
        PluginBuilder::new(&self.registry, Arc::new(plugin))
    }

    /// Starts the registration of a plugin that is shared already, as [`plugin`](Self::plugin) does.
    pub fn shared_plugin<T: Send + Sync + 'static>(&self, plugin: Arc<T>) -> PluginBuilder<'_, T> {
        PluginBuilder::new(&self.registry, plugin)
    }

    /// Lets at most `limit` extensions of a plugin be under way at once, of those that start from now on, whatever
    /// points and calls they belong to; `None` lifts that. For plugins that are not made for more.
    ///
    /// The next wait for their turn, first come, first served; that counts as time they took, for timeouts and so for
    /// circuit breakers too, and ends with the call that waits. What an extension calls itself of its own plugin's does not wait for that extension: it runs in
    /// its stead, one at a time. That is known of what it awaits itself, not of other tasks or threads. Two plugins that
    /// are limited so and call each other can wait for each other, as with locks; a timeout ends that.
    ///
    /// Wrappers and the phases of the plugin's life are not counted. A `PluginManager` has no such limit: its calls
    /// run on the threads that make them, which only the host can hold up.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name.
    ///
    /// # Panics
    ///
    /// If `limit` is 0: [`set_enabled`](Self::set_enabled) is what takes a plugin out of calls.
    #[cfg(feature = "tokio")]
    #[track_caller]
    pub fn set_plugin_concurrency(
        &self,
        name: impl AsRef<str>,
        limit: impl Into<Option<usize>>,
    ) -> Result<(), Error> {
        let limit = limit.into().map(|limit| match std::num::NonZeroUsize::new(limit) {
            Some(limit) => limit,
            None => panic!(
                "a concurrency of 0 would let nothing run: `{}` needs at least 1, or `set_enabled(…, false)`",
                name.as_ref()
            ),
        });
        self.registry.set_plugin_places(name.as_ref(), limit)
    }

    /// The caller of `point`.
    ///
    /// # Panics
    ///
    /// If the specs of the point were never added; [`try_caller`](Self::try_caller) returns an error
    /// instead.
    #[doc(alias = "hook")]
    #[track_caller]
    pub fn caller<P: AsyncExtensionPoint>(&self, point: P) -> AsyncCaller<P> {
        match self.try_caller(point) {
            Ok(caller) => caller,
            Err(error) => panic!("{error}"),
        }
    }

    /// The caller of `point`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownExtensionPoint`] if the specs of the point were never added.
    pub fn try_caller<P: AsyncExtensionPoint>(&self, _point: P) -> Result<AsyncCaller<P>, Error> {
        match self.registry.slot(TypeId::of::<P>(), P::INFO) {
            Ok(slot) => Ok(AsyncCaller::new(Seen::whole(Arc::clone(slot)))),
            Err(error) => Err(error),
        }
    }
}

shared_methods!(AsyncPluginManager);
#[cfg(feature = "macros")]
crate::lifecycle::lifecycle_methods!(
    AsyncPluginManager,
    [async],
    Awaiting,
    |work| work.await,
    replay_and_start
);

/// Tells what its plugins have set going that this is to end: it cannot await their phases. Await
/// [`unload_all`](AsyncPluginManager::unload_all) before it is dropped.
impl Drop for AsyncPluginManager {
    fn drop(&mut self) {
        self.registry.close();
    }
}

#[cfg(feature = "macros")]
crate::loading::loading_methods!(
    AsyncPluginManager,
    [async],
    Awaiting,
    |work| work.await
);
