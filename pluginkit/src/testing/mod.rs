//! What tests of plugins need: a plugin without its host, answers that are laid out, a clock that stands still, and
//! the order in which things ran.
//!
//! ```
//! use pluginkit::prelude::*;
//! use pluginkit::testing::{self, Recorder};
//!
//! #[extension_point]
//! trait Specs {
//!     fn fetch(&self, topic: &str) -> String;
//! }
//!
//! struct Weather;
//!
//! #[extension]
//! impl Specs for Weather {
//!     async fn fetch(&self, topic: &str) -> String {
//!         format!("weather of {topic}")
//!     }
//! }
//!
//! struct Static;
//!
//! #[extension]
//! impl Specs for Static {
//!     fn fetch(&self, topic: &str) -> String {
//!         format!("static {topic}")
//!     }
//! }
//!
//! // One body tests both kinds.
//! fn says_what_it_is_about(plugin: impl Send + Sync + 'static) {
//!     let pm = testing::solo(Specs, plugin).unwrap();
//!     let headlines = pm.caller(Specs::fetch).call("harbor");
//!     assert!(headlines[0].ends_with("harbor"));
//! }
//! says_what_it_is_about(Weather);
//! says_what_it_is_about(Static);
//!
//! // Several plugins, and who ran before whom.
//! let pm = testing::host(Specs).unwrap();
//! pm.register(Weather).unwrap();
//! pm.register(Static).unwrap();
//! let recorder = Recorder::new();
//! let _guard = pm.observe(recorder.clone());
//! pm.caller(Specs::fetch).call("harbor");
//! recorder.assert_order(["Weather", "Static"]);
//! ```
#![forbid(unsafe_code)]

mod clock;
mod mock;
mod recorder;
mod waiting;

pub use clock::FakeClock;
pub use mock::Mock;
pub use recorder::{Outcome, Recorded, Recorder};
pub use waiting::Waiting;

use crate::error::Error;
use crate::manager::PluginManager;
use crate::spec::point::Specs;

/// A manager with these specs, which takes `fn` and `async fn` extensions alike: it waits for the latter, so that one
/// test body serves both. (Its runtime has no timers and no sockets; with one that does, build a
/// [`PluginManager`](crate::ManagerBuilder::block_on) of your own. Wrappers are those of a sync manager.)
///
/// # Errors
///
/// As [`PluginManager::add_extension_points`].
pub fn host<S: Specs>(specs: S) -> Result<PluginManager, Error> {
    let pm = PluginManager::builder(S::PROJECT.unwrap_or("test")).block_on(Waiting).build();
    pm.add_extension_points(specs)?;
    Ok(pm)
}

/// A [`host`] with one plugin.
///
/// # Errors
///
/// As [`host`], and as [`PluginManager::register`].
pub fn solo<S: Specs, T: Send + Sync + 'static>(specs: S, plugin: T) -> Result<PluginManager, Error> {
    let pm = host(specs)?;
    pm.register(plugin)?;
    Ok(pm)
}
