//! The operations, as methods of both managers.

/// Implements the operations for `$manager`, whose methods are `$async`, where `$drive` makes the outcome of
/// the `$work` that `$driver` does.
macro_rules! loading_methods {
    ($manager:ident, [$($async:ident)?], $driver:ident, |$work:ident| $drive:expr) => {
        impl $manager {
            /// Registers every plugin that is linked into the program, is under `#[plugin]`, and is of the
            /// project of this manager or of none; by their ids, in alphabetical order. One that says no project
            /// is of that of the points it extends, if those have one; if nothing says how it is made either, it
            /// is left to the host. All of them are
            /// registered or, if one fails, none. Who is registered already is left as it is.
            ///
            /// A crate that is a mere dependency, of which code names nothing, is not linked:
            /// [the guide](crate::guide::loading) says more.
            ///
            /// # Errors
            ///
            /// All that went wrong: [`Error::NoFactory`](crate::Error::NoFactory) of a type of this
            /// project that nothing says how to make, [`Error::Factory`](crate::Error::Factory) of one whose factory fails,
            /// `Error::Config` of one that has settings without defaults,
            /// [`Error::SameId`](crate::Error::SameId) of two of one id; or what `register` refuses;
            /// [`Error::LoadBusy`](crate::Error::LoadBusy) from within a factory.
            #[doc(alias = "load_setuptools_entrypoints")]
            pub $($async)? fn discover(&self) -> Result<Vec<crate::PluginId>, crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.discover(crate::Discovery::new());
                let report: Result<crate::DiscoveryReport, crate::Error> = $drive;
                Ok(report?.registered().to_vec())
            }

            /// Registers the linked plugins that are asked for, as [`discover`](Self::discover) does, and
            /// reports which ones it left out and why: see [`Discovery`](crate::Discovery).
            ///
            /// # Errors
            ///
            /// As [`discover`](Self::discover), unless errors are to be ignored: then who fails is in the
            /// report, and there is only [`Error::LoadBusy`](crate::Error::LoadBusy).
            pub $($async)? fn discover_with(
                &self,
                discovery: impl Into<crate::Discovery>,
            ) -> Result<crate::DiscoveryReport, crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.discover(discovery.into());
                $drive
            }

            /// Tells the manager of a factory, which [`discover`](Self::discover) and a configuration find
            /// from now on; returns the one of its id that it was told of before.
            pub fn add_factory(&self, factory: crate::PluginFactory) -> Option<crate::PluginFactory> {
                self.registry.loads().add_factory(factory)
            }

            /// The factories that this manager knows and may use, by their ids: those of the linked plugins,
            /// and those it was told of.
            pub fn factories(&self) -> Vec<crate::PluginFactory> {
                crate::loading::Catalog::of(&self.registry).offered().cloned().collect()
            }
        }

        #[cfg(feature = "config")]
        impl $manager {
            /// Makes the plugins that a configuration lists and registers them, group after group, each in
            /// order; all of them or, if one fails, none.
            ///
            /// A reference is the id of a plugin, or the path of its type. One that means a plugin that the
            /// host has registered is that plugin, which is left as it is. A plugin that several entries name
            /// is made once.
            ///
            /// Loading a changed configuration applies the difference: what it does not have any more is
            /// stopped and unregistered, what has other settings is made anew, and what is left is not touched.
            /// All stand in calls as if the configuration had been loaded alone, in places that loaded plugins
            /// have had and, if they have become more, after who is registered by then. Who is stopped by that, itself or since it uses another, and is still
            /// there, is started again. If anything fails, all is as it was, and runs as it did.
            /// Dropped before its end, as the future of an async manager may be, it leaves registered what was, but
            /// stopped who was stopped by then. Forgotten before its end (`mem::forget`), it counts as under way: loads and
            /// discoveries of this manager fail with [`Error::LoadBusy`](crate::Error::LoadBusy) from then on.
            ///
            /// # Errors
            ///
            /// All that is wrong: `Error::Config` with every reference that means no plugin and every setting
            /// that is wrong, and [`Error::Factory`](crate::Error::Factory) for every factory that fails; or
            /// what `register` refuses; [`Error::HasDependents`](crate::Error::HasDependents) if a plugin is to
            /// leave that another requires; the errors of the phases that are run.
            pub $($async)? fn load_config(
                &self,
                config: &crate::PluginConfig,
            ) -> Result<crate::LoadReport, crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.load(config, crate::LoadOptions::new());
                $drive
            }

            /// Loads a configuration as [`load_config`](Self::load_config) does, and leaves out what cannot
            /// be loaded, if the options say so: the report tells what and why. If who fails is left out, plugins
            /// come in one after the other, and are there also if this is dropped before its end.
            ///
            /// # Errors
            ///
            /// As [`load_config`](Self::load_config), of what the options do not leave out.
            pub $($async)? fn load_config_with(
                &self,
                config: &crate::PluginConfig,
                options: impl Into<crate::LoadOptions>,
            ) -> Result<crate::LoadReport, crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.load(config, options.into());
                $drive
            }

            /// The plugins of a group of the configuration that was loaded last, in order; none, if there is
            /// no such group. A caller's `within_group` calls a point for them only.
            pub fn group(&self, name: impl AsRef<str>) -> crate::PluginGroup {
                crate::PluginGroup::of(&self.registry, name.as_ref())
            }

            /// The groups of the configuration that was loaded last, in the order of their first mention.
            pub fn groups(&self) -> Vec<crate::PluginGroup> {
                let names = self.registry.loads().groups();
                names.iter().map(|group| crate::PluginGroup::of(&self.registry, &group.name)).collect()
            }

            /// A manager that is ready to start: with the extension points of `specs`, with the plugins that a
            /// configuration lists, in order, and after them with every other linked plugin of the project
            /// that the configuration does not turn off. [`load_config`](Self::load_config) then makes of this
            /// manager what `from_config` would make of the other configuration.
            ///
            /// A manager that has more to be told before, such as a runtime or
            /// [factories](Self::add_factory) of its own, is made by hand:
            ///
            /// ```standalone_crate
            /// # use pluginkit::prelude::*;
            /// use pluginkit::{Discovery, PluginConfig, PluginFactory, PluginMetadata};
            ///
            /// # struct Sky;
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
            /// `config` is a [`PluginConfig`](crate::PluginConfig), or the path of a file, or of a directory,
            /// in which `config/<project>.toml` or `<project>.toml` is looked for. `specs` are those of one
            /// trait, or a tuple of several.
            ///
            /// # Errors
            ///
            /// As [`load_config`](Self::load_config) and [`discover`](Self::discover), and what is wrong with
            /// the file.
            pub $($async)? fn from_config(
                project: &str,
                specs: impl crate::SpecSet<Self>,
                config: impl crate::ConfigInput,
            ) -> Result<Self, crate::Error> {
                let manager = Self::new(project);
                specs.add_to(&manager)?;
                let config = config.read(project)?;
                {
                    let driver = &crate::lifecycle::$driver;
                    let conductor = crate::lifecycle::Conductor::new(&manager.registry, driver);
                    manager.registry.loads().discover();
                    let $work = conductor.load(&config, crate::LoadOptions::new());
                    let outcome: Result<crate::LoadReport, crate::Error> = $drive;
                    outcome?;
                }
                Ok(manager)
            }
        }

        #[cfg(feature = "schema")]
        impl $manager {
            /// A JSON Schema of what the plugins that this manager knows take, so that an editor completes and
            /// checks their configuration: of those whose settings are `JsonSchema`, with all they say.
            ///
            /// ```
            /// use pluginkit::prelude::*;
            ///
            /// #[derive(serde::Deserialize, schemars::JsonSchema)]
            /// struct Limits {
            ///     /// How many requests a client has.
            ///     max_requests: u32,
            /// }
            ///
            /// #[plugin(id = "limiter", project = "schema-example", config = Limits)]
            /// #[derive(Default)]
            /// struct Limiter;
            ///
            /// let schema = PluginManager::new("schema-example").config_schema();
            /// let setting = schema.pointer("/$defs/plugin:limiter/properties/max_requests").unwrap();
            /// assert_eq!(setting["description"], "How many requests a client has.");
            /// ```
            pub fn config_schema(&self) -> schemars::Schema {
                let any = || schemars::json_schema!({ "type": "object" });
                let factories = self.factories();
                crate::config::document_schema(factories.iter().map(|factory| {
                    (factory.id().as_str(), factory.schema().unwrap_or_else(any))
                }))
            }
        }
    };
}

pub(crate) use loading_methods;
