//! Managers: they own plugins and hand out callers. State is in `registry`, semantics in `dispatch`.

mod shared;
mod sync;

pub use sync::PluginManager;
