//! [`Lifecycle`]: the points that every manager has.

use crate::base::boxed::BoxError;
use crate::manager::PluginContext;

/// The extension points of a plugin's life. Every manager has them.
///
/// A plugin implements those it needs, as `fn` or `async fn`, with or without the context. They are called
/// by the manager, for one plugin at a time: see [`PluginManager::start_all`](crate::PluginManager::start_all).
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

    /// Starts the plugin, after the plugins that it requires.
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError>;

    /// Undoes `start`. Called if `start` ended well, after the plugins that require this one were stopped.
    fn stop(&self, cx: &PluginContext) -> Result<(), BoxError>;

    /// Undoes `init`. Called if `init` ended well, even if `stop` failed.
    fn unload(&self, cx: &PluginContext) -> Result<(), BoxError>;
}
