//! Starting, stopping, replacing and removing plugins.
//!
//! [`guide::lifecycle`](crate::guide::lifecycle) has an example and the rules.

// Files:
//
// | file | what it holds |
// |---|---|
// | `points` | the points of a life: what plugins implement |
// | `life` | the state of one plugin, under a lock of its own |
// | `lives` | who waits for whom |
// | `claim` | who may go next: the one place where a phase is entered |
// | `conductor`, `start`, `stop`, `remove` | the operations, written once for both managers |
// | `plan`, `replace`, `detached` | changes to a running manager: what they concern, how they are made, and that they go on to their end |
// | `drain` | the wait for calls that are under way with a plugin that stops |
// | `shared` | phases under way, which an operation that waits for them can go on with |
// | `driver` | what differs between the managers: how a phase is run, and how to wait |
// | `methods` | the operations as methods of managers |
// | `run` | a manager's life from its start to its end |
// | `transaction` | plugins that come in and start as one |

#![forbid(unsafe_code)]

mod claim;
mod conductor;
#[cfg_attr(not(feature = "async"), allow(dead_code, reason = "only futures can be dropped"))]
mod detached;
mod drain;
mod driver;
mod life;
mod lives;
mod methods;
mod plan;
pub(crate) mod points;
mod policy;
mod remove;
mod replace;
mod run;
#[cfg(feature = "async")]
mod shared;
mod start;
mod stop;
mod transaction;

use crate::registry::Registry;
#[cfg(feature = "async")]
use crate::spec::point::AsyncSpecs;
use crate::spec::point::{Points, Specs};

pub use crate::base::signal::{CancellationSignal, Cancelled};
pub use crate::base::state::StateMap;
pub use crate::manager::context::PluginContext;
pub(crate) use lives::Lives;
pub use points::Lifecycle;
pub use policy::StartPolicy;
pub use transaction::Transaction;

pub(crate) use conductor::Conductor;

/// Adds the points of a life to a new manager, before all others, and restarts plugins around replacements.
pub(crate) fn install(registry: &Registry) {
    #[cfg(feature = "async")]
    let declare = if registry.is_async() { Lifecycle::declare_async } else { Lifecycle::declare };
    #[cfg(not(feature = "async"))]
    let declare = Lifecycle::declare;
    registry.add_built_in::<Lifecycle>(&Points::of(declare));
    registry.set_calls_follow_states(true);
    registry.set_replacer(&replace::Restarts);
}
