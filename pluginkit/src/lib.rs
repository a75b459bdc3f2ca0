// The README links to docs.rs; the first definition of a link wins.
#![cfg_attr(all(feature = "macros", feature = "async"), doc = include_str!("../docs/readme_links.md"))]
#![cfg_attr(feature = "testing", doc = "[testing]: crate::testing\n")]
// Its programs run where every feature is there that they use.
#![cfg_attr(
    any(
        not(doctest),
        all(feature = "macros", feature = "config", feature = "testing", feature = "tokio")
    ),
    doc = include_str!("../README.md")
)]
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "macros")]
extern crate self as pluginkit;

// The modules from the lowest layer to the highest: each imports only those above it in this list.

// Values, locks, names and orders: no module here knows a plugin, a point or a manager.
mod base;

// The only `unsafe` code: erased objects, cells that are read while others replace their value, futures in place.
mod erased;

// What exists: extension points, what their extensions return, and how extensions are ordered.
mod spec;

// Configurations: documents in, sections out.
#[cfg(feature = "config")]
pub mod config;

// Plugins: what they say of themselves, what they need, and what they bring to points.
#[cfg_attr(
    not(feature = "macros"),
    allow(dead_code, reason = "the phases of a life are declared by a macro")
)]
mod plugin;

// The errors of all layers under one type.
mod error;

// The interface of observers.
mod observe;

// Who is registered: registration, the snapshots that calls work on, and the parts that features keep.
mod registry;

// What a call does: callers, views, arguments, and the loops over a snapshot.
mod call;

// Who drives: the managers and their builders.
mod manager;

// Services that plugins provide under a trait.
#[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "the macros find them"))]
mod services;

// The lives of plugins: started, stopped, replaced, removed.
#[cfg(feature = "macros")]
mod lifecycle;

// Plugins that a manager makes itself: found among what is linked, or named by a configuration.
#[cfg(feature = "macros")]
mod loading;

// Metrics, reports, graphs and spans.
mod insight;

// Circuit breakers.
mod limits;

// Calls that are taken back when a later one fails.
mod saga;

// What tests of plugins need.
#[cfg(feature = "testing")]
pub mod testing;

pub mod manual;

#[doc(hidden)]
pub mod __private;

#[cfg(doc)]
#[doc = include_str!("../docs/costs.md")]
pub mod costs {}

pub mod guide;

pub mod prelude;

pub use base::boxed::BoxError;
pub use base::kind;
pub use base::name::PluginId;
#[cfg(feature = "async")]
pub use base::runtime::BlockOn;
pub use base::signal::{CancellationSignal, Cancelled};
pub use base::state::StateMap;
#[cfg(feature = "async")]
pub use call::caller::{AsyncCaller, AsyncHandle};
pub use call::caller::{Callable, Caller, Handle};
pub use call::{CallError, Next, Piped, Settled};
#[cfg(feature = "config")]
pub use config::{ConfigError, PluginConfig};
#[cfg(feature = "async")]
pub use erased::future_buffer::ExtensionFuture;
pub use error::{Error, ErrorKind};
#[cfg(feature = "metrics")]
pub use insight::MetricsFacade;
pub use insight::{Graph, GraphEdge, GraphPlugin, Measurement, Metrics, PluginReport, Report};
#[cfg(feature = "tracing")]
pub use insight::{TracingEvents, TracingSpans};
#[cfg(feature = "macros")]
pub use lifecycle::{Lifecycle, StartPolicy, Transaction};
pub use limits::{BreakerPolicy, CircuitBreaker, CircuitState};
#[cfg(all(feature = "config", feature = "macros"))]
pub use loading::{ConfigInput, GroupMember, LoadOptions, LoadPolicy, LoadReport, PluginGroup, SpecSet};
#[cfg(feature = "macros")]
pub use loading::{Discovery, DiscoveryReport, PluginFactory, SkipReason, Skipped};
#[cfg(feature = "async")]
pub use manager::AsyncPluginManager;
pub use manager::{Manager, ManagerBuilder, PluginBuilder, PluginContext, PluginManager};
pub use observe::observer::{End, Event, Fault, FaultKind, Observer, ObserverGuard};
#[cfg(feature = "tracing")]
pub use observe::spans::Spans;
pub use plugin::dependency::DependencyProblem;
pub use plugin::implementation::ImplementationInfo;
pub use plugin::{
    AnyPlugin, Cause, MetadataField, Phase, Plugin, PluginDescriptor, PluginMetadata, PluginState,
};
#[cfg(feature = "async")]
pub use saga::AsyncSaga;
pub use saga::{Saga, SagaError, StepError, Undone};
pub use services::{Provides, ServiceId, ServicePoint, ServicePointInfo};
pub use spec::failure_policy::FailurePolicy;
pub use spec::options::{Bucket, Options};
#[cfg(feature = "async")]
pub use spec::point::AsyncExtensionPoint;
pub use spec::point::{ExtensionPoint, Mode, PointInfo};

/// What features do to a new manager, before anything else is added to it.
const INSTALL: &[fn(&registry::Registry)] = &[
    #[cfg(feature = "macros")]
    lifecycle::install,
];

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/extension.md")]
pub use pluginkit_macros::extension;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/extension_point.md")]
pub use pluginkit_macros::extension_point;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/plugin.md")]
pub use pluginkit_macros::plugin;
/// Names the type of an extension point, to keep its caller in a field: `Caller<point!(Specs::fetch)>`.
///
/// ```
/// use pluginkit::prelude::*;
///
/// #[extension_point]
/// pub trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Host {
///     fetch: Caller<pluginkit::point!(Specs::fetch)>,
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// let host = Host { fetch: pm.caller(Specs::fetch) };
/// assert!(host.fetch.call("harbor").is_empty());
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "macros")]
pub use pluginkit_macros::point;
