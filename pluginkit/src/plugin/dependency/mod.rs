//! Which plugins another needs, and in what order: pure functions over what plugins say of themselves.
//!
//! Dependencies come before those who require them. Where that leaves a choice, the plugin that was
//! registered first comes first.
#![forbid(unsafe_code)]

#[cfg(any(feature = "macros", test))]
mod graph;
mod problem;

#[cfg(feature = "macros")]
pub(crate) use graph::{Graph, Node, Unresolved};
pub use problem::DependencyProblem;
