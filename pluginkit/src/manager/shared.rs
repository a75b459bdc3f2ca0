//! What managers of both kinds offer alike: registration, questions, switches and observers.

/// Implements for `$manager`, which has a field `registry`, what does not depend on how it calls.
macro_rules! shared_methods {
    ($manager:ident) => {
        impl $manager {
            /// The project it was made for.
            pub fn project(&self) -> &str {
                self.registry.project()
            }

            /// Registers a plugin, a value or an `Arc` of one, under the bare name of its type (`Weather`).
            ///
            /// Everything that `#[extension]` wrote for its type is wired, and past historic calls are
            /// replayed to it.
            ///
            /// # Errors
            ///
            /// If the name is taken or blocked, the same `Arc` is registered, the type has no extension, the
            /// manager has not got the specs of an extension that is not `optional`, an extension is
            /// `async`, its place in the order is impossible, or a replay fails. Nothing is registered then.
            ///
            /// # Panics
            ///
            /// If a replay panics. Nothing is registered then.
            pub fn register<T: Send + Sync + 'static>(
                &self,
                plugin: T,
            ) -> Result<crate::PluginId, crate::Error> {
                self.commit_one(crate::manager::staged(None, plugin))
            }

            /// Registers a plugin, a value or an `Arc` of one, under `name`.
            ///
            /// # Errors
            ///
            /// As [`register`](Self::register).
            ///
            /// # Panics
            ///
            /// As [`register`](Self::register).
            pub fn register_as<T: Send + Sync + 'static>(
                &self,
                name: impl Into<crate::PluginId>,
                plugin: T,
            ) -> Result<crate::PluginId, crate::Error> {
                self.commit_one(crate::manager::staged(Some(name.into()), plugin))
            }

            /// Registers all of `plugins` or, if one is refused, none.
            ///
            /// # Errors
            ///
            /// As [`register`](Self::register), for the first that is refused.
            ///
            /// # Panics
            ///
            /// As [`register`](Self::register).
            pub fn register_all<N, T>(
                &self,
                plugins: impl IntoIterator<Item = (N, T)>,
            ) -> Result<Vec<crate::PluginId>, crate::Error>
            where
                N: Into<crate::PluginId>,
                T: Send + Sync + 'static,
            {
                let staged = plugins
                    .into_iter()
                    .map(|(name, plugin)| crate::manager::staged(Some(name.into()), plugin))
                    .collect();
                self.registry.register(staged)
            }

            /// Registers a closure as a plugin with one extension.
            ///
            /// `call` is a closure `|args| …` that returns what the point returns and is `Send + Sync + 'static`;
            /// `args` has a field for each argument of the point.
            ///
            /// ```
            /// # use pluginkit::prelude::*;
            /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
            /// # fn main() -> Result<(), pluginkit::Error> {
            /// # let pm = PluginManager::new("feed");
            /// # pm.add_extension_points(Specs)?;
            /// pm.register_fn("static", Specs::fetch, |args| format!("static[{}]", args.topic))?;
            /// # Ok(())
            /// # }
            /// ```
            ///
            /// # Errors
            ///
            /// As [`register`](Self::register).
            ///
            /// # Panics
            ///
            /// As [`register`](Self::register).
            pub fn register_fn<P, F>(
                &self,
                name: impl Into<crate::PluginId>,
                point: P,
                call: F,
            ) -> Result<crate::PluginId, crate::Error>
            where
                P: crate::bind::BindFn<F>,
            {
                self.register_fn_with(name, point, crate::Options::new(), call)
            }

            /// Registers a closure as a plugin with one extension that has these options.
            ///
            /// # Errors
            ///
            /// As [`register`](Self::register).
            ///
            /// # Panics
            ///
            /// As [`register`](Self::register).
            pub fn register_fn_with<P, F>(
                &self,
                name: impl Into<crate::PluginId>,
                _point: P,
                options: crate::Options,
                call: F,
            ) -> Result<crate::PluginId, crate::Error>
            where
                P: crate::bind::BindFn<F>,
            {
                let object = P::bind_fn(call);
                let contribution = crate::implementation::Contribution::new::<P, P::Extension>(
                    crate::implementation::Role::Extension,
                    options,
                    object,
                );
                self.commit_one(crate::registry::Staged {
                    id: name.into(),
                    type_name: "a closure",
                    instance: std::sync::Arc::new(crate::manager::FnPlugin),
                    contributions: vec![contribution],
                })
            }

            /// Starts the registration of a plugin whose specs are named, as a generic type needs it.
            ///
            /// ```
            /// use pluginkit::prelude::*;
            ///
            /// #[extension_point]
            /// trait Specs {
            ///     fn fetch(&self, topic: &str) -> String;
            /// }
            ///
            /// struct Cached<T>(T);
            ///
            /// #[extension]
            /// impl<T: std::fmt::Display + Send + Sync + 'static> Specs for Cached<T> {
            ///     fn fetch(&self, topic: &str) -> String {
            ///         format!("{topic}: {}", self.0)
            ///     }
            /// }
            ///
            /// # fn main() -> Result<(), pluginkit::Error> {
            /// let pm = PluginManager::new("feed");
            /// pm.add_extension_points(Specs)?;
            /// pm.plugin(Cached(7)).named("cached").extends(Specs).register()?;
            /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor: 7"]);
            /// # Ok(())
            /// # }
            /// ```
            ///
            /// Given a name instead, it is the look-up: `pm.plugin("cached").get()` is the plugin, or `None`.
            #[doc(alias = "get_plugin")]
            pub fn plugin<T>(&self, plugin: T) -> crate::PluginBuilder<'_, T> {
                crate::PluginBuilder::new(&self.registry, std::sync::Arc::new(plugin))
            }

            /// Starts the registration of a plugin that is shared already, as [`plugin`](Self::plugin) does.
            pub fn shared_plugin<T: Send + Sync + 'static>(
                &self,
                plugin: std::sync::Arc<T>,
            ) -> crate::PluginBuilder<'_, T> {
                crate::PluginBuilder::new(&self.registry, plugin)
            }

            fn commit_one(&self, staged: crate::registry::Staged) -> Result<crate::PluginId, crate::Error> {
                let mut names = self.registry.register(vec![staged])?;
                Ok(names.remove(0))
            }

            /// Unregisters the plugin of that name and returns it; `None` if there is none.
            ///
            /// A call that is under way goes on with it.
            pub fn unregister(&self, name: impl AsRef<str>) -> Option<crate::AnyPlugin> {
                self.registry.unregister(name.as_ref())
            }

            /// Unregisters this very plugin and returns it; `None` if it is not registered.
            pub fn unregister_plugin<T: Send + Sync + 'static>(
                &self,
                plugin: &std::sync::Arc<T>,
            ) -> Option<std::sync::Arc<T>> {
                let plugin: crate::AnyPlugin = std::sync::Arc::clone(plugin) as crate::AnyPlugin;
                self.registry.unregister_plugin(&plugin)?.downcast().ok()
            }

            /// Blocks a name: removes the plugin that has it, which is returned, and refuses it from now on.
            pub fn set_blocked(&self, name: impl Into<crate::PluginId>) -> Option<crate::AnyPlugin> {
                self.registry.block(name.into())
            }

            /// Lifts a block; returns whether there was one.
            pub fn unblock(&self, name: impl AsRef<str>) -> bool {
                self.registry.unblock(name.as_ref())
            }

            /// Whether a name is blocked.
            pub fn is_blocked(&self, name: impl AsRef<str>) -> bool {
                self.registry.is_blocked(name.as_ref())
            }

            /// Takes a plugin out of calls, or back into them at its old place; it stays registered.
            ///
            /// What happened while it was disabled is not replayed to it.
            ///
            /// # Errors
            ///
            /// [`Error::UnknownPlugin`](crate::Error::UnknownPlugin) if no plugin has that name.
            pub fn set_enabled(&self, name: impl AsRef<str>, enabled: bool) -> Result<(), crate::Error> {
                self.registry.set_enabled(name.as_ref(), enabled)
            }

            /// Whether the plugin of that name is registered and takes part in calls.
            pub fn is_enabled(&self, name: impl AsRef<str>) -> bool {
                self.registry.is_enabled(name.as_ref())
            }

            /// Whether a plugin of that name is registered.
            #[doc(alias = "has_plugin")]
            pub fn is_registered(&self, name: impl AsRef<str>) -> bool {
                self.registry.is_registered(name.as_ref())
            }

            /// The plugin of that name, if it is a `T`.
            pub fn plugin_as<T: Send + Sync + 'static>(
                &self,
                name: impl AsRef<str>,
            ) -> Option<std::sync::Arc<T>> {
                self.registry.plugin(name.as_ref())?.downcast().ok()
            }

            /// The name this very plugin is registered under.
            #[doc(alias = "get_name")]
            pub fn plugin_name<T: Send + Sync + 'static>(
                &self,
                plugin: &std::sync::Arc<T>,
            ) -> Option<crate::PluginId> {
                let plugin: crate::AnyPlugin = std::sync::Arc::clone(plugin) as crate::AnyPlugin;
                self.registry.plugin_name(&plugin)
            }

            /// The names of all plugins, in registration order.
            #[doc(alias = "list_name_plugin")]
            pub fn plugin_names(&self) -> Vec<crate::PluginId> {
                self.registry.plugin_names()
            }

            /// All extension points, in the order they were added.
            pub fn extension_points(&self) -> Vec<&'static crate::PointInfo> {
                self.registry.extension_points()
            }

            /// The points a plugin contributes to; `None` if there is no such plugin.
            #[doc(alias = "get_hookcallers")]
            pub fn extension_points_of(
                &self,
                name: impl AsRef<str>,
            ) -> Option<Vec<&'static crate::PointInfo>> {
                self.registry.extension_points_of(name.as_ref())
            }

            /// Shows every call and every extension to `observer` for as long as the guard lives.
            #[doc(alias = "add_hookcall_monitoring")]
            pub fn observe(&self, observer: impl crate::Observer) -> crate::ObserverGuard {
                let id = self.registry.add_observer(std::sync::Arc::new(observer));
                crate::ObserverGuard::new(std::sync::Arc::downgrade(&self.registry), id)
            }
        }

        impl std::fmt::Debug for $manager {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($manager))
                    .field("project", &self.project())
                    .field("plugins", &self.plugin_names())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use shared_methods;
