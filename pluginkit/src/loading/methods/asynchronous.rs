//! Discovery and loading, as methods of an `AsyncPluginManager`.

use crate::base::kind::Asynchronous;
use crate::base::name::PluginId;
#[cfg(feature = "config")]
use crate::config::PluginConfig;
use crate::error::Error;
#[cfg(feature = "config")]
use crate::loading::{ConfigInput, LoadOptions, LoadReport, SpecSet};
use crate::loading::{Discovery, DiscoveryReport};
use crate::manager::Manager;

impl Manager<Asynchronous> {
    /// Registers every linked plugin of this project: all of them or, if one fails, none.
    ///
    /// [`PluginManager::discover`](crate::PluginManager::discover) has the rules.
    ///
    /// # Errors
    ///
    /// As [`PluginManager::discover`](crate::PluginManager::discover).
    #[doc(alias = "load_setuptools_entrypoints")]
    pub async fn discover(&self) -> Result<Vec<PluginId>, Error> {
        Ok(self.loader().discover(Discovery::new()).await?.registered().to_vec())
    }

    /// Registers linked plugins as [`discover`](Self::discover) does, with options, and reports those left out.
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover). If errors are [ignored](Discovery), the report has them instead, and only
    /// [`Error::LoadBusy`] remains.
    pub async fn discover_with(&self, discovery: impl Into<Discovery>) -> Result<DiscoveryReport, Error> {
        self.loader().discover(discovery.into()).await
    }
}

#[cfg(feature = "config")]
impl Manager<Asynchronous> {
    /// Makes and registers the plugins that a configuration lists: all of them or, if one fails, none.
    ///
    /// [`PluginManager::load_config`](crate::PluginManager::load_config) has the rules.
    ///
    /// If the future is dropped before its end, the plugins are registered as before the load. Plugins that the load has
    /// stopped by then stay stopped. If it is forgotten (`mem::forget`), the load counts as under way: further loads and
    /// discoveries of this manager fail with [`Error::LoadBusy`].
    ///
    /// # Errors
    ///
    /// As [`PluginManager::load_config`](crate::PluginManager::load_config).
    pub async fn load_config(&self, config: &PluginConfig) -> Result<LoadReport, Error> {
        self.loader().load(config, LoadOptions::new()).await
    }

    /// Loads a configuration as [`load_config`](Self::load_config) does, with options. They can leave out plugins that
    /// cannot be loaded.
    ///
    /// The report names each plugin left out and the reason. If failing plugins are left out, plugins are registered
    /// one after the other, and stay registered if the future is dropped before its end.
    ///
    /// # Errors
    ///
    /// As [`load_config`](Self::load_config), for plugins that the options do not leave out.
    pub async fn load_config_with(
        &self,
        config: &PluginConfig,
        options: impl Into<LoadOptions>,
    ) -> Result<LoadReport, Error> {
        self.loader().load(config, options.into()).await
    }

    /// Returns a manager that is ready to start, with the points of `specs` and the plugins of a configuration.
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
        let (manager, config) = Self::with_config(project, specs, config)?;
        manager.load_config(&config).await?;
        Ok(manager)
    }
}
