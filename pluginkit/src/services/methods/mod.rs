//! Services, as methods of managers and of the context of a plugin, and of groups.

mod context;
#[cfg(all(feature = "config", feature = "macros"))]
mod group;
mod manager;
