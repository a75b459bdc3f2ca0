//! [`AsyncPluginManager`]: owns plugins and dispatches calls that are awaited.

use std::any::TypeId;
use std::sync::Arc;

use crate::base::kind::Asynchronous;
use crate::base::name::PluginId;
use crate::call::caller::{AsyncCaller, Callable, Handle, PointCaller};
use crate::call::view::View;
use crate::error::Error;
use crate::manager::Manager;
use crate::manager::staging::staged;
use crate::spec::point::{AsyncExtensionPoint, AsyncSpecs, Points};

/// Owns plugins and dispatches calls to their extensions, `fn` and `async fn` alike, awaiting them.
///
/// Registration, checks and the order of calls are as in a [`PluginManager`](crate::PluginManager). One plugin type
/// can serve both kinds, unless it has a wrapper: here a wrapper is an `async fn`. Extensions run one after the other,
/// except in `call_concurrent`.
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
/// Everything that runs plugins is awaited: the calls of an [`AsyncCaller`], `next.run(…)` in a wrapper, the phases of
/// plugins, and [`register_and_replay`](Manager::register_and_replay). [`register`](Manager::register) runs no
/// plugin, and so refuses one that has past historic calls to replay.
///
/// A `fn` extension runs in place and holds up the task that polls it. Mark a slow one
/// `#[extension(blocking)]`, or build the manager with `offload_sync(true)` (feature `tokio`).
///
/// # Futures
///
/// Nothing happens before a future is polled. A call works on the snapshot taken when it is made. A historic call also
/// reaches plugins that are registered before it ends.
///
/// A future may be dropped wherever it waits. The work under way is dropped, innermost first. Work that has ended
/// stays. A historic call that is dropped is not remembered, and a registration is taken back. Work on the blocking
/// pool runs to its end, and its result is lost.
///
/// # Executors
///
/// A future is `Send` if its arguments are, and runs on any executor. It can be spawned where its arguments are owned
/// or `'static`. The feature `tokio` works inside a tokio runtime: elsewhere a `blocking` extension
/// runs in place, and a timeout is reported when the extension returns.
pub type AsyncPluginManager = Manager<Asynchronous>;

impl Manager<Asynchronous> {
    /// Adds the extension points of `specs`, and wires the `optional` extensions that waited for them.
    ///
    /// Adding the same specs again changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::WrongProject`] if the specs belong to another project; [`Error::OrderCycle`] if the waiting
    /// extensions cannot be ordered.
    #[doc(alias = "add_hookspecs")]
    pub fn add_extension_points<S: AsyncSpecs>(&self, _specs: S) -> Result<(), Error> {
        self.registry().add_specs::<S>(&Points::of(S::declare_async))
    }

    /// Returns the caller of `point`.
    ///
    /// # Panics
    ///
    /// Panics if the specs of the point were never added. [`try_caller`](Self::try_caller) returns an error instead.
    #[doc(alias = "hook")]
    #[track_caller]
    // `Callable` is named though implied: the compiler then reports a `point` that is none once, and not twice.
    pub fn caller<P: AsyncExtensionPoint + Callable<Asynchronous>>(&self, point: P) -> AsyncCaller<P> {
        match self.try_caller(point) {
            Ok(caller) => caller,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the caller of `point`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownExtensionPoint`] if the specs of the point were never added.
    pub fn try_caller<P: AsyncExtensionPoint + Callable<Asynchronous>>(
        &self,
        _point: P,
    ) -> Result<AsyncCaller<P>, Error> {
        match self.registry().slot(TypeId::of::<P>(), P::INFO) {
            Ok(slot) => Ok(PointCaller::new(Handle::new(View::whole(Arc::clone(slot))))),
            Err(error) => Err(error),
        }
    }

    /// Registers a plugin as [`register`](Self::register) does, and replays past historic calls to it.
    ///
    /// The calls are replayed in their order, and historic calls made meanwhile after them. All extensions of the
    /// plugin are wired by then, so calls of other points may reach it during the replay.
    ///
    /// Nothing happens before the future is polled. Dropping it takes the registration back. Unregistering the plugin
    /// ends the replay. A future that is forgotten (`mem::forget`) leaves the plugin registered, but out of calls;
    /// nothing waits for it.
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
    /// As [`register`](Self::register), and [`Error::Replay`] if a replay returns an error. The registration is taken
    /// back then.
    ///
    /// # Panics
    ///
    /// Panics if a replay panics, after the registration was taken back.
    pub async fn register_and_replay<T: Send + Sync + 'static>(&self, plugin: T) -> Result<PluginId, Error> {
        self.registry().register_and_replay_one(staged(None, plugin)).await
    }

    /// Registers a plugin under `name` and replays past historic calls to it.
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
        self.registry().register_and_replay_one(staged).await
    }

    /// Registers all of `plugins` and replays past historic calls to them or, if one is refused or fails, registers
    /// none.
    ///
    /// # Errors
    ///
    /// As [`register_and_replay`](Self::register_and_replay), for the first plugin that is refused or fails.
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
        let candidates = self.candidates(plugins)?;
        self.registry().register_and_replay(candidates).await
    }
}
