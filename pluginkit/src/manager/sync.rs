//! [`PluginManager`]: owns plugins and dispatches calls to them.

use std::any::TypeId;
use std::sync::Arc;

use crate::base::name::PluginId;
use crate::call::caller::Caller;
use crate::call::view::Seen;
use crate::error::Error;
use crate::manager::plugin_builder::PluginBuilder;
use crate::manager::shared::shared_methods;
use crate::manager::{ManagerBuilder, staged, staged_fn};
use crate::plugin::bind::BindFn;
use crate::registry::Registry;
use crate::spec::options::Options;
use crate::spec::point::{ExtensionPoint, Points, Specs};

/// Owns plugins and dispatches calls to their extensions, synchronously.
///
/// Every method takes `&self`. No lock is held while plugin code runs, so a plugin may register,
/// unregister or call from inside a call; such a change affects calls that start afterwards. A call
/// works on the snapshot taken when it starts. A plugin that needs its manager keeps a
/// [`Weak`](std::sync::Weak) of the host's `Arc<PluginManager>`, or is handed a reference as an argument.
///
/// It takes `fn` extensions, and `async fn`s if it was [built](Self::builder) with a runtime to wait on.
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
///     fn fetch(&self, topic: &str) -> String {
///         format!("weather[{topic}]: clear skies")
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// pm.register(Weather)?;
/// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["weather[harbor]: clear skies"]);
/// # Ok(())
/// # }
/// ```
pub struct PluginManager {
    registry: Arc<Registry>,
}

impl PluginManager {
    /// A manager for the plugins of `project`.
    pub fn new(project: &str) -> Self {
        Self::builder(project).build()
    }

    /// Starts a manager for the plugins of `project` that is told more than that.
    pub fn builder(project: &str) -> ManagerBuilder {
        ManagerBuilder::new(project)
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
    pub fn add_extension_points<S: Specs>(&self, _specs: S) -> Result<(), Error> {
        let mut points = Points::default();
        S::declare(&mut points);
        self.registry.add_specs::<S>(&points.declared)
    }

    /// Registers a plugin, a value or an `Arc` of one, under the id that [`#[plugin]`](macro@crate::plugin)
    /// gives its type, else under the bare name of its type (`Weather`).
    ///
    /// Everything that `#[extension]` wrote for its type is wired, and past historic calls are
    /// replayed to it, in the order they happened; those that are made meanwhile follow.
    ///
    /// # Errors
    ///
    /// If the name is taken or blocked, the same `Arc` is registered, the type has no extension, the
    /// manager has not got the specs of an extension that is not `optional`, an extension is `async` and
    /// the manager has no runtime, its place in the order is impossible, or a replay fails. Nothing is
    /// registered then.
    ///
    /// # Panics
    ///
    /// If a replay panics. Nothing is registered then.
    pub fn register<T: Send + Sync + 'static>(&self, plugin: T) -> Result<PluginId, Error> {
        self.registry.register_one(staged(None, plugin))
    }

    /// Registers a plugin, a value or an `Arc` of one, under `name`.
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
        self.registry.register_one(staged(Some(name.into()), plugin))
    }

    /// Registers all of `plugins` or, if one is refused, none.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register), for the first that is refused.
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
        let candidate = |(name, plugin): (N, T)| self.registry.candidate(staged(Some(name.into()), plugin));
        let candidates = plugins.into_iter().map(candidate).collect::<Result<_, _>>()?;
        self.registry.register(candidates)
    }

    /// Registers a closure as a plugin with one extension.
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
        self.registry.register_one(staged_fn::<P, F>(name.into(), options, call))
    }

    /// Starts the registration of a plugin whose specs are named, as a generic type needs it.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// struct Cached<T>(T);
    ///
    /// #[extension]
    /// impl<T: std::fmt::Display + Send + Sync + 'static> Specs for Cached<T> {
    ///     fn fetch(&self, topic: &str) -> String {
    ///         format!("{topic}: {}", self.0)
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("feed");
    /// pm.add_extension_points(Specs)?;
    /// pm.plugin(Cached(7)).named("cached").extends(Specs).register()?;
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor: 7"]);
    /// # Ok(())
    /// # }
    /// ```
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

    /// The caller of `point`.
    ///
    /// # Panics
    ///
    /// If the specs of the point were never added; [`try_caller`](Self::try_caller) returns an error
    /// instead.
    #[doc(alias = "hook")]
    #[track_caller]
    pub fn caller<P: ExtensionPoint>(&self, point: P) -> Caller<P> {
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
    pub fn try_caller<P: ExtensionPoint>(&self, _point: P) -> Result<Caller<P>, Error> {
        match self.registry.slot(TypeId::of::<P>(), P::INFO) {
            Ok(slot) => Ok(Caller::new(Seen::whole(Arc::clone(slot)))),
            Err(error) => Err(error),
        }
    }
}

shared_methods!(PluginManager);
#[cfg(feature = "macros")]
crate::lifecycle::lifecycle_methods!(
    PluginManager,
    [],
    Inline,
    |work| crate::lifecycle::now(work),
    register_and_start
);

/// Stops its plugins, as far as they are started. What fails is told to nobody: call
/// [`unload_all`](PluginManager::unload_all) to hear of it.
impl Drop for PluginManager {
    fn drop(&mut self) {
        self.registry.close();
    }
}

#[cfg(feature = "macros")]
crate::loading::loading_methods!(PluginManager, [], Inline, |work| crate::lifecycle::now(work));
