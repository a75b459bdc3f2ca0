//! The lives of plugins: registered, started, stopped, removed.
//!
//! | file | what it holds |
//! |---|---|
//! | `points` | the points of a life: what plugins implement |
//! | `life` | the state of one plugin, under a lock of its own |
//! | `lives` | who waits for whom |
//! | `claim` | who may go next: the one place where a phase is entered |
//! | `conductor`, `start`, `stop`, `remove` | the operations, written once for both managers |
//! | `exchange` | plugins that come in for others while the manager runs |
//! | `shared` | phases under way, which an operation that waits for them can go on with |
//! | `driver` | what differs between the managers: how a phase is run, and how to wait |
//! | `methods` | the operations as methods of managers |
//! | `feature` | its part in the making and the end of a manager |
//! | `run` | a manager's life from its start to its end |
//! | `transaction` | plugins that come in and start as one |
#![forbid(unsafe_code)]

mod cause;
#[cfg(feature = "macros")]
mod claim;
#[cfg(feature = "macros")]
mod conductor;
mod context;
#[cfg(feature = "macros")]
mod driver;
#[cfg(feature = "macros")]
mod exchange;
#[cfg(feature = "macros")]
mod feature;
mod life;
mod lives;
#[cfg(feature = "macros")]
mod methods;
mod phase;
#[cfg(feature = "macros")]
mod points;
#[cfg(feature = "macros")]
mod remove;
#[cfg(feature = "macros")]
mod run;
#[cfg(all(feature = "macros", feature = "async"))]
mod shared;
#[cfg(feature = "macros")]
mod start;
#[cfg(feature = "macros")]
mod stop;
#[cfg(feature = "macros")]
mod transaction;

use std::sync::Arc;
use std::time::SystemTime;

pub use cause::Cause;
pub use context::PluginContext;
pub(crate) use life::Life;
pub(crate) use lives::Lives;
pub use phase::{Phase, StartPolicy};
#[cfg(feature = "macros")]
pub use points::Lifecycle;
#[cfg(feature = "macros")]
pub use transaction::Transaction;

#[cfg(feature = "macros")]
pub(crate) use conductor::Conductor;
#[cfg(feature = "macros")]
pub(crate) use feature::FEATURE;

/// What tells a manager the time.
pub(crate) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;
