//! [`Lifecycle`]: the points that every manager has.

use crate::base::boxed::BoxError;
use crate::manager::PluginContext;

/// The phases of a plugin, as extension points. Every manager has these points.
///
/// A plugin implements the phases that it needs, as `fn` or `async fn`, with or without the context. An
/// operation of the manager calls the phases of one plugin after those of another: see [`PluginManager::start_all`](crate::PluginManager::start_all).
///
/// ```
/// use pluginkit::prelude::*;
///
/// #[plugin(id = "store", version = "1.0.0")]
/// struct Store;
///
/// #[extension]
/// impl Lifecycle for Store {
///     fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
///         cx.state().insert(String::from("open"));
///         Ok(())
///     }
///
///     fn stop(&self) -> Result<(), BoxError> {
///         Ok(())
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("notes");
/// pm.register(Store)?;
/// pm.start_all()?;
/// assert_eq!(pm.descriptor("store").unwrap().state, PluginState::Started);
/// pm.stop_all()?;
/// # Ok(())
/// # }
/// ```
#[pluginkit_macros::extension_point]
pub trait Lifecycle {
    /// Prepares the plugin. Called before every `start`.
    fn init(&self, cx: &PluginContext) -> Result<(), BoxError>;

    /// Starts the plugin. Called after the requirements of the plugin were started.
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError>;

    /// Undoes `start`. Called if `start` succeeded, after the dependents of the plugin were stopped.
    fn stop(&self, cx: &PluginContext) -> Result<(), BoxError>;

    /// Undoes `init`. Called if `init` succeeded, even if `stop` failed.
    fn unload(&self, cx: &PluginContext) -> Result<(), BoxError>;
}
