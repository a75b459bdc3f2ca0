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

mod base;
mod call;
mod erased;
mod error;
mod insight;
#[cfg_attr(
    not(feature = "macros"),
    allow(dead_code, reason = "the phases of a life are declared by a macro")
)]
mod lifecycle;
mod limits;
#[cfg(feature = "macros")]
mod loading;
mod manager;
mod observe;
#[cfg_attr(
    not(feature = "macros"),
    allow(dead_code, reason = "the phases of a life are declared by a macro")
)]
mod plugin;
mod registry;
mod saga;
mod services;
mod spec;

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

pub use base::name::PluginId;
pub use base::signal::{CancellationSignal, Cancelled};
pub use base::state::StateMap;
#[cfg(feature = "async")]
pub use call::async_caller::AsyncCaller;
pub use call::caller::Caller;
#[cfg(feature = "async")]
pub use call::runtime::BlockOn;
pub use call::{CallError, Next, Piped, Settled};
#[cfg(feature = "config")]
pub use config::{ConfigError, PluginConfig};
#[cfg(feature = "async")]
pub use erased::room::ExtensionFuture;
pub use error::{Error, ErrorKind};
#[cfg(feature = "metrics")]
pub use insight::MetricsFacade;
pub use insight::{Graph, GraphEdge, GraphPlugin, Measurement, Metrics, PluginReport, Report};
#[cfg(feature = "tracing")]
pub use insight::{TracingEvents, TracingSpans};
pub use lifecycle::{Cause, Phase, PluginContext, StartPolicy};
#[cfg(feature = "macros")]
pub use lifecycle::{Lifecycle, Transaction};
pub use limits::{BreakerPolicy, CircuitBreaker, CircuitState};
#[cfg(all(feature = "config", feature = "macros"))]
pub use loading::{ConfigInput, GroupMember, LoadOptions, LoadPolicy, LoadReport, PluginGroup, SpecSet};
#[cfg(feature = "macros")]
pub use loading::{Discovery, DiscoveryReport, PluginFactory, SkipReason, Skipped};
pub use manager::plugin_builder::PluginBuilder;
#[cfg(feature = "async")]
pub use manager::{AsyncManagerBuilder, AsyncPluginManager};
pub use manager::{ManagerBuilder, PluginManager};
pub use observe::observer::{End, Event, Fault, FaultKind, Observer, ObserverGuard};
pub use plugin::dependency::DependencyProblem;
pub use plugin::implementation::ImplementationInfo;
pub use plugin::{MetadataField, Plugin, PluginDescriptor, PluginMetadata, PluginState};
pub use registry::{AnyPlugin, BoxError};
#[cfg(feature = "async")]
pub use saga::AsyncSaga;
pub use saga::{Saga, SagaError, StepError, Undone};
pub use services::{Provides, ServiceId, ServicePoint, ServicePointInfo};
pub use spec::failure_policy::FailurePolicy;
pub use spec::options::{Bucket, Options};
pub use spec::point::{ExtensionPoint, Mode, PointInfo};

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
