//! [`ExtensionPoint`]: a point that can be called.

#[cfg(feature = "async")]
use crate::base::kind::Asynchronous;
use crate::base::kind::Synchronous;
use crate::call::caller::Callable;
#[cfg(feature = "async")]
use crate::spec::point::AsyncPointTypes;

/// An extension point: a zero-sized type whose value is passed to [`PluginManager::caller`](crate::PluginManager::caller).
///
/// Generic code takes a `P: ExtensionPoint`. Every point of `#[extension_point]` implements this trait. A point that is
/// written by hand gets it from [`PointTypes`](crate::manual::PointTypes) and [`Callable`].
///
/// ```
/// use pluginkit::ExtensionPoint;
/// use pluginkit::prelude::*;
///
/// /// Returns the number of plugins that extend a point.
/// fn extenders<P: ExtensionPoint>(pm: &PluginManager, point: P) -> usize {
///     pm.caller(point).implementations().len()
/// }
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
/// assert_eq!(extenders(&pm, Specs::fetch), 1);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extension point",
    label = "expected one of a specs' constants, like `Specs::fetch`"
)]
pub trait ExtensionPoint: Callable<Synchronous> {}

impl<P: Callable<Synchronous>> ExtensionPoint for P {}

/// An extension point that an async manager can call, and that an `async fn` may extend.
#[cfg(feature = "async")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extension point of async managers",
    label = "expected one of a specs' constants, like `Specs::fetch`"
)]
pub trait AsyncExtensionPoint: ExtensionPoint + AsyncPointTypes + Callable<Asynchronous> {}

#[cfg(feature = "async")]
impl<P: ExtensionPoint + AsyncPointTypes + Callable<Asynchronous>> AsyncExtensionPoint for P {}
