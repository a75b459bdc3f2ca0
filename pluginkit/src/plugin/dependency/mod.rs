//! The plugins that another needs, and the order of starts: pure functions over requirements.
//!
//! Dependencies come before the plugins that require them. Otherwise the order is that of the registrations.
#![forbid(unsafe_code)]

#[cfg(any(feature = "macros", test))]
mod graph;
mod problem;

#[cfg(feature = "macros")]
pub use graph::{Graph, Unresolved};
#[cfg(feature = "macros")]
pub(crate) use graph::{Node, ServiceLinks, UsedService};
pub use problem::DependencyProblem;
