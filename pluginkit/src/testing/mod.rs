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
pub use runtime::{ThreadRuntime, block_on};

use crate::base::kind::{Asynchronous, Synchronous};
use crate::error::Error;
use crate::manager::ManagerBuilder;
use crate::manager::asynchronous::AsyncPluginManager;
use crate::manager::sync::PluginManager;
use crate::spec::point::{AsyncSpecs, Specs};

/// Returns a sync manager with these specs that accepts `fn` and `async fn` extensions.
///
/// The manager waits for async extensions, so that one test works for sync and async plugins. The runtime of the
/// manager has no timers and no sockets: if a plugin needs these, [build](crate::manager::ManagerBuilder::block_on) a
/// `PluginManager` with a runtime. Wrappers are `fn`s: [`async_host`] takes `async fn` wrappers.
///
/// As in any manager, calls leave out a plugin with a `start` until
/// [`start_all`](PluginManager::start_all).
///
/// # Errors
///
/// Returns the errors of [`PluginManager::add_extension_points`].
pub fn host<S: Specs>(specs: S) -> Result<PluginManager, Error> {
    host_with(specs, |builder| builder)
}

/// Returns a [`host`] with more settings, such as a clock.
///
/// ```
/// # use pluginkit::prelude::*;
/// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
/// # fn main() -> Result<(), pluginkit::Error> {
/// use pluginkit::testing::{self, FakeClock};
///
/// let clock = FakeClock::new();
/// let pm = testing::host_with(Specs, |builder| builder.clock(clock.reader()))?;
/// # drop(pm);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns the errors of [`PluginManager::add_extension_points`].
pub fn host_with<S: Specs>(
    specs: S,
    settings: impl FnOnce(ManagerBuilder<Synchronous>) -> ManagerBuilder<Synchronous>,
) -> Result<PluginManager, Error> {
    let builder = PluginManager::builder(S::PROJECT.unwrap_or("test")).block_on(ThreadRuntime);
    let pm = settings(builder).build();
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

/// Returns an async manager with these specs.
///
/// Mock the [services](crate::guide::services) that the plugin uses with
/// [`provide`](crate::PluginManager::provide). [`block_on`] awaits calls and operations in a test without a runtime.
///
/// ```
/// use std::sync::Arc;
/// use pluginkit::prelude::*;
/// use pluginkit::testing::{self, block_on};
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// #[extension_point(service)]
/// pub trait Store: Send + Sync {
///     fn get(&self, topic: &str) -> String;
/// }
///
/// /// A wrapper that adds what the store has.
/// struct Cached(std::sync::OnceLock<Arc<dyn Store>>);
///
/// #[extension(wrapper)]
/// impl Specs for Cached {
///     async fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
///         let mut all = next.run(topic).await;
///         all.extend(self.0.get().map(|store| store.get(topic)));
///         all
///     }
/// }
///
/// #[extension]
/// impl Lifecycle for Cached {
///     async fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
///         let _ = self.0.set(cx.service::<dyn Store>()?);
///         Ok(())
///     }
/// }
///
/// struct Fixed;
/// impl Store for Fixed {
///     fn get(&self, topic: &str) -> String {
///         format!("stored {topic}")
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = testing::async_solo(Specs, Cached(Default::default()))?;
/// pm.provide::<dyn Store>(Arc::new(Fixed))?;
/// block_on(pm.start_all())?;
/// assert_eq!(block_on(pm.caller(Specs::fetch).call("harbor")), ["stored harbor"]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns the errors of [`AsyncPluginManager::add_extension_points`].
pub fn async_host<S: AsyncSpecs>(specs: S) -> Result<AsyncPluginManager, Error> {
    async_host_with(specs, |builder| builder)
}

/// Returns an [`async_host`] with more settings, such as a clock, as [`host_with`] does.
///
/// # Errors
///
/// Returns the errors of [`AsyncPluginManager::add_extension_points`].
pub fn async_host_with<S: AsyncSpecs>(
    specs: S,
    settings: impl FnOnce(ManagerBuilder<Asynchronous>) -> ManagerBuilder<Asynchronous>,
) -> Result<AsyncPluginManager, Error> {
    let pm = settings(AsyncPluginManager::builder(S::PROJECT.unwrap_or("test"))).build();
    pm.add_extension_points(specs)?;
    Ok(pm)
}

/// Returns an [`async_host`] with one plugin.
///
/// # Errors
///
/// Returns the errors of [`async_host`] and [`AsyncPluginManager::register`].
pub fn async_solo<S: AsyncSpecs, T: Send + Sync + 'static>(
    specs: S,
    plugin: T,
) -> Result<AsyncPluginManager, Error> {
    let pm = async_host(specs)?;
    pm.register(plugin)?;
    Ok(pm)
}
