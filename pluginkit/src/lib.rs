#![doc = "[costs]: crate::costs\n"]
#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "macros")]
extern crate self as pluginkit;

mod arguments;
#[cfg(feature = "async")]
mod async_caller;
mod base;
mod bind;
#[cfg(feature = "async")]
mod bind_async;
mod builder;
mod caller;
#[cfg_attr(
    not(feature = "macros"),
    allow(dead_code, reason = "the phases of a life are declared by a macro")
)]
mod context;
mod dependency;
mod dispatch;
mod erased;
mod error;
mod fast_first;
mod implementation;
mod insight;
#[cfg_attr(
    not(feature = "macros"),
    allow(dead_code, reason = "the phases of a life are declared by a macro")
)]
mod lifecycle;
mod limit;
#[cfg(feature = "macros")]
mod loading;
mod manager;
mod name;
mod observer;
mod options;
mod order;
#[cfg_attr(
    not(feature = "macros"),
    allow(dead_code, reason = "the phases of a life are declared by a macro")
)]
mod plugin;
mod point;
mod registry;
mod returns;
#[cfg(feature = "async")]
mod runtime;
mod saga;
mod sealed;
mod sequence;
mod service;
mod signature;
#[cfg_attr(not(feature = "config"), allow(dead_code, reason = "configurations have the most names"))]
mod similar;
mod stub;
mod sync;
mod topology;
mod view;
mod when;

#[cfg(feature = "config")]
pub mod config;
#[cfg(doc)]
#[doc = include_str!("../docs/costs.md")]
pub mod costs {}
pub mod guide;
pub mod manual;
pub mod prelude;
#[cfg(feature = "testing")]
pub mod testing;

#[doc(hidden)]
pub mod __private;

#[cfg(feature = "async")]
pub use async_caller::AsyncCaller;
pub use builder::PluginBuilder;
pub use caller::Caller;
#[cfg(feature = "config")]
pub use config::{ConfigError, PluginConfig};
pub use context::{CancellationSignal, Cancelled, PluginContext, StateMap};
pub use dependency::DependencyProblem;
pub use dispatch::{CallError, Next, Piped, Settled};
#[cfg(feature = "async")]
pub use erased::room::ExtensionFuture;
pub use error::{Error, ErrorKind};
pub use implementation::ImplementationInfo;
#[cfg(feature = "metrics")]
pub use insight::MetricsFacade;
pub use insight::{Graph, GraphEdge, GraphPlugin, Measurement, Metrics, PluginReport, Report};
#[cfg(feature = "tracing")]
pub use insight::{TracingEvents, TracingSpans};
pub use lifecycle::{Cause, Phase, StartPolicy};
#[cfg(feature = "macros")]
pub use lifecycle::{Lifecycle, Transaction};
pub use limit::{BreakerPolicy, CircuitBreaker, CircuitState, FailurePolicy};
#[cfg(all(feature = "config", feature = "macros"))]
pub use loading::{ConfigInput, GroupMember, LoadOptions, LoadPolicy, LoadReport, PluginGroup, SpecSet};
#[cfg(feature = "macros")]
pub use loading::{Discovery, DiscoveryReport, PluginFactory, SkipReason, Skipped};
#[cfg(feature = "async")]
pub use manager::{AsyncManagerBuilder, AsyncPluginManager};
pub use manager::{ManagerBuilder, PluginManager};
pub use name::PluginId;
pub use observer::{End, Event, Fault, FaultKind, Observer, ObserverGuard};
pub use options::{Bucket, Options};
pub use plugin::{MetadataField, Plugin, PluginDescriptor, PluginMetadata, PluginState};
pub use point::{ExtensionPoint, Mode, PointInfo};
pub use registry::{AnyPlugin, BoxError};
#[cfg(feature = "async")]
pub use runtime::BlockOn;
#[cfg(feature = "async")]
pub use saga::AsyncSaga;
pub use saga::{Saga, SagaError, StepError, Undone};
pub use service::{Provides, ServiceId, ServicePoint, ServicePointInfo};

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
