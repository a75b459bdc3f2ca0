//! Discovery and loading, as methods of an `AsyncPluginManager`.

use crate::base::kind::Asynchronous;
use crate::base::name::PluginId;
#[cfg(feature = "config")]
use crate::config::PluginConfig;
use crate::error::Error;
#[cfg(feature = "config")]
use crate::loading::{ConfigInput, LoadOptions, LoadReport, SpecSet};
use crate::loading::{Discovery, DiscoveryReport};
#[cfg(feature = "config")]
use crate::manager::ManagerBuilder;
use crate::manager::generic::Manager;

impl Manager<Asynchronous> {
    /// Registers every linked plugin of this project. If a plugin fails, none is registered.
    ///
    /// [`PluginManager::discover`](crate::PluginManager::discover) has the rules. If the future is dropped, the discovery goes
    /// on to its end: before the [step](crate::guide::loading#loading-it-again) it is taken back, after it the plugins stay.
    ///
    /// # Errors
    ///
    /// As [`PluginManager::discover`](crate::PluginManager::discover).
    #[doc(alias = "load_setuptools_entrypoints")]
    pub async fn discover(&self) -> Result<Vec<PluginId>, Error> {
        Ok(self.loader().discover(Discovery::new()).await?.registered().to_vec())
    }

    /// Registers linked plugins as [`discover`](Self::discover) does, with options, and reports the plugins that were
    /// left out.
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover). With [`ignore_errors`](Discovery::ignore_errors), the report has the errors,
    /// and only [`Error::LoadBusy`] is returned.
    pub async fn discover_with(&self, discovery: impl Into<Discovery>) -> Result<DiscoveryReport, Error> {
        self.loader().discover(discovery.into()).await
    }
}

#[cfg(feature = "config")]
impl Manager<Asynchronous> {
    /// Builds and registers the plugins that a configuration lists. If a plugin fails, none is registered.
    ///
    /// [`PluginManager::load_config`](crate::PluginManager::load_config) has the rules.
    ///
    /// If the future is dropped, the load goes on to its end: before the [step](crate::guide::loading#loading-it-again) it
    /// is taken back, and plugins that it has stopped start again; after the step the new plugins stay, and the old ones stop.
    /// If the future is forgotten (`mem::forget`), the load never ends: further loads and discoveries of this manager fail
    /// with [`Error::LoadBusy`].
    ///
    /// # Errors
    ///
    /// As [`PluginManager::load_config`](crate::PluginManager::load_config).
    pub async fn load_config(&self, config: &PluginConfig) -> Result<LoadReport, Error> {
        self.load_config_with(config, LoadOptions::new()).await
    }

    /// Loads a configuration as [`load_config`](Self::load_config) does, with options that can leave out plugins that
    /// cannot be loaded.
    ///
    /// The report names each plugin that was left out, and the reason. If failing plugins are left out, plugins are
    /// registered one after the other, and stay registered if the future is dropped before its end.
    ///
    /// # Errors
    ///
    /// As [`load_config`](Self::load_config), for plugins that the options do not leave out.
    pub async fn load_config_with(
        &self,
        config: &PluginConfig,
        options: impl Into<LoadOptions>,
    ) -> Result<LoadReport, Error> {
        let report = self.loader().load(config, options.into()).await?;
        self.warn_of(&report);
        Ok(report)
    }

    /// Returns a manager with the points of `specs` and the plugins of a configuration, ready for `start_all`.
    ///
    /// [`PluginManager::from_config`](crate::PluginManager::from_config) has the rules and an example.
    ///
    /// # Errors
    ///
    /// As [`PluginManager::from_config`](crate::PluginManager::from_config).
    pub async fn from_config(
        project: &str,
        specs: impl SpecSet<Asynchronous>,
        config: impl ConfigInput,
    ) -> Result<Self, Error> {
        Self::builder(project).from_config(specs, config).await
    }
}

#[cfg(feature = "config")]
impl ManagerBuilder<Asynchronous> {
    /// Builds the manager, with the points of `specs` and the plugins of a configuration, as
    /// [`PluginManager::from_config`](crate::PluginManager::from_config) does.
    ///
    /// # Errors
    ///
    /// As [`PluginManager::from_config`](crate::PluginManager::from_config).
    pub async fn from_config(
        self,
        specs: impl SpecSet<Asynchronous>,
        config: impl ConfigInput,
    ) -> Result<Manager<Asynchronous>, Error> {
        let (manager, config) = self.build().with_config(specs, config)?;
        manager.load_config(&config).await?;
        Ok(manager)
    }
}
