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
#[cfg(feature = "config")]
use crate::manager::ManagerBuilder;
use crate::manager::generic::Manager;

impl Manager<Synchronous> {
    /// Registers every linked plugin of this project. If a plugin fails, none is registered.
    ///
    /// A plugin under `#[plugin]` is linked if code of the program names its crate. A crate that only `Cargo.toml`
    /// names is not linked: [the guide](crate::guide::loading#plugins-from-other-crates) says more.
    ///
    /// Plugins are registered in the alphabetical order of their ids. Plugins that are already registered stay as they
    /// are.
    ///
    /// A plugin belongs to the project that it declares. A plugin that declares no project belongs to the project of
    /// the points that it extends. If these points have no project, the plugin belongs to every project. A plugin
    /// without a project that the manager cannot build is left out: the host registers it.
    ///
    /// # Errors
    ///
    /// All errors, together:
    ///
    /// - [`Error::NoFactory`] for a plugin of this project that the manager cannot build,
    /// - [`Error::Factory`] for a plugin whose [factory](crate::loading::PluginFactory) fails,
    /// - `Error::Config` for a plugin that needs a setting without a default,
    /// - [`Error::NotLinked`] for a name in [`only`](Discovery::only) that no linked plugin has, or a name in
    ///   [`except`](Discovery::except) that is probably a misspelling,
    /// - [`Error::SameId`] for two plugins with the same id,
    /// - [`Error::AmbiguousName`] for a name in `only` or `except` that several plugins have as an alias,
    /// - the errors of the phases of the plugins that start, if the manager runs,
    /// - the errors of [`register`](Self::register),
    /// - [`Error::LoadBusy`] if a discovery or a load is under way, for example if a factory calls this method.
    #[doc(alias = "load_setuptools_entrypoints")]
    pub fn discover(&self) -> Result<Vec<PluginId>, Error> {
        Ok(self.discover_with(Discovery::new())?.registered().to_vec())
    }

    /// Registers linked plugins as [`discover`](Self::discover) does, with options, and reports the plugins that were
    /// left out.
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover). With [`ignore_errors`](Discovery::ignore_errors), the report has the errors,
    /// and only [`Error::LoadBusy`] is returned.
    pub fn discover_with(&self, discovery: impl Into<Discovery>) -> Result<DiscoveryReport, Error> {
        now(self.loader().discover(discovery.into()))
    }
}

#[cfg(feature = "config")]
impl Manager<Synchronous> {
    /// Builds and registers the plugins that a configuration lists. If a plugin fails, none is registered.
    ///
    /// The plugins are registered group after group, each group in order. An entry names a plugin by its id, by an
    /// alias, or by the path of its type. An entry may also name a plugin that the host has registered: this plugin
    /// stays as it is. A plugin that several entries name is built once. With `discover = true` in `[plugins]`, every
    /// other linked plugin of the project follows, sorted by id.
    ///
    /// Loading a changed configuration applies the difference:
    ///
    /// - A plugin that is no longer listed is stopped and unregistered, unless the configuration has `discover = true`.
    ///   In a manager made by [`from_config`](Self::from_config), a plugin that another one requires stays, too.
    /// - A plugin with other settings is built again, and replaces the old plugin. All other plugins are kept.
    /// - Among the plugins that the manager builds, calls and starts have the same order as after a fresh start with
    ///   this configuration.
    /// - Plugins that the host registered keep their positions in the order. The plugins that the manager builds fill
    ///   the other positions. If the configuration has more plugins than there are such positions, the remaining
    ///   plugins come last.
    /// - In a manager that runs, the new plugins start beside the old ones. Then calls see the whole change in one step,
    ///   and the old plugins drain and stop. Plugins that use a changed plugin are built again or restarted.
    ///
    /// If anything fails before the step, the manager stays as it was.
    /// [Loading](crate::guide::loading#loading-it-again) has the rules.
    ///
    /// # Errors
    ///
    /// All errors, together:
    ///
    /// - `Error::Config` with each reference to a plugin that does not exist, and each wrong setting,
    /// - [`Error::Factory`] for each plugin whose [factory](crate::loading::PluginFactory) fails,
    /// - the errors of [`register`](Self::register),
    /// - [`Error::HasDependents`] if another plugin requires a plugin that is no longer listed,
    /// - the errors of the phases of the plugins that start,
    /// - [`Error::BeingReplaced`] if another operation is replacing or removing a plugin that the load replaces or removes,
    /// - [`Error::LoadBusy`] if a discovery or a load is under way.
    pub fn load_config(&self, config: &PluginConfig) -> Result<LoadReport, Error> {
        self.load_config_with(config, LoadOptions::new())
    }

    /// Loads a configuration as [`load_config`](Self::load_config) does, with options that can leave out plugins that
    /// cannot be loaded.
    ///
    /// The report names each plugin that was left out, and the reason. If failing plugins are left out, plugins are
    /// registered one after the other.
    ///
    /// # Errors
    ///
    /// As [`load_config`](Self::load_config), for plugins that the options do not leave out.
    pub fn load_config_with(
        &self,
        config: &PluginConfig,
        options: impl Into<LoadOptions>,
    ) -> Result<LoadReport, Error> {
        let report = now(self.loader().load(config, options.into()))?;
        self.warn_of(&report);
        Ok(report)
    }

    /// Returns a manager with the points of `specs` and the plugins of a configuration, ready for `start_all`.
    ///
    /// The plugins that the configuration lists come first, in order. The linked plugins that they require follow,
    /// sorted by id, unless the configuration turns them off. With `discover = true` in `[plugins]`, every other linked
    /// plugin of the project follows. A later [`load_config`](Self::load_config) with another configuration leads to
    /// the same plugins, in the same order, as `from_config` with that configuration.
    ///
    /// Several linked plugins may provide a required service. Then the configuration lists the one to use. If a later
    /// configuration lists none of them, the one that is loaded stays.
    ///
    /// The [report](Self::report) has what the configuration turns off, and its remarks, as a
    /// [`LoadReport`](crate::loading::LoadReport) does.
    ///
    /// `config` is a [`PluginConfig`], the path of a file, or the path of a directory with `config/<project>.toml` or
    /// `<project>.toml`. `specs` are specs, or a tuple of specs.
    ///
    /// A manager with settings of its own, such as a runtime, is made by
    /// [`ManagerBuilder::from_config`](crate::manager::ManagerBuilder::from_config). A manager with
    /// [factories](Self::add_factory) is built step by step:
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
        Self::builder(project).from_config(specs, config)
    }
}

#[cfg(feature = "config")]
impl ManagerBuilder<Synchronous> {
    /// Builds the manager, with the points of `specs` and the plugins of a configuration, as
    /// [`PluginManager::from_config`](crate::PluginManager::from_config) does.
    ///
    /// # Errors
    ///
    /// As [`PluginManager::from_config`](crate::PluginManager::from_config).
    pub fn from_config(
        self,
        specs: impl SpecSet<Synchronous>,
        config: impl ConfigInput,
    ) -> Result<Manager<Synchronous>, Error> {
        let (manager, config) = self.build().with_config(specs, config)?;
        manager.load_config(&config)?;
        Ok(manager)
    }
}
