//! The managers, and how they are built.

// Files:
//
// | file | what it holds |
// |---|---|
// | `generic` | the manager of either kind: registration and callers |
// | `sync`, `asynchronous` | its two kinds, `PluginManager` and `AsyncPluginManager` |
// | `builder` | a manager that is being configured |
// | `plugin_builder` | a plugin that is being put together |
// | `staging` | a plugin value with everything its type declares |
// | `lookup`, `switches`, `limits`, `observers` | the methods of both kinds, by topic |
// | `group` | the plugins of a group |
// | `context` | a plugin's view of its manager |

#![forbid(unsafe_code)]

#[cfg(feature = "async")]
pub(crate) mod asynchronous;
mod builder;
pub(crate) mod context;
mod extra;
pub(crate) mod generic;
#[cfg(all(feature = "config", feature = "macros"))]
pub(crate) mod group;
mod limits;
mod lookup;
mod observers;
pub(crate) mod plugin_builder;
pub(crate) mod staging;
mod switches;
pub(crate) mod sync;

pub use builder::ManagerBuilder;
pub(crate) use generic::Manager;
