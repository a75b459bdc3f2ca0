//! Discovery and loading, as methods of a `PluginManager`.

use crate::base::futures::now;
use crate::base::kind::Synchronous;
use crate::base::name::PluginId;
#[cfg(feature = "config")]
use crate::config::PluginConfig;
use crate::error::Error;
#[cfg(feature = "config")]
use crate::loading::{ConfigInput, LoadOptions, LoadReport, SpecSet};
use crate::loading::{Discovery, DiscoveryReport};
use crate::manager::Manager;

impl Manager<Synchronous> {
    /// Registers every linked plugin of this project: all of them or, if one fails, none.
    ///
    /// A plugin under `#[plugin]` is linked if the program uses its crate. A crate that is only named as a dependency
    /// is not linked: [the guide](crate::guide::loading) says more.
    ///
    /// Plugins are registered in the alphabetical order of their ids. Plugins that are registered already stay as they
    /// are.
    ///
    /// A plugin belongs to the project that it declares. A plugin that declares none belongs to the project of the
    /// points that it extends or, if those have none, to every project. A plugin that has neither a project nor a
    /// factory is left to the host.
    ///
    /// # Errors
    ///
    /// Everything that went wrong, together:
    ///
    /// - [`Error::NoFactory`] for a type of this project that has no way to be made,
    /// - [`Error::Factory`] for a factory that fails,
    /// - `Error::Config` for a plugin with settings that have no defaults,
    /// - [`Error::SameId`] for two plugins of one id,
    /// - the errors of [`register`](Self::register),
    /// - [`Error::LoadBusy`] if it is called from within a factory.
    #[doc(alias = "load_setuptools_entrypoints")]
    pub fn discover(&self) -> Result<Vec<PluginId>, Error> {
        Ok(self.discover_with(Discovery::new())?.registered().to_vec())
    }

    /// Registers linked plugins as [`discover`](Self::discover) does, with options, and reports those left out.
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover). If errors are [ignored](Discovery), the report has them instead, and only
    /// [`Error::LoadBusy`] remains.
    pub fn discover_with(&self, discovery: impl Into<Discovery>) -> Result<DiscoveryReport, Error> {
        now(self.loader().discover(discovery.into()))
    }
}

#[cfg(feature = "config")]
impl Manager<Synchronous> {
    /// Makes and registers the plugins that a configuration lists: all of them or, if one fails, none.
    ///
    /// It goes through the groups one after the other, each in order. A reference is the id of a plugin or the path of
    /// its type. It may mean a plugin that the host has registered, which stays as it is. A plugin that several entries
    /// name is made once.
    ///
    /// Loading a changed configuration applies the difference:
    ///
    /// - A plugin that is no longer listed is stopped and unregistered.
    /// - A plugin with other settings is made anew. The others are not touched.
    /// - The order of calls is as if this configuration had been the first. Loaded plugins take the places that loaded
    ///   plugins had before. If this configuration has more plugins, the last ones come after all other registered
    ///   plugins.
    /// - A plugin that was stopped for the change, itself or because it uses another, is started again if it is still
    ///   registered.
    ///
    /// If anything fails, everything is as it was and runs as it did.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, together:
    ///
    /// - `Error::Config` with each reference that means no plugin and each wrong setting,
    /// - [`Error::Factory`] for each factory that fails,
    /// - the errors of [`register`](Self::register),
    /// - [`Error::HasDependents`] if another plugin requires one that is no longer listed,
    /// - the errors of the phases that run.
    pub fn load_config(&self, config: &PluginConfig) -> Result<LoadReport, Error> {
        self.load_config_with(config, LoadOptions::new())
    }

    /// Loads a configuration as [`load_config`](Self::load_config) does, with options. They can leave out plugins that
    /// cannot be loaded.
    ///
    /// The report names each plugin left out and the reason. If failing plugins are left out, plugins are registered
    /// one after the other.
    ///
    /// # Errors
    ///
    /// As [`load_config`](Self::load_config), for plugins that the options do not leave out.
    pub fn load_config_with(
        &self,
        config: &PluginConfig,
        options: impl Into<LoadOptions>,
    ) -> Result<LoadReport, Error> {
        now(self.loader().load(config, options.into()))
    }

    /// Returns a manager that is ready to start, with the points of `specs` and the plugins of a configuration.
    ///
    /// The plugins that the configuration lists come first, in order. Every other linked plugin of the project follows,
    /// unless the configuration turns it off. Calling [`load_config`](Self::load_config) later with another
    /// configuration has the same result as `from_config` with that configuration.
    ///
    /// `config` is a [`PluginConfig`], the path of a file, or the path of a directory with `config/<project>.toml` or
    /// `<project>.toml`. `specs` are those of one trait, or a tuple of several.
    ///
    /// A manager with more settings, such as a runtime or [factories](Self::add_factory), is made by hand:
    ///
    /// ```standalone_crate
    /// # use pluginkit::prelude::*;
    /// use pluginkit::config::PluginConfig;
    /// use pluginkit::loading::{Discovery, PluginFactory};
    /// use pluginkit::metadata::PluginMetadata;
    ///
    /// # struct Sky;
    /// # #[extension]
    /// # impl Lifecycle for Sky {
    /// #     fn start(&self) -> Result<(), BoxError> { Ok(()) }
    /// # }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let config = PluginConfig::from_toml_str("[plugins]\nskies = ['sky']")?;
    /// let pm = PluginManager::new("made-by-hand");
    /// pm.add_factory(PluginFactory::new(PluginMetadata::new("sky"), || Sky));
    /// pm.load_config(&config)?;
    /// pm.discover_with(Discovery::new().config(&config))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`load_config`](Self::load_config) and [`discover`](Self::discover), and the errors of reading the file.
    pub fn from_config(
        project: &str,
        specs: impl SpecSet<Synchronous>,
        config: impl ConfigInput,
    ) -> Result<Self, Error> {
        let (manager, config) = Self::with_config(project, specs, config)?;
        manager.load_config(&config)?;
        Ok(manager)
    }
}
