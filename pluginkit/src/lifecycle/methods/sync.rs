//! The operations of a life, as methods of a `PluginManager`.

use crate::base::futures::now;
use crate::base::kind::Synchronous;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::{StartPolicy, Transaction};
use crate::manager::{Manager, staged};
use crate::plugin::AnyPlugin;

impl Manager<Synchronous> {
    /// Starts every plugin that is not started, dependencies first; if one fails, rolls all back.
    ///
    /// It is [`start_all_with`](Self::start_all_with) with
    /// [`StartPolicy::Rollback`](crate::lifecycle::StartPolicy::Rollback).
    ///
    /// # Errors
    ///
    /// As [`start_all_with`](Self::start_all_with).
    pub fn start_all(&self) -> Result<(), Error> {
        self.start_all_with(StartPolicy::Rollback)
    }

    /// Starts every plugin that is not started, dependencies first; if one fails, `policy` says what happens.
    ///
    /// Starting a plugin runs `init` and `start` of its [`Lifecycle`](crate::lifecycle::Lifecycle). Where dependencies leave a
    /// choice, plugins start in registration order. A plugin that fails, by an error or a panic, becomes
    /// [`Failed`](crate::metadata::PluginState::Failed). Plugins that require it are not started.
    ///
    /// If another operation is starting a plugin already, this one waits for it and has the same outcome. A rollback
    /// does not stop a plugin that is used by one that another operation has started meanwhile.
    ///
    /// # Errors
    ///
    /// - [`Error::Start`] if a plugin fails.
    /// - [`Error::UnmetDependencies`] if a plugin requires something that is missing, and
    ///   [`Error::DependencyCycle`] if plugins require each other. Nothing is started then, except with
    ///   [`StartPolicy::Continue`](crate::lifecycle::StartPolicy::Continue), which starts the others and returns
    ///   all failures together.
    /// - [`Error::LifecycleBusy`] if a phase of a plugin asks for an operation that would wait for that phase.
    pub fn start_all_with(&self, policy: StartPolicy) -> Result<(), Error> {
        now(self.conductor().start_all(policy))
    }

    /// Starts a plugin and, before it, the plugins it uses, as far as they are not started.
    ///
    /// Problems of plugins that it does not use do not matter.
    ///
    /// # Errors
    ///
    /// As [`start_all_with`](Self::start_all_with), and [`Error::UnknownPlugin`] if no plugin has that name.
    pub fn start_plugin(&self, name: impl AsRef<str>) -> Result<(), Error> {
        self.start_plugins([name.as_ref()], StartPolicy::Rollback)
    }

    /// Starts plugins and, before them, the plugins they use; if one fails, `policy` says what happens.
    ///
    /// With [`StartPolicy::Rollback`](crate::lifecycle::StartPolicy::Rollback), all of them start or none.
    ///
    /// # Errors
    ///
    /// As [`start_plugin`](Self::start_plugin).
    pub fn start_plugins<I>(&self, names: I, policy: StartPolicy) -> Result<(), Error>
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        let names: Vec<PluginId> = names.into_iter().map(Into::into).collect();
        now(self.conductor().start(&names, policy))
    }

    /// Stops every plugin, in the exact reverse of the order in which they were started.
    ///
    /// Stopping a plugin runs `stop` and `unload` of its [`Lifecycle`](crate::lifecycle::Lifecycle). A plugin that failed to
    /// start is stopped as far as it got. A plugin that fails to stop does not keep the others from being
    /// stopped.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] for each phase that failed, all together.
    pub fn stop_all(&self) -> Result<(), Error> {
        now(self.conductor().stop_all())
    }

    /// Stops a plugin and, before it, the plugins that use it, last started first.
    ///
    /// A plugin that is not started is left as it is.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name; [`Error::Stop`] for each phase that failed, all together.
    pub fn stop_plugin(&self, name: impl AsRef<str>) -> Result<(), Error> {
        now(self.conductor().stop(name.as_ref().into()))
    }

    /// Stops a plugin, as far as it was started, and unregisters it; returns `None` if there is none.
    ///
    /// [`unregister`](Self::unregister) does the same without a phase.
    ///
    /// # Errors
    ///
    /// - [`Error::HasDependents`] if other plugins require it, or are started and use it. The plugin stays registered.
    /// - [`Error::Stop`] for each phase that failed. The plugin is unregistered all the same.
    pub fn remove(&self, name: impl AsRef<str>) -> Result<Option<AnyPlugin>, Error> {
        now(self.conductor().remove(name.as_ref(), false))
    }

    /// Removes a plugin and, before it, the plugins that require it; stops those that merely use it.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] for each phase that failed. The plugins are unregistered all the same.
    pub fn remove_with_dependents(&self, name: impl AsRef<str>) -> Result<Option<AnyPlugin>, Error> {
        now(self.conductor().remove(name.as_ref(), true))
    }

    /// Replaces the plugin of the same name: stops it, registers `plugin` in its place, and returns the old plugin.
    ///
    /// The new plugin takes the place of the old one in every order. It also takes over the settings of the host:
    /// whether it is disabled, and its limits. It has no configuration, and is not started.
    ///
    /// If the new plugin is refused or a replay to it fails, the old one stays registered, stopped.
    ///
    /// # Errors
    ///
    /// - [`Error::HasDependents`] if other plugins are started and use it. Nothing has changed.
    /// - The errors of [`register`](Self::register).
    /// - [`Error::Stop`] for each phase that failed. The plugin is replaced all the same.
    /// - [`Error::Several`] with both if the old plugin fails to stop and the new one is refused.
    pub fn replace<T: Send + Sync + 'static>(&self, plugin: T) -> Result<Option<AnyPlugin>, Error> {
        now(self.conductor().replace(self.registry().candidate(staged(None, plugin))?))
    }

    /// Stops every plugin as [`stop_all`](Self::stop_all) does, and unregisters it.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] for each phase that failed, all together. The plugins are unregistered all the same.
    pub fn unload_all(&self) -> Result<(), Error> {
        now(self.conductor().unload_all())
    }
}

impl Transaction<'_, Synchronous> {
    /// Registers all of the plugins and starts them and the plugins they use.
    ///
    /// If one is refused or fails, those that were started are stopped, and none of the list stays registered.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register) and [`PluginManager::start_plugin`](crate::PluginManager::start_plugin).
    ///
    /// # Panics
    ///
    /// As [`register`](Self::register).
    pub fn register_and_start(self) -> Result<Vec<PluginId>, Error> {
        now(self.run())
    }
}
