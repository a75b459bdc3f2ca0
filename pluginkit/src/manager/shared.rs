//! What managers of both kinds offer alike: questions, switches and observers.

/// Implements for `$manager`, which has a field `registry`, what does not depend on how it calls.
macro_rules! shared_methods {
    ($manager:ident) => {
        impl $manager {
            /// The project it was made for.
            pub fn project(&self) -> &str {
                self.registry.project()
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
                self.registry.set_enabled(name.as_ref(), enabled, None)
            }

            /// Takes a plugin out of calls as [`set_enabled`](Self::set_enabled) does, and says why:
            /// [`disabled_reason`](Self::disabled_reason) and [`report`](Self::report) tell it until the plugin
            /// is enabled again.
            ///
            /// # Errors
            ///
            /// As [`set_enabled`](Self::set_enabled).
            pub fn disable(
                &self,
                name: impl AsRef<str>,
                reason: impl Into<String>,
            ) -> Result<(), crate::Error> {
                self.registry.set_enabled(name.as_ref(), false, Some(reason.into().into()))
            }

            /// Takes plugins out of calls that fail again and again, as `policy` says, for as long as the
            /// breaker lives. It watches every call, as observers do.
            ///
            /// ```
            /// use pluginkit::prelude::*;
            /// use pluginkit::BreakerPolicy;
            ///
            /// #[extension_point]
            /// trait Specs {
            ///     fn fetch(&self, topic: &str) -> Result<String, String>;
            /// }
            ///
            /// # fn main() -> Result<(), pluginkit::Error> {
            /// let pm = PluginManager::new("feed");
            /// pm.add_extension_points(Specs)?;
            /// pm.register_fn("broken", Specs::fetch, |_| Err("no news".to_owned()))?;
            ///
            /// let _breaker = pm.break_circuits(BreakerPolicy::new(2));
            /// assert!(pm.caller(Specs::fetch).call("harbor").is_err());
            /// assert!(pm.caller(Specs::fetch).call("harbor").is_err());
            /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), Ok(vec![]));
            /// let reason = pm.disabled_reason("broken").unwrap();
            /// assert_eq!(reason, "failed 2 times in a row, at last by an error in `Specs::fetch`");
            /// # Ok(())
            /// # }
            /// ```
            pub fn break_circuits(&self, policy: crate::BreakerPolicy) -> crate::CircuitBreaker {
                crate::CircuitBreaker::new(policy, &self.registry)
            }

            /// Why a plugin takes no part in calls, if that was said; by a
            /// [`CircuitBreaker`](crate::CircuitBreaker), for one.
            pub fn disabled_reason(&self, name: impl AsRef<str>) -> Option<String> {
                self.registry.disabled_reason(name.as_ref())
            }

            /// The plugins, their states, their places in calls and, where [`Metrics`](crate::Metrics) observe
            /// the manager, what they took: the slowest first. It prints as tables.
            ///
            /// ```
            /// use pluginkit::prelude::*;
            /// use pluginkit::Metrics;
            ///
            /// #[extension_point]
            /// trait Specs {
            ///     fn fetch(&self, topic: &str) -> String;
            /// }
            ///
            /// # fn main() -> Result<(), pluginkit::Error> {
            /// let pm = PluginManager::new("feed");
            /// pm.add_extension_points(Specs)?;
            /// pm.register_fn("static", Specs::fetch, |args| args.topic.to_owned())?;
            /// let _guard = pm.observe(Metrics::new());
            /// pm.caller(Specs::fetch).call("harbor");
            /// println!("{}", pm.report());
            /// # Ok(())
            /// # }
            /// ```
            pub fn report(&self) -> crate::Report {
                self.registry.report()
            }

            /// The plugins and the declared points, and what is between them, for a picture.
            pub fn graph(&self) -> crate::Graph {
                self.registry.graph()
            }

            /// Whether the plugin of that name is registered and takes part in calls.
            pub fn is_enabled(&self, name: impl AsRef<str>) -> bool {
                self.registry.is_enabled(name.as_ref())
            }

            /// Holds every implementation of a plugin to `limit` in `try_call` and `settle`, beside what it is
            /// held to already; `None` lifts that. Of the timeouts of an extension, of its plugin, of its
            /// [point](Self::set_point_timeout) and of the [call](crate::Caller::timeout), the tightest wins.
            ///
            /// # Errors
            ///
            /// [`Error::UnknownPlugin`](crate::Error::UnknownPlugin) if no plugin has that name.
            pub fn set_plugin_timeout(
                &self,
                name: impl AsRef<str>,
                limit: impl Into<Option<std::time::Duration>>,
            ) -> Result<(), crate::Error> {
                self.registry.set_plugin_timeout(name.as_ref(), limit.into())
            }

            /// Holds every implementation of a point to `limit` in `try_call` and `settle`, in calls that start
            /// from now on, as [`set_plugin_timeout`](Self::set_plugin_timeout) does; `None` lifts that.
            ///
            /// # Errors
            ///
            /// [`Error::UnknownExtensionPoint`](crate::Error::UnknownExtensionPoint) if the specs of the point
            /// were never added.
            pub fn set_point_timeout<P: crate::ExtensionPoint>(
                &self,
                _point: P,
                limit: impl Into<Option<std::time::Duration>>,
            ) -> Result<(), crate::Error> {
                self.registry.set_point_timeout(std::any::TypeId::of::<P>(), P::INFO, limit.into())
            }

            /// Says what an extension of a point that fails does to its [`try_call`](crate::Caller), in calls that start
            /// from now on; `None` leaves it to what the point declares. See [`FailurePolicy`](crate::FailurePolicy). Calls
            /// of a historic point have no policy, whatever is said here.
            ///
            /// # Errors
            ///
            /// [`Error::UnknownExtensionPoint`](crate::Error::UnknownExtensionPoint) if the specs of the point
            /// were never added.
            pub fn set_point_failure_policy<P: crate::ExtensionPoint>(
                &self,
                _point: P,
                policy: impl Into<Option<crate::FailurePolicy>>,
            ) -> Result<(), crate::Error> {
                let id = std::any::TypeId::of::<P>();
                self.registry.set_point_failure_policy(id, P::INFO, policy.into())
            }

            /// How often an implementation of this plugin took longer than its `timeout` in a `try_call` or a
            /// `settle` and could not be stopped, as it was not awaited or did not let go of its thread;
            /// `None` if no plugin has that name.
            pub fn overruns(&self, name: impl AsRef<str>) -> Option<u64> {
                self.registry.overruns(name.as_ref())
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

            /// What is known of the plugin of that name now; `None` if there is no such plugin.
            pub fn descriptor(&self, name: impl AsRef<str>) -> Option<crate::PluginDescriptor> {
                self.registry.entry(name.as_ref()).map(|entry| entry.descriptor())
            }

            /// What is known of all plugins now, in registration order.
            #[doc(alias = "list_plugins")]
            pub fn descriptors(&self) -> Vec<crate::PluginDescriptor> {
                self.registry.entries().iter().map(|entry| entry.descriptor()).collect()
            }

            /// The kinds of services there are: the declared ones by their traits' names, then those declared
            /// at run time, then those merely provided.
            pub fn service_points(&self) -> Vec<crate::ServicePointInfo> {
                self.registry.service_points()
            }

            /// Declares a name for services that implement `S`, such as `dyn Formatter`, at run time. Declaring
            /// it again for the same trait does nothing.
            ///
            /// # Errors
            ///
            /// [`Error::ServiceType`](crate::Error::ServiceType) if it was declared for, or has services of,
            /// another type.
            pub fn declare_services<S: ?Sized + Send + Sync + 'static>(
                &self,
                name: impl Into<crate::PluginId>,
            ) -> Result<(), crate::Error> {
                self.registry.declare_services::<S>(name.into(), None)
            }

            /// Provides a service of the host's own, at priority 0.
            ///
            /// # Errors
            ///
            /// [`Error::UnknownService`](crate::Error::UnknownService) if the service was not declared.
            pub fn provide<S: ?Sized + Send + Sync + 'static>(
                &self,
                service: std::sync::Arc<S>,
            ) -> Result<crate::ServiceId, crate::Error> {
                self.provide_with(0, service)
            }

            /// Provides a service of the host's own at a priority; higher is found earlier.
            ///
            /// # Errors
            ///
            /// As [`provide`](Self::provide).
            pub fn provide_with<S: ?Sized + Send + Sync + 'static>(
                &self,
                priority: i32,
                service: std::sync::Arc<S>,
            ) -> Result<crate::ServiceId, crate::Error> {
                let key = crate::services::Key::of::<S>();
                self.registry.provide(crate::services::StagedService::new(key, priority, service), None)
            }

            /// Provides a service of the host's own under a name that was declared at run time, at a priority.
            ///
            /// # Errors
            ///
            /// As [`provide`](Self::provide), and [`Error::ServiceType`](crate::Error::ServiceType) if the name
            /// was declared for another trait.
            pub fn provide_named<S: ?Sized + Send + Sync + 'static>(
                &self,
                name: impl Into<crate::PluginId>,
                priority: i32,
                service: std::sync::Arc<S>,
            ) -> Result<crate::ServiceId, crate::Error> {
                let key = crate::services::Key::Named(name.into());
                self.registry.provide(crate::services::StagedService::new(key, priority, service), None)
            }

            /// Takes back a service of the host's own; returns whether it was there.
            pub fn withdraw(&self, service: crate::ServiceId) -> bool {
                self.registry.withdraw(service, None)
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

            /// Shows every call and every extension to `observer` for as long as the guard lives: of calls that begin then, all of
            /// it, also what comes after the guard was dropped.
            #[doc(alias = "add_hookcall_monitoring")]
            pub fn observe(&self, observer: impl crate::Observer) -> crate::ObserverGuard {
                let id = self.registry.add_observer(std::sync::Arc::new(observer));
                crate::ObserverGuard::new(std::sync::Arc::downgrade(&self.registry), id)
            }
        }

        crate::services::service_methods!($manager, |self| Some(&self.registry));

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
