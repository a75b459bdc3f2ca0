//! The operations of a life, as methods of a `PluginManager`.

use crate::base::futures::now;
use crate::base::kind::Synchronous;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::{StartPolicy, Transaction};
use crate::manager::generic::Manager;
use crate::manager::plugin_builder::PluginBuilder;
use crate::manager::staging::staged;
use crate::plugin::AnyPlugin;

impl Manager<Synchronous> {
    /// Starts every plugin that is not started, [requirements](crate::guide::lifecycle#identity) first. If a plugin
    /// fails, the start is rolled back.
    ///
    /// This is [`start_all_with`](Self::start_all_with) with
    /// [`StartPolicy::Rollback`](crate::lifecycle::StartPolicy::Rollback).
    ///
    /// # Errors
    ///
    /// As [`start_all_with`](Self::start_all_with).
    pub fn start_all(&self) -> Result<(), Error> {
        self.start_all_with(StartPolicy::Rollback)
    }

    /// Starts every plugin that is not started, [requirements](crate::guide::lifecycle#identity) first. `policy` says
    /// what happens if a plugin fails.
    ///
    /// Starting a plugin runs `init` and `start` of its [`Lifecycle`](crate::lifecycle::Lifecycle). Plugins that do not
    /// depend on each other start in registration order. A plugin with a phase that returns an error, panics or exceeds
    /// its timeout becomes [`Failed`](crate::metadata::PluginState::Failed). Plugins that require a failed plugin are
    /// not started.
    ///
    /// If another operation is already starting a plugin, this operation waits for that start and has the same outcome.
    /// A rollback does not stop a plugin if another operation has started a dependent of this plugin.
    ///
    /// # Errors
    ///
    /// - [`Error::Start`] if a plugin fails.
    /// - [`Error::UnmetDependencies`] if a requirement is missing or has another version, and
    ///   [`Error::DependencyCycle`] if plugins require each other. In both cases, nothing is started. Only
    ///   [`StartPolicy::Continue`](crate::lifecycle::StartPolicy::Continue) starts the other plugins, and returns all
    ///   failures together.
    /// - [`Error::LifecycleBusy`] if a phase of a plugin calls an operation that would wait for that phase.
    pub fn start_all_with(&self, policy: StartPolicy) -> Result<(), Error> {
        self.registry().warn_unbound();
        now(self.conductor().start_all(policy))
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
    pub fn start_plugin(&self, name: impl AsRef<str>) -> Result<(), Error> {
        self.start_plugins([name.as_ref()], StartPolicy::Rollback)
    }

    /// Starts plugins and, before them, those of their [requirements](crate::guide::lifecycle#identity) that are not
    /// started, also optional ones. `policy` says what happens if a plugin fails.
    ///
    /// With [`StartPolicy::Rollback`](crate::lifecycle::StartPolicy::Rollback), all of these plugins start, or none.
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
    /// Stopping a plugin runs `stop` and `unload` of its [`Lifecycle`](crate::lifecycle::Lifecycle). A plugin that is
    /// `Failed` runs the phases that are [due](crate::guide::lifecycle#states). If a plugin fails to stop, the other
    /// plugins are stopped all the same.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] for each phase that failed, all together.
    pub fn stop_all(&self) -> Result<(), Error> {
        now(self.conductor().stop_all())
    }

    /// Stops a plugin and, before it, its [dependents](crate::guide::lifecycle#identity), last started first.
    ///
    /// A plugin that is `Loaded` or `Stopped` is left as it is. A plugin that is `Failed` runs the phases that are
    /// [due](crate::guide::lifecycle#states).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name; [`Error::Stop`] for each phase that failed, all together.
    pub fn stop_plugin(&self, name: impl AsRef<str>) -> Result<(), Error> {
        now(self.conductor().stop(name.as_ref().into()))
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
    pub fn remove(&self, name: impl AsRef<str>) -> Result<Option<AnyPlugin>, Error> {
        now(self.conductor().remove(name.as_ref(), false))
    }

    /// Removes a plugin and, before it, the plugins that require it. Plugins that have it as an optional requirement
    /// are only stopped.
    ///
    /// # Errors
    ///
    /// [`Error::Stop`] for each phase that failed. The plugins are unregistered all the same.
    pub fn remove_with_dependents(&self, name: impl AsRef<str>) -> Result<Option<AnyPlugin>, Error> {
        now(self.conductor().remove(name.as_ref(), true))
    }

    /// Replaces the plugin of the same name, and returns the old plugin; returns `None` if there was none.
    ///
    /// The new plugin takes the place of the old plugin in every order. The new plugin also takes over the settings of
    /// the host: whether the plugin is disabled, and its limits. The new plugin has no configuration.
    ///
    /// If the old plugin is started, the new plugin starts beside it. Then calls see the new plugin instead of the old
    /// one, in one step, and the old plugin stops. [Loading](crate::guide::loading#loading-it-again) has the rules,
    /// also for plugins that use the old one. If anything fails before the step, the old plugin runs as before.
    ///
    /// # Errors
    ///
    /// - The errors of [`register`](Self::register).
    /// - [`Error::Start`] if the new plugin or a dependent of it does not start, and [`Error::UnmetDependencies`] if it
    ///   lacks a requirement.
    /// - [`Error::BeingReplaced`] if a load or another replacement is replacing or removing the plugin.
    /// - [`Error::Stop`] for each phase of the old plugin that failed. The plugin is replaced all the same.
    pub fn replace<T: Send + Sync + 'static>(&self, plugin: T) -> Result<Option<AnyPlugin>, Error> {
        now(self.conductor().replace(self.registry().candidate(staged(None, plugin))?))
    }

    /// Replaces the plugin of the same name by the plugin of a builder, as [`replace`](Self::replace) does.
    ///
    /// # Errors
    ///
    /// As [`replace`](Self::replace).
    pub fn replace_built<T: Send + Sync + 'static>(
        &self,
        builder: PluginBuilder<T>,
    ) -> Result<Option<AnyPlugin>, Error> {
        now(self.conductor().replace(self.registry().candidate(builder.staged())?))
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
    /// Registers all plugins of the transaction, and starts them and their requirements.
    ///
    /// If a plugin is refused or fails, the plugins that were started are stopped, and no plugin of the transaction
    /// stays registered.
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
