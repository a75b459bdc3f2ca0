//! Managers: they own plugins and hand out callers.
//!
//! | file | what it holds |
//! |---|---|
//! | `sync`, `asynchronous` | `PluginManager` and `AsyncPluginManager`, with the methods of one kind only |
//! | `builder` | a manager that is being configured |
//! | `plugin_builder` | a plugin that is being put together |
//! | `staging` | a plugin value with everything its type declares |
//! | `registration`, `lookup`, `switches`, `limits`, `observers` | the methods of both kinds, by topic |
//! | `context` | a plugin's view of its manager |
//!
//! The modules of the features add their own methods to [`Manager`].
#![forbid(unsafe_code)]

// The documentation lists methods in this order.
mod builder;

mod registration;

mod sync;

#[cfg(feature = "async")]
mod asynchronous;

mod lookup;

mod switches;

mod limits;

mod observers;

mod context;
mod plugin_builder;
mod staging;

#[cfg(feature = "async")]
pub use asynchronous::AsyncPluginManager;
pub use builder::ManagerBuilder;
pub use context::PluginContext;
pub use plugin_builder::PluginBuilder;
#[cfg(feature = "macros")]
pub(crate) use staging::{staged, staged_fn};
pub use sync::PluginManager;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::base::kind::Kind;
use crate::registry::Registry;

/// Owns plugins and hands out callers of extension points, of one [`Kind`].
///
/// [`PluginManager`] and `AsyncPluginManager` are its two kinds; their pages say what each does.
/// Name the type itself in code that serves both kinds:
///
/// ```
/// use pluginkit::kind::Kind;
/// use pluginkit::{Manager, PluginManager};
///
/// fn list<K: Kind>(pm: &Manager<K>) {
///     for name in pm.plugin_names() {
///         println!("{name}");
///     }
/// }
///
/// list(&PluginManager::new("feed"));
/// ```
pub struct Manager<K: Kind> {
    registry: Arc<Registry>,
    kind: PhantomData<K>,
}

impl<K: Kind> Manager<K> {
    /// Returns the project whose plugins the manager takes.
    pub fn project(&self) -> &str {
        self.registry.project()
    }

    fn with(registry: Arc<Registry>) -> Self {
        Self { registry, kind: PhantomData }
    }

    /// The state that the methods of the features work on.
    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }
}

/// Stops the plugins of a `PluginManager` that are started; errors of that are lost. Call
/// [`unload_all`](PluginManager::unload_all) first to get them.
///
/// An `AsyncPluginManager` cannot await phases here: it only cancels the
/// [signals](crate::PluginContext::cancellation) of its plugins. Await `unload_all` before it is dropped.
impl<K: Kind> Drop for Manager<K> {
    fn drop(&mut self) {
        self.registry.close();
    }
}

impl<K: Kind> fmt::Debug for Manager<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(if K::IS_ASYNC { "AsyncPluginManager" } else { "PluginManager" })
            .field("project", &self.project())
            .field("plugins", &self.plugin_names())
            .finish_non_exhaustive()
    }
}
