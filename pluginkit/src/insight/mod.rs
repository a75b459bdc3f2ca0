//! Insight into a manager: measurements, reports, graphs and spans.
//!
//! [`guide::insight`](crate::guide::insight) has examples. A manager without observers pays nothing for this module.

// Files:
//
// | file | what it holds |
// |---|---|
// | `metrics`, `histogram` | an observer that counts and times |
// | `known` | values of plugins at points, which observers find fast |
// | `overview` | the plugins and points of a manager at one moment |
// | `callers` | callers whose order follows measurements |
// | `report` | the plugins, their states and what they took, as a table |
// | `graph` | who extends what, and who requires whom |
// | `methods` | reports and graphs, as methods of managers |
// | `events`, `facade` | observers that pass on what they see, to `tracing` and to `metrics` |
// | `labels` | which manager has which label in `metrics` |
// | `serialize` | measurements as `serde` writes them |
// | `spans` | an observer by which plugins run in spans of `tracing` |

#![forbid(unsafe_code)]

mod callers;
#[cfg(feature = "tracing")]
mod events;
#[cfg(feature = "metrics")]
mod facade;
mod graph;
mod histogram;
mod known;
#[cfg(feature = "metrics")]
mod labels;
mod methods;
mod metrics;
mod overview;
mod report;
#[cfg(feature = "serde")]
mod serialize;
#[cfg(feature = "tracing")]
mod spans;

#[cfg(feature = "tracing")]
pub use events::TracingEvents;
#[cfg(feature = "metrics")]
pub use facade::MetricsFacade;

pub use graph::{Graph, GraphEdge, GraphPlugin};
pub use metrics::{Measurement, Metrics};
use overview::Overview;
pub use report::{PluginReport, Report};
#[cfg(feature = "tracing")]
pub use spans::TracingSpans;
