//! The operations of a life, as methods of an `AsyncPluginManager`.

use crate::base::kind::Asynchronous;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::{StartPolicy, Transaction};
use crate::manager::{Manager, staged};
use crate::plugin::AnyPlugin;

/// The operations on the lives of plugins. They are those of a [`PluginManager`](crate::PluginManager), awaited.
///
/// Dropping the future of an operation drops the phase that is under way. If the future is forgotten (`mem::forget`),
/// its phases continue only when another operation waits for them. That operation polls them, in the tokio runtime in
/// which they began. The rest of the forgotten operation, such as a rollback, is not done.
impl Manager<Asynchronous> {
    /// Starts every plugin that is not started, dependencies first; if one fails, rolls all back.
    ///
    /// It is [`start_all_with`](Self::start_all_with) with
    /// [`StartPolicy::Rollback`](crate::lifecycle::StartPolicy::Rollback).
    ///
    /// # Errors
    ///
    /// As [`start_all_with`](Self::start_all_with).
    pub async fn start_all(&self) -> Result<(), Error> {
        self.conductor().start_all(StartPolicy::Rollback).await
    }

    /// Starts every plugin that is not started, dependencies first; if one fails, `policy` says what happens.
    ///
    /// [`PluginManager::start_all_with`](crate::PluginManager::start_all_with) has the rules.
    ///
    /// # Errors
    ///
    /// [`Error::Start`], [`Error::UnmetDependencies`], [`Error::DependencyCycle`] and [`Error::LifecycleBusy`], as
    /// [`PluginManager::start_all_with`](crate::PluginManager::start_all_with).
    pub async fn start_all_with(&self, policy: StartPolicy) -> Result<(), Error> {
        self.conductor().start_all(policy).await
    }

    /// Starts a plugin and, before it, the plugins it uses, as far as they are not started.
    ///
    /// Problems of plugins that it does not use do not matter.
    ///
    /// # Errors
    ///
    /// As [`start_all_with`](Self::start_all_with), and [`Error::UnknownPlugin`] if no plugin has that name.
    pub async fn start_plugin(&self, name: impl AsRef<str>) -> Result<(), Error> {
        self.conductor().start(&[name.as_ref().into()], StartPolicy::Rollback).await
    }

    /// Starts plugins and, before them, the plugins they use; if one fails, `policy` says what happens.
    ///
    /// With [`StartPolicy::Rollback`](crate::lifecycle::StartPolicy::Rollback), all of them start or none.
    ///
    /// # Errors
    ///
    /// As [`start_plugin`](Self::start_plugin).
    pub async fn start_plugins<I>(&self, names: I, policy: StartPolicy) -> Result<(), Error>
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        let names: Vec<PluginId> = names.into_iter().map(Into::into).collect();
        self.conductor().start(&names, policy).await
    }

    /// Stops every plugin, in the exact reverse of the order in which they were started.
    ///
    /// [`PluginManager::stop_all`](crate::PluginManager::stop_all) has the rules.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] for each phase that failed, all together.
    pub async fn stop_all(&self) -> Result<(), Error> {
        self.conductor().stop_all().await
    }

    /// Stops a plugin and, before it, the plugins that use it, last started first.
    ///
    /// A plugin that is not started is left as it is.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name; [`Error::Stop`] for each phase that failed, all together.
    pub async fn stop_plugin(&self, name: impl AsRef<str>) -> Result<(), Error> {
        self.conductor().stop(name.as_ref().into()).await
    }

    /// Stops a plugin, as far as it was started, and unregisters it; returns `None` if there is none.
    ///
    /// [`unregister`](Self::unregister) does the same without a phase.
    ///
    /// # Errors
    ///
    /// - [`Error::HasDependents`] if other plugins require it, or are started and use it. The plugin stays registered.
    /// - [`Error::Stop`] for each phase that failed. The plugin is unregistered all the same.
    pub async fn remove(&self, name: impl AsRef<str>) -> Result<Option<AnyPlugin>, Error> {
        self.conductor().remove(name.as_ref(), false).await
    }

    /// Removes a plugin and, before it, the plugins that require it; stops those that merely use it.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] for each phase that failed. The plugins are unregistered all the same.
    pub async fn remove_with_dependents(&self, name: impl AsRef<str>) -> Result<Option<AnyPlugin>, Error> {
        self.conductor().remove(name.as_ref(), true).await
    }

    /// Replaces the plugin of the same name: stops it, registers `plugin` in its place, and returns the old plugin.
    ///
    /// [`PluginManager::replace`](crate::PluginManager::replace) has the rules. If this future is dropped, the old
    /// plugin stays registered, stopped.
    ///
    /// # Errors
    ///
    /// As [`PluginManager::replace`](crate::PluginManager::replace).
    pub async fn replace<T: Send + Sync + 'static>(&self, plugin: T) -> Result<Option<AnyPlugin>, Error> {
        let candidate = self.registry().candidate(staged(None, plugin))?;
        self.conductor().replace(candidate).await
    }

    /// Stops every plugin as [`stop_all`](Self::stop_all) does, and unregisters it.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] for each phase that failed, all together. The plugins are unregistered all the same.
    pub async fn unload_all(&self) -> Result<(), Error> {
        self.conductor().unload_all().await
    }
}

impl Transaction<'_, Asynchronous> {
    /// Registers all of the plugins, replays past historic calls to them, and starts them and the plugins they use.
    ///
    /// If one is refused or fails, those that were started are stopped, and none of the list stays registered.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register), as
    /// [`AsyncPluginManager::register_and_replay`](crate::AsyncPluginManager::register_and_replay), and as
    /// [`AsyncPluginManager::start_plugin`](crate::AsyncPluginManager::start_plugin).
    ///
    /// # Panics
    ///
    /// As [`register`](Self::register).
    pub async fn register_and_start(self) -> Result<Vec<PluginId>, Error> {
        self.run().await
    }
}
