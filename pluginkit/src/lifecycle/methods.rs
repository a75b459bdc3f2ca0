//! The operations of a life, as methods of both managers.

/// Implements the operations for `$manager`, whose methods are `$async`, where `$drive` makes the outcome of
/// the `$work` that `$driver` does.
macro_rules! lifecycle_methods {
    ($manager:ident, [$($async:ident)?], $driver:ident, |$work:ident| $drive:expr, $register:ident) => {
        impl $manager {
            /// Starts every plugin that is not started, dependencies first, each by its
            /// [`Lifecycle`](crate::Lifecycle)'s `init` and `start`; where dependencies leave a choice, the
            /// plugin that was registered first is started first. If one fails, what was started is taken
            /// back: as [`start_all_with`](Self::start_all_with) with
            /// [`StartPolicy::Rollback`](crate::StartPolicy::Rollback).
            ///
            /// # Errors
            ///
            /// As [`start_all_with`](Self::start_all_with).
            pub $($async)? fn start_all(&self) -> Result<(), crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.start_all(crate::StartPolicy::Rollback);
                $drive
            }

            /// Starts every plugin that is not started, as [`start_all`](Self::start_all) does, and does what
            /// `policy` says if one fails. A plugin that fails is
            /// [`Failed`](crate::PluginState::Failed), by a panic too, and none that requires it is started.
            ///
            /// A plugin that another operation is starting is not started twice: this one waits, and has the
            /// same outcome. One that was started meanwhile and uses what a rollback would stop keeps it.
            ///
            /// If the future of an operation is forgotten (`mem::forget`), the phases that it began go on when another
            /// operation waits for them: that one polls them, in the tokio runtime they began in. The rest of the
            /// forgotten operation, such as a rollback, is not done.
            ///
            /// # Errors
            ///
            /// [`Error::Start`](crate::Error::Start) if a plugin fails. Before anything is started,
            /// [`Error::UnmetDependencies`](crate::Error::UnmetDependencies) if a plugin requires what is not
            /// there, and [`Error::DependencyCycle`](crate::Error::DependencyCycle) if plugins require each
            /// other; with [`StartPolicy::Continue`](crate::StartPolicy::Continue), which starts the others
            /// nevertheless, all failures together. [`Error::LifecycleBusy`](crate::Error::LifecycleBusy) if
            /// a phase of a plugin asks for what would wait for that phase.
            pub $($async)? fn start_all_with(&self, policy: crate::StartPolicy) -> Result<(), crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.start_all(policy);
                $drive
            }

            /// Starts a plugin and, before it, the plugins it uses, as far as they are not started. Other
            /// plugins have no part in it, whatever is wrong with them.
            ///
            /// # Errors
            ///
            /// As [`start_all_with`](Self::start_all_with), and
            /// [`Error::UnknownPlugin`](crate::Error::UnknownPlugin) if no plugin has that name.
            pub $($async)? fn start_plugin(&self, name: impl AsRef<str>) -> Result<(), crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let names = [name.as_ref().into()];
                let $work = conductor.start(&names, crate::StartPolicy::Rollback);
                $drive
            }

            /// Starts plugins and, before them, the plugins they use, and does what `policy` says if one
            /// fails: with [`StartPolicy::Rollback`](crate::StartPolicy::Rollback), they start as one.
            ///
            /// # Errors
            ///
            /// As [`start_plugin`](Self::start_plugin).
            pub $($async)? fn start_plugins<I>(
                &self,
                names: I,
                policy: crate::StartPolicy,
            ) -> Result<(), crate::Error>
            where
                I: IntoIterator,
                I::Item: Into<crate::PluginId>,
            {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let names: Vec<crate::PluginId> = names.into_iter().map(Into::into).collect();
                let $work = conductor.start(&names, policy);
                $drive
            }

            /// Stops every plugin, in the exact reverse of the order they were started in, each by its
            /// [`Lifecycle`](crate::Lifecycle)'s `stop` and `unload`. What failed to start is taken back as
            /// far as it came. A plugin that fails keeps none of the others from being stopped.
            ///
            /// # Errors
            ///
            /// [`Error::Stop`](crate::Error::Stop) for every phase that failed, all together.
            pub $($async)? fn stop_all(&self) -> Result<(), crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.stop_all();
                $drive
            }

            /// Stops a plugin and, before it, the plugins that use it, the one that was started last first.
            /// One that is not started is left as it is.
            ///
            /// # Errors
            ///
            /// [`Error::UnknownPlugin`](crate::Error::UnknownPlugin) if no plugin has that name;
            /// [`Error::Stop`](crate::Error::Stop) for every phase that failed, all together.
            pub $($async)? fn stop_plugin(&self, name: impl AsRef<str>) -> Result<(), crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.stop(name.as_ref().into());
                $drive
            }

            /// Stops a plugin, as far as it was started, and unregisters it; `None` if there is none.
            ///
            /// ([`unregister`](Self::unregister) runs no phase.)
            ///
            /// # Errors
            ///
            /// [`Error::HasDependents`](crate::Error::HasDependents) if other plugins require it, or run and
            /// use it: it is not removed then. [`Error::Stop`](crate::Error::Stop) for every phase that
            /// failed: it is removed all the same.
            pub $($async)? fn remove(
                &self,
                name: impl AsRef<str>,
            ) -> Result<Option<crate::AnyPlugin>, crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.remove(name.as_ref(), false);
                $drive
            }

            /// Removes a plugin as [`remove`](Self::remove) does and, before it, those that require it. Those
            /// that merely use it are stopped.
            ///
            /// # Errors
            ///
            /// [`Error::Stop`](crate::Error::Stop) for every phase that failed: all are removed all the same.
            pub $($async)? fn remove_with_dependents(
                &self,
                name: impl AsRef<str>,
            ) -> Result<Option<crate::AnyPlugin>, crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.remove(name.as_ref(), true);
                $drive
            }

            /// Registers `plugin` in the stead of the one of its name, which is stopped first, as far as it was
            /// started, and returned. The new one has its place in every order, and what the host has decided of it: whether
            /// it is disabled, and what it is limited to. It has no configuration, and is not started.
            ///
            /// If its specs or its order are refused, what is replayed to it fails, or this is dropped, the other
            /// stays, stopped.
            ///
            /// # Errors
            ///
            /// [`Error::HasDependents`](crate::Error::HasDependents) if other plugins run and use it: nothing has
            /// changed then. What a registration is refused for. [`Error::Stop`](crate::Error::Stop) for every
            /// phase that failed: it is replaced all the same.
            pub $($async)? fn replace<T: Send + Sync + 'static>(
                &self,
                plugin: T,
            ) -> Result<Option<crate::AnyPlugin>, crate::Error> {
                let candidate = self.registry.candidate(crate::manager::staged(None, plugin))?;
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.replace(candidate);
                $drive
            }

            /// Stops every plugin as [`stop_all`](Self::stop_all) does, and unregisters it.
            ///
            /// # Errors
            ///
            /// [`Error::Stop`](crate::Error::Stop) for every phase that failed, all together: the plugins
            /// are unregistered all the same.
            pub $($async)? fn unload_all(&self) -> Result<(), crate::Error> {
                let conductor = crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver);
                let $work = conductor.unload_all();
                $drive
            }

            /// Checks that everything every plugin requires is there and fits, and that an order is possible,
            /// without starting anything.
            ///
            /// # Errors
            ///
            /// All that is missing or does not fit, and a circle if there is one.
            pub fn validate(&self) -> Result<(), crate::Error> {
                crate::lifecycle::Conductor::new(&self.registry, &crate::lifecycle::$driver).validate()
            }

            /// Sets the configuration of type `T` of a plugin, which its phases find with
            /// [`PluginContext::config`](crate::PluginContext::config), and returns the one it had.
            ///
            /// # Errors
            ///
            /// [`Error::UnknownPlugin`](crate::Error::UnknownPlugin) if no plugin has that name.
            pub fn configure<T: Send + Sync + 'static>(
                &self,
                name: impl AsRef<str>,
                config: T,
            ) -> Result<Option<std::sync::Arc<T>>, crate::Error> {
                let name = name.as_ref();
                let Some(entry) = self.registry.entry(name) else {
                    return Err(crate::Error::unknown_plugin(name, &self.registry.plugin_names()));
                };
                Ok(entry.settings.insert(config))
            }

            /// What the plugins share among each other, and with the host.
            pub fn shared_state(&self) -> &crate::StateMap {
                &self.registry.shared
            }

            /// Starts a list of plugins that are registered, or registered and started, as one unit.
            pub fn transaction(&self) -> crate::Transaction<'_, $manager> {
                let driver = &crate::lifecycle::$driver;
                crate::Transaction::new(crate::lifecycle::Conductor::new(&self.registry, driver))
            }
        }

        impl crate::Transaction<'_, $manager> {
            /// Registers all of them or, if one is refused, none.
            ///
            /// # Errors
            ///
            /// As the manager's `register`, for the first that is refused.
            ///
            /// # Panics
            ///
            /// As the manager's `register`.
            pub fn register(self) -> Result<Vec<crate::PluginId>, crate::Error> {
                let (conductor, staged) = self.into_parts();
                let registry = conductor.registry();
                registry.register(registry.candidates(staged)?)
            }

            /// Registers all of them and starts them and what they use; if one is refused or fails, what was
            /// started is stopped, and none of them stays registered.
            ///
            /// # Errors
            ///
            /// As [`register`](Self::register) and the manager's `start_plugin`.
            ///
            /// # Panics
            ///
            /// As [`register`](Self::register).
            pub $($async)? fn register_and_start(self) -> Result<Vec<crate::PluginId>, crate::Error> {
                let (conductor, staged) = self.into_parts();
                let $work = conductor.$register(staged);
                $drive
            }
        }
    };
}

pub(crate) use lifecycle_methods;
