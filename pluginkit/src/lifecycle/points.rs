//! [`Lifecycle`]: the points that every manager has.

use crate::base::boxed::BoxError;
use crate::manager::context::PluginContext;
use crate::spec::point::Specs;

/// The phases of a plugin, as extension points. Every manager has these points.
///
/// A plugin implements the phases that it needs, as `fn` or `async fn`, with or without the context. An
/// operation of the manager calls the phases of one plugin after those of another: see [`PluginManager::start_all`](crate::PluginManager::start_all).
/// The order is that of the requirements. A plugin is refused if one of its phases has a `before`, an `after` or, unless it
/// has two methods for the phase, a `tryfirst`, a `trylast` or a `priority`.
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

/// Asserts that extensions of these specs have an order: they are not [`Lifecycle`].
///
/// # Panics
///
/// Panics if they are.
#[track_caller]
pub const fn has_an_order<S: Specs>() {
    assert!(
        !is_same(S::MODULE, <Lifecycle as Specs>::MODULE) || !is_same(S::NAME, <Lifecycle as Specs>::NAME),
        "the phases of plugins run in the order of requirements: remove this option, and say what the plugin requires, as in `#[plugin(id = \"web\", requires = [\"db\"])]`"
    );
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}
