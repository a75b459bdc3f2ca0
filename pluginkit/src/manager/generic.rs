//! [`Manager`]: registers plugins and hands out callers, for either kind.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::base::kind::Asynchronous;
use crate::base::kind::{Kind, Synchronous};
use crate::base::name::PluginId;
#[cfg(feature = "async")]
use crate::call::caller::AsyncCaller;
use crate::call::caller::{Callable, Caller, Handle, PointCaller};
#[cfg(feature = "async")]
use crate::call::point::AsyncExtensionPoint;
use crate::call::point::ExtensionPoint;
use crate::call::view::View;
use crate::error::Error;
use crate::manager::ManagerBuilder;
use crate::manager::staging::{staged, staged_fn};
use crate::plugin::AnyPlugin;
use crate::plugin::bind::BindFn;
use crate::registry::{Candidate, Registry};
use crate::spec::options::Options;
#[cfg(feature = "async")]
use crate::spec::point::AsyncSpecs;
use crate::spec::point::{PointInfo, Points, Specs};
/// Owns plugins and returns callers of extension points. A manager is sync or async: `K` is its [`Kind`].
///
/// [`PluginManager`](crate::PluginManager) is a `Manager<Synchronous>`, and `AsyncPluginManager` is a
/// `Manager<Asynchronous>`. Start with their pages. Name `Manager` in code that serves both kinds:
///
/// ```
/// use pluginkit::kind::Kind;
/// use pluginkit::{Manager, PluginManager};
///
/// fn list<K: Kind>(pm: &Manager<K>) {
///     for name in pm.plugin_names() {
///         println!("{name}");
///     }
/// }
///
/// list(&PluginManager::new("feed"));
/// ```
pub struct Manager<K: Kind> {
    registry: Arc<Registry>,
    kind: PhantomData<K>,
}

impl<K: Kind> Manager<K> {
    /// Returns a manager for the plugins of `project`.
    pub fn new(project: &str) -> Self {
        Self::builder(project).build()
    }

    /// Returns a builder, which takes more settings of a manager for the plugins of `project`.
    pub fn builder(project: &str) -> ManagerBuilder<K> {
        ManagerBuilder::new(project)
    }

    /// Returns the name of the project that the manager belongs to.
    pub fn project(&self) -> &str {
        self.registry.project()
    }

    pub(super) fn with(registry: Arc<Registry>) -> Self {
        Self { registry, kind: PhantomData }
    }

    /// The state that the methods of the features work on.
    #[doc(hidden)]
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }
}

impl<K: Kind> Manager<K> {
    /// Returns the whole view of a point.
    fn view(&self, id: TypeId, point: &'static PointInfo) -> Result<View, Error> {
        Ok(View::whole(Arc::clone(self.registry().slot(id, point)?)))
    }

    /// Returns the whole view of a point.
    ///
    /// # Panics
    ///
    /// Panics if the specs of the point were never added.
    #[track_caller]
    fn view_or_panic(&self, id: TypeId, point: &'static PointInfo) -> View {
        match self.view(id, point) {
            Ok(view) => view,
            Err(error) => panic!("{error}"),
        }
    }
}

impl<K: Kind> Manager<K> {
    /// Registers a plugin: a value, or an `Arc` of a value.
    ///
    /// The name of the plugin is the id that [`#[plugin]`](macro@crate::plugin) gives its type, else the bare name of
    /// its type (`Weather`). Every `#[extension]` block of the type takes part.
    ///
    /// A `PluginManager` also replays past [historic calls](macro@crate::extension_point#historic-points) to the
    /// plugin, in their order, and then the historic calls that were made during the replay. An `AsyncPluginManager`
    /// must await replays: use its `register_and_replay`.
    ///
    /// # Errors
    ///
    /// An error leaves the manager as it was. A plugin is refused if
    ///
    /// - its name is empty, taken or blocked, or the same `Arc` is registered,
    /// - its metadata is invalid, or names another project,
    /// - its type has neither an extension nor `#[plugin]`,
    /// - it has [options](crate::PluginBuilder::options) for a point that it does not extend
    ///   ([`Error::NotExtended`]),
    /// - the manager lacks the specs of an extension that is not `optional`, or has an unsuitable version of the specs,
    /// - the `before` and `after` options of its extensions contradict each other,
    /// - an extension or a wrapper is an `async fn` that the `PluginManager` cannot await, or a wrapper of an
    ///   `AsyncPluginManager` is no `async fn`,
    /// - an extension is `blocking`, but cannot run on the blocking pool of the `AsyncPluginManager`,
    /// - a replay fails, or an `AsyncPluginManager` has past historic calls to replay.
    ///
    /// # Panics
    ///
    /// Panics if a replay panics. The manager is then as it was.
    pub fn register<T: Send + Sync + 'static>(&self, plugin: T) -> Result<PluginId, Error> {
        self.registry().register_one(staged(None, plugin))
    }

    /// Registers a plugin under `name`: a value, or an `Arc` of a value.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    ///
    /// # Panics
    ///
    /// As [`register`](Self::register).
    pub fn register_as<T: Send + Sync + 'static>(
        &self,
        name: impl Into<PluginId>,
        plugin: T,
    ) -> Result<PluginId, Error> {
        self.registry().register_one(staged(Some(name.into()), plugin))
    }

    /// Registers all of `plugins`. If a plugin is refused, none is registered.
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # struct Feed(&'static str);
    /// # #[extension] impl Specs for Feed { fn fetch(&self, topic: &str) -> String { format!("{}/{topic}", self.0) } }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_all([("eu", Feed("europe")), ("us", Feed("america"))])?;
    /// assert_eq!(pm.plugin_names(), ["eu", "us"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register), for the first plugin that is refused.
    ///
    /// # Panics
    ///
    /// As [`register`](Self::register).
    pub fn register_all<N, T>(
        &self,
        plugins: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Vec<PluginId>, Error>
    where
        N: Into<PluginId>,
        T: Send + Sync + 'static,
    {
        self.registry().register(self.candidates(plugins)?)
    }

    /// Registers a closure as a plugin with one extension.
    ///
    /// `call` is a closure `|args| …` that is `Send + Sync + 'static` and returns the return type of the point.
    /// `args` has a field for each argument of the point, so a function is called as `|args| fetch(args.topic)`. See
    /// [`PluginBuilder`](crate::PluginBuilder) for a closure that returns a future.
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("static", Specs::fetch, |args| format!("static[{}]", args.topic))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    ///
    /// # Panics
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
    ///
    /// # Panics
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
        self.registry().register_one(staged_fn::<P, F>(name.into(), options, call))
    }

    /// Unregisters the plugin of that name and returns it; `None` if there is none.
    ///
    /// Calls that have started still run the plugin. No lifecycle phase runs.
    pub fn unregister(&self, name: impl AsRef<str>) -> Option<AnyPlugin> {
        self.registry().unregister(name.as_ref())
    }

    /// Unregisters the plugin that is this `Arc`, and returns it; `None` if it is not registered.
    pub fn unregister_plugin<T: Send + Sync + 'static>(&self, plugin: &Arc<T>) -> Option<Arc<T>> {
        let plugin: AnyPlugin = Arc::clone(plugin) as AnyPlugin;
        self.registry().unregister_plugin(&plugin)?.downcast().ok()
    }

    /// Named plugins as the registry takes them.
    fn candidates<N, T>(&self, plugins: impl IntoIterator<Item = (N, T)>) -> Result<Vec<Candidate>, Error>
    where
        N: Into<PluginId>,
        T: Send + Sync + 'static,
    {
        let candidate = |(name, plugin): (N, T)| self.registry().candidate(staged(Some(name.into()), plugin));
        plugins.into_iter().map(candidate).collect()
    }
}

impl Manager<Synchronous> {
    /// Adds the extension points of `specs`. Registered plugins whose `optional` extensions waited for these points now
    /// take part.
    ///
    /// Adding the same specs again changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::WrongProject`] if the specs belong to another project; [`Error::OrderCycle`] if the waiting
    /// extensions cannot be ordered.
    #[doc(alias = "add_hookspecs")]
    pub fn add_extension_points<S: Specs>(&self, _specs: S) -> Result<(), Error> {
        self.registry().add_specs::<S>(&Points::of(S::declare))
    }

    /// Returns the caller of `point`.
    ///
    /// # Panics
    ///
    /// Panics if the specs of the point were never added. [`try_caller`](Self::try_caller) returns an error instead.
    #[doc(alias = "hook")]
    #[track_caller]
    // `Callable` is named though implied: the compiler then reports a `point` that is none once, and not twice.
    pub fn caller<P: ExtensionPoint + Callable<Synchronous>>(&self, point: P) -> Caller<P> {
        let _ = point;
        PointCaller::new(Handle::new(self.view_or_panic(TypeId::of::<P>(), P::INFO)))
    }

    /// Returns the caller of `point`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownExtensionPoint`] if the specs of the point were never added.
    pub fn try_caller<P: ExtensionPoint + Callable<Synchronous>>(
        &self,
        _point: P,
    ) -> Result<Caller<P>, Error> {
        match self.view(TypeId::of::<P>(), P::INFO) {
            Ok(view) => Ok(PointCaller::new(Handle::new(view))),
            Err(error) => Err(error),
        }
    }
}

#[cfg(feature = "async")]
impl Manager<Asynchronous> {
    /// Adds the extension points of `specs`. Registered plugins whose `optional` extensions waited for these points now
    /// take part.
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
        let _ = point;
        PointCaller::new(Handle::new(self.view_or_panic(TypeId::of::<P>(), P::INFO)))
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
        match self.view(TypeId::of::<P>(), P::INFO) {
            Ok(view) => Ok(PointCaller::new(Handle::new(view))),
            Err(error) => Err(error),
        }
    }

    /// Registers a plugin as [`register`](Self::register) does, and replays past historic calls to it.
    ///
    /// Past [historic calls](macro@crate::extension_point#historic-points) are replayed in their order, and then the
    /// historic calls that were made during the replay. The plugin is already registered during the replay, so calls
    /// that are not historic may reach it.
    ///
    /// Nothing happens before the future is polled. If the future is dropped, the registration is taken back. If the
    /// plugin is unregistered during the replay, the replay ends. If the future is forgotten (`mem::forget`) during the
    /// replay, the plugin stays registered: historic calls no longer reach the plugin, and all other calls do.
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

    /// Registers all of `plugins`, and replays past historic calls to them. If a plugin is refused or fails, none is
    /// registered.
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

/// Stops the started plugins of a `PluginManager`. Errors of their phases are lost. To get the errors, call
/// [`unload_all`](crate::PluginManager::unload_all) before the manager is dropped.
///
/// An `AsyncPluginManager` cannot await phases here. The drop only gives the
/// [signals](crate::lifecycle::PluginContext::cancellation) that tell the threads and tasks of its plugins to end.
/// Await `unload_all` before the manager is dropped.
impl<K: Kind> Drop for Manager<K> {
    fn drop(&mut self) {
        self.registry.close();
    }
}

impl<K: Kind> fmt::Debug for Manager<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(if K::IS_ASYNC { "AsyncPluginManager" } else { "PluginManager" })
            .field("project", &self.project())
            .field("plugins", &self.plugin_names())
            .finish_non_exhaustive()
    }
}
