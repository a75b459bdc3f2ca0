//! Registration: plugins come in and leave.

use std::sync::Arc;

use crate::base::kind::Kind;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::manager::Manager;
use crate::manager::staging::{staged, staged_fn};
use crate::plugin::AnyPlugin;
use crate::plugin::bind::BindFn;
use crate::registry::Candidate;
use crate::spec::options::Options;

impl<K: Kind> Manager<K> {
    /// Registers a plugin, a value or an `Arc` of one.
    ///
    /// Its name is the id that [`#[plugin]`](macro@crate::plugin) gives its type, else the bare name of its type
    /// (`Weather`). Every `#[extension]` block of its type is wired.
    ///
    /// A `PluginManager` also replays past historic calls to the plugin, in their order. Historic calls made
    /// meanwhile follow. An `AsyncPluginManager` would have to await replays: use its `register_and_replay`.
    ///
    /// # Errors
    ///
    /// An error leaves the manager as it was. A plugin is refused if
    ///
    /// - its name is taken or blocked, or the same `Arc` is registered,
    /// - its type has no extension,
    /// - the manager lacks the specs of an extension that is not `optional`,
    /// - its extensions cannot be ordered as they ask,
    /// - an extension or a wrapper is `async`, and a `PluginManager` cannot await it,
    /// - a replay fails, or an `AsyncPluginManager` has past historic calls to replay.
    ///
    /// # Panics
    ///
    /// Panics if a replay panics. The manager is then as it was.
    pub fn register<T: Send + Sync + 'static>(&self, plugin: T) -> Result<PluginId, Error> {
        self.registry().register_one(staged(None, plugin))
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
        self.registry().register_one(staged(Some(name.into()), plugin))
    }

    /// Registers all of `plugins` or, if one is refused, none.
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
    /// `args` has a field for each argument of the point. See
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
    /// Calls that have started still run it. No lifecycle phase runs.
    pub fn unregister(&self, name: impl AsRef<str>) -> Option<AnyPlugin> {
        self.registry().unregister(name.as_ref())
    }

    /// Unregisters this very plugin and returns it; `None` if it is not registered.
    pub fn unregister_plugin<T: Send + Sync + 'static>(&self, plugin: &Arc<T>) -> Option<Arc<T>> {
        let plugin: AnyPlugin = Arc::clone(plugin) as AnyPlugin;
        self.registry().unregister_plugin(&plugin)?.downcast().ok()
    }

    /// Named plugins as the registry takes them.
    pub(super) fn candidates<N, T>(
        &self,
        plugins: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Vec<Candidate>, Error>
    where
        N: Into<PluginId>,
        T: Send + Sync + 'static,
    {
        let candidate = |(name, plugin): (N, T)| self.registry().candidate(staged(Some(name.into()), plugin));
        plugins.into_iter().map(candidate).collect()
    }
}
