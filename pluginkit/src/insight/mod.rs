//! What a manager's plugins do, and what they take: for people, and at no cost while nobody asks.
//!
//! | file | what it holds |
//! |---|---|
//! | `metrics`, `histogram` | an observer that counts and times |
//! | `report` | the plugins, their states and what they took, as a table |
//! | `graph` | who extends what, and who requires whom |
//! | `spans` | calls and extensions as spans of `tracing` |
#![forbid(unsafe_code)]

mod graph;
mod histogram;
mod metrics;
mod report;
#[cfg(feature = "tracing")]
mod spans;

pub use graph::{Graph, GraphEdge, GraphPlugin};
pub use metrics::{Measurement, Metrics};
pub use report::{PluginReport, Report};
#[cfg(feature = "tracing")]
pub use spans::TracingObserver;
