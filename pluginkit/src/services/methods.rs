//! Services as managers and plugins look them up and provide them.

/// Implements the look-ups for `$of`, whose `$registry` is found from `$self`, or is none.
macro_rules! service_methods {
    ($of:ident, |$self:ident| $registry:expr) => {
        impl $of {
            /// The services that implement `S`, as `services::<dyn Formatter>()`: by priority, the highest
            /// first, and where that leaves a choice in the order they were registered in. Those of plugins
            /// that are disabled, have failed or were stopped are left out.
            ///
            /// It is empty where nothing is provided, or nothing was declared.
            pub fn services<S: ?Sized + Send + Sync + 'static>(&$self) -> Vec<std::sync::Arc<S>> {
                let registry = $registry;
                registry.map(|it| it.services(&crate::services::Key::of::<S>(), false)).unwrap_or_default()
            }

            /// The services that implement `S`, of plugins in any state.
            pub fn all_services<S: ?Sized + Send + Sync + 'static>(&$self) -> Vec<std::sync::Arc<S>> {
                let registry = $registry;
                registry.map(|it| it.services(&crate::services::Key::of::<S>(), true)).unwrap_or_default()
            }

            /// The first of the [`services`](Self::services) that implement `S`.
            ///
            /// # Errors
            ///
            /// [`Error::UnknownService`](crate::Error::UnknownService) if no such service was declared, and
            /// [`Error::NoService`](crate::Error::NoService) if none is provided.
            pub fn service<S: ?Sized + Send + Sync + 'static>(
                &$self,
            ) -> Result<std::sync::Arc<S>, crate::Error> {
                let (registry, key) = ($registry, crate::services::Key::of::<S>());
                registry.map_or_else(
                    || Err(crate::Error::NoService { service: key.name(), hidden: Vec::new() }),
                    |it| it.service(&key),
                )
            }

            /// The services provided under a name that was declared at run time, as
            /// [`services`](Self::services).
            pub fn services_named<S: ?Sized + Send + Sync + 'static>(
                &$self,
                name: impl Into<crate::PluginId>,
            ) -> Vec<std::sync::Arc<S>> {
                let (registry, key) = ($registry, crate::services::Key::Named(name.into()));
                registry.map(|it| it.services(&key, false)).unwrap_or_default()
            }

            /// The first of the services provided under a name that was declared at run time.
            ///
            /// # Errors
            ///
            /// As [`service`](Self::service), and [`Error::ServiceType`](crate::Error::ServiceType) if the
            /// name was declared for another trait.
            pub fn service_named<S: ?Sized + Send + Sync + 'static>(
                &$self,
                name: impl Into<crate::PluginId>,
            ) -> Result<std::sync::Arc<S>, crate::Error> {
                let (registry, key) = ($registry, crate::services::Key::Named(name.into()));
                registry.map_or_else(
                    || Err(crate::Error::NoService { service: key.name(), hidden: Vec::new() }),
                    |it| it.service(&key),
                )
            }
        }
    };
}

pub(crate) use service_methods;
