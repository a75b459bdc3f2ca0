//! Plugins that a manager builds itself: plugins that a configuration names, and linked plugins that a discovery finds.
//!
//! [`guide::loading`](crate::guide::loading) shows both.

// Files:
//
// | file | what it holds |
// |---|---|
// | `construct`, `build` | how one plugin is made, and from which settings |
// | `factory` | the same as a value: of `#[plugin]`, or by hand |
// | `catalog` | all factories a manager knows, and which one a reference means |
// | `state` | what a manager has loaded, and its groups |
// | `disabled` | which plugins a configuration turns off |
// | `resolve` | what the references of a configuration mean |
// | `loader` | the operations, written once for both managers |
// | `discover`, `apply`, `plan` | finding what is linked; making what a configuration says so |
// | `limits`, `extensions` | the limits of plugins and the options of extensions in a configuration |
// | `options`, `report` | what the host may say of it, and what it is told |
// | `methods`, `from_config` | the operations as methods of managers |

#![forbid(unsafe_code)]

#[cfg(feature = "config")]
mod apply;
#[doc(hidden)]
pub mod build;
mod catalog;
mod construct;
#[cfg(feature = "config")]
mod difference;
#[cfg(feature = "config")]
mod disabled;
mod discover;
#[cfg(feature = "config")]
mod extensions;
mod factory;
#[cfg(feature = "config")]
mod from_config;
#[cfg(feature = "config")]
mod limits;
mod loader;
mod methods;
mod options;
#[cfg(feature = "config")]
mod plan;
mod report;
#[cfg(feature = "config")]
mod resolve;
mod state;

#[cfg(feature = "config")]
pub use crate::manager::group::{GroupMember, PluginGroup};
/// Lets a new manager make loaded plugins anew.
#[cfg(feature = "config")]
pub(crate) fn install(registry: &crate::registry::Registry) {
    registry.set_rebuilder(&apply::Rebuilds);
}

use catalog::Catalog;
use construct::Outcome;
#[doc(hidden)]
pub use construct::{BuildError, Construct, Made, Settings};
pub use factory::PluginFactory;
#[cfg(feature = "config")]
pub use from_config::{ConfigInput, SpecSet};
pub use options::Discovery;
#[cfg(feature = "config")]
pub use options::{LoadOptions, LoadPolicy};
#[cfg(feature = "config")]
pub use report::LoadReport;
pub use report::{DiscoveryReport, SkipReason, Skipped};
