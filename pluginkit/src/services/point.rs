//! [`ServicePoint`]: a trait whose objects are services.

use std::sync::Arc;

use crate::base::name::PluginId;

/// A trait whose objects plugins provide: what `#[extension_point(service)]` implements for the trait's
/// `dyn` type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service",
    label = "not declared to be a service",
    note = "put `#[extension_point(service)]` on the trait"
)]
pub trait ServicePoint {
    /// The name of the trait.
    const NAME: &'static str;

    /// The project it belongs to; managers of others do not have it.
    const PROJECT: Option<&'static str>;
}

/// A type that provides the service `S`: what `#[extension(service)]` implements.
///
/// Written by hand, it lets a plugin name its service where it is registered:
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

/// A kind of service, as a manager knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServicePointInfo {
    /// The name of the trait, or the name that was declared at run time.
    pub name: PluginId,
    /// Whether it was declared, not merely provided.
    pub declared: bool,
    /// The number of services that plugins in any state provide.
    pub count: usize,
}

/// Checks that a trait is a service, where an expansion asks.
pub const fn service<S: ?Sized + ServicePoint>() {}
