//! The operations of a life, as methods of an `AsyncPluginManager`.

use crate::base::kind::Asynchronous;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::{StartPolicy, Transaction};
use crate::manager::generic::Manager;
use crate::manager::plugin_builder::PluginBuilder;
use crate::manager::staging::staged;
use crate::plugin::AnyPlugin;

/// These methods start, stop, remove and replace plugins, as the methods of a [`PluginManager`](crate::PluginManager)
/// do. The host awaits them.
///
/// If the future of an operation is dropped, the phase that is under way is dropped, and its plugin is `Failed`. If the
/// future is forgotten (`mem::forget`), a phase that is under way continues only when another operation waits for that
/// phase. The waiting operation polls the phase, in the tokio runtime in which the phase began. The rest of the
/// forgotten operation, such as a rollback, does not happen. [Lifecycle](crate::guide::lifecycle#when-a-start-fails)
/// says which plugins stay registered.
impl Manager<Asynchronous> {
    /// Starts every plugin that is not started, [requirements](crate::guide::lifecycle#identity) first. If a plugin
    /// fails, the start is rolled back.
    ///
    /// This is [`start_all_with`](Self::start_all_with) with
    /// [`StartPolicy::Rollback`](crate::lifecycle::StartPolicy::Rollback).
    ///
    /// # Errors
    ///
    /// As [`start_all_with`](Self::start_all_with).
    pub async fn start_all(&self) -> Result<(), Error> {
        self.start_all_with(StartPolicy::Rollback).await
    }

    /// Starts every plugin that is not started, [requirements](crate::guide::lifecycle#identity) first. `policy` says
    /// what happens if a plugin fails.
    ///
    /// [`PluginManager::start_all_with`](crate::PluginManager::start_all_with) has the rules.
    ///
    /// # Errors
    ///
    /// [`Error::Start`], [`Error::UnmetDependencies`], [`Error::DependencyCycle`] and [`Error::LifecycleBusy`], as
    /// [`PluginManager::start_all_with`](crate::PluginManager::start_all_with).
    pub async fn start_all_with(&self, policy: StartPolicy) -> Result<(), Error> {
        self.registry().warn_unbound();
        self.conductor().start_all(policy).await
    }

    /// Starts a plugin and, before it, those of its [requirements](crate::guide::lifecycle#identity) that are not
    /// started, also optional ones.
    ///
    /// Problems of other plugins do not matter. Neither does the failure of a plugin that this one can do without: of an
    /// optional requirement, or of a provider of a service that another plugin or the host provides, too. The
    /// [descriptor](Self::descriptor) of that plugin has the failure.
    ///
    /// # Errors
    ///
    /// As [`start_all_with`](Self::start_all_with), and [`Error::UnknownPlugin`] if no plugin has that name.
    pub async fn start_plugin(&self, name: impl AsRef<str>) -> Result<(), Error> {
        self.conductor().start(&[name.as_ref().into()], StartPolicy::Rollback).await
    }

    /// Starts plugins and, before them, those of their [requirements](crate::guide::lifecycle#identity) that are not
    /// started, also optional ones. `policy` says what happens if a plugin fails.
    ///
    /// With [`StartPolicy::Rollback`](crate::lifecycle::StartPolicy::Rollback), all of these plugins start, or none.
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

    /// Stops a plugin and, before it, its [dependents](crate::guide::lifecycle#identity), last started first.
    ///
    /// A plugin that is `Loaded` or `Stopped` is left as it is. A plugin that is `Failed` runs the phases that are
    /// [due](crate::guide::lifecycle#states).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name; [`Error::Stop`] for each phase that failed, all together.
    pub async fn stop_plugin(&self, name: impl AsRef<str>) -> Result<(), Error> {
        self.conductor().stop(name.as_ref().into()).await
    }

    /// Stops a plugin as [`stop_plugin`](Self::stop_plugin) does, and unregisters it; returns `None` if no plugin has
    /// that name.
    ///
    /// [`unregister`](Self::unregister) unregisters a plugin without running a phase.
    ///
    /// # Errors
    ///
    /// - [`Error::HasDependents`] if another plugin requires the plugin, or if a started plugin has it as an optional
    ///   requirement. The plugin stays registered.
    /// - [`Error::Stop`] for each phase that failed. The plugin is unregistered all the same.
    pub async fn remove(&self, name: impl AsRef<str>) -> Result<Option<AnyPlugin>, Error> {
        self.conductor().remove(name.as_ref(), false).await
    }

    /// Removes a plugin and, before it, the plugins that require it. Plugins that have it as an optional requirement
    /// are only stopped.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] for each phase that failed. The plugins are unregistered all the same.
    pub async fn remove_with_dependents(&self, name: impl AsRef<str>) -> Result<Option<AnyPlugin>, Error> {
        self.conductor().remove(name.as_ref(), true).await
    }

    /// Replaces the plugin of the same name, and returns the old plugin; returns `None` if there was none.
    ///
    /// [`PluginManager::replace`](crate::PluginManager::replace) has the rules. If this future is dropped, the change goes
    /// on: before its step it is taken back, after it the old plugin stops.
    ///
    /// # Errors
    ///
    /// As [`PluginManager::replace`](crate::PluginManager::replace).
    pub async fn replace<T: Send + Sync + 'static>(&self, plugin: T) -> Result<Option<AnyPlugin>, Error> {
        let candidate = self.registry().candidate(staged(None, plugin))?;
        self.conductor().replace(candidate).await
    }

    /// Replaces the plugin of the same name by the plugin of a builder, as [`replace`](Self::replace) does.
    ///
    /// # Errors
    ///
    /// As [`replace`](Self::replace).
    pub async fn replace_built<T: Send + Sync + 'static>(
        &self,
        builder: PluginBuilder<T>,
    ) -> Result<Option<AnyPlugin>, Error> {
        let candidate = self.registry().candidate(builder.staged())?;
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
    /// Registers all plugins of the transaction, replays past [historic
    /// calls](macro@crate::extension_point#historic-points) to them, and starts them and their requirements.
    ///
    /// If a plugin is refused or fails, the plugins that were started are stopped, and no plugin of the transaction
    /// stays registered.
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
