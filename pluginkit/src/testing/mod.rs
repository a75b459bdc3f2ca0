//! Tools for tests of plugins: a manager for one plugin, mocks, a clock under control of the test, and a recorder of
//! extensions.
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
//! // Several plugins, and the order in which they ran.
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
mod runtime;

pub use clock::FakeClock;
pub use mock::Mock;
pub use recorder::{Outcome, Recorded, Recorder};
pub use runtime::ThreadRuntime;

use crate::error::Error;
use crate::manager::sync::PluginManager;
use crate::spec::point::Specs;

/// Returns a sync manager with these specs that accepts `fn` and `async fn` extensions.
///
/// The manager waits for async extensions, so that one test works for sync and async plugins. The runtime of the
/// manager has no timers and no sockets: if a plugin needs these, [build](crate::manager::ManagerBuilder::block_on) a
/// `PluginManager` with a runtime. Wrappers are `fn`s.
///
/// # Errors
///
/// Returns the errors of [`PluginManager::add_extension_points`].
pub fn host<S: Specs>(specs: S) -> Result<PluginManager, Error> {
    let pm = PluginManager::builder(S::PROJECT.unwrap_or("test")).block_on(ThreadRuntime).build();
    pm.add_extension_points(specs)?;
    Ok(pm)
}

/// Returns a [`host`] with one plugin.
///
/// # Errors
///
/// Returns the errors of [`host`] and [`PluginManager::register`].
pub fn solo<S: Specs, T: Send + Sync + 'static>(specs: S, plugin: T) -> Result<PluginManager, Error> {
    let pm = host(specs)?;
    pm.register(plugin)?;
    Ok(pm)
}
