//! [`ServicePoint`]: a trait whose objects are services.

use std::sync::Arc;

use crate::base::name::PluginId;

/// A trait whose objects are services. `#[extension_point(service)]` implements it for the `dyn` type of the trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "not declared to be a service",
    note = "put `#[extension_point(service)]` on the trait"
)]
pub trait ServicePoint {
    /// The name of the trait.
    const NAME: &'static str;

    /// The project of the service. Managers of other projects do not know the service.
    const PROJECT: Option<&'static str>;
}

/// A type that provides the service `S`. `#[extension(service)]` implements it.
///
/// If you implement this trait by hand, name the service when you register the plugin:
///
/// ```
/// use std::sync::Arc;
/// use pluginkit::prelude::*;
/// use pluginkit::metadata::PluginMetadata;
/// use pluginkit::services::Provides;
/// use pluginkit::Plugin;
///
/// #[extension_point(service)]
/// pub trait Formatter: Send + Sync {
///     fn format(&self, text: &str) -> String;
/// }
///
/// struct Quote<C>(C);
///
/// impl<C: std::fmt::Display + Send + Sync> Formatter for Quote<C> {
///     fn format(&self, text: &str) -> String {
///         format!("{0}{text}{0}", self.0)
///     }
/// }
///
/// impl<C: std::fmt::Display + Send + Sync + 'static> Provides<dyn Formatter> for Quote<C> {
///     fn provide(self: Arc<Self>) -> Arc<dyn Formatter> {
///         self
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("text");
/// PluginBuilder::new(Quote('"')).named("quote").provides::<dyn Formatter>(10).register(&pm)?;
/// assert_eq!(pm.service::<dyn Formatter>()?.format("x"), "\"x\"");
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not provide `{S}`",
    label = "there is no `#[extension(service)] impl … for {Self}` of that trait",
    note = "put `#[extension(service)]` on the impl block of the trait"
)]
pub trait Provides<S: ?Sized> {
    /// Returns the plugin as the service.
    fn provide(self: Arc<Self>) -> Arc<S>;
}

/// A kind of service of a manager.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServicePointInfo {
    /// The name of the trait, or the name that was declared at run time.
    pub name: PluginId,
    /// Whether the service was declared. With [`lenient_services`](crate::manager::ManagerBuilder::lenient_services), plugins may
    /// provide services that were not.
    pub declared: bool,
    /// The number of services of this kind, from plugins in any state.
    pub count: usize,
}

/// Checks at compile time that a trait is a service. The macros call it.
pub const fn service<S: ?Sized + ServicePoint>() {}
