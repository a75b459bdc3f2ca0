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

// The modules from the lowest layer to the highest: each imports only those that stand before it in this list.
// `ARCHITECTURE.md` follows a call, a registration and a reload through them.

// Values, locks, names and orders: no module here knows a plugin, a point or a manager.
mod base;

// The only `unsafe` code: erased objects, cells that are read while others replace their value, futures in place.
mod erased;

// What exists: extension points, the readings of their return types, and options. `order` decides the order of extensions.
mod spec;

// Configurations: documents in, sections out.
#[cfg(feature = "config")]
pub mod config;

// Plugins: their metadata, their state, their dependencies, and the implementations that they bring to points (`bind`).
#[cfg_attr(
    not(feature = "macros"),
    allow(dead_code, reason = "the phases of a life are declared by a macro")
)]
mod plugin;

// The error type of the whole crate; higher layers fill its variants.
mod error;

// The interface of observers.
pub mod observe;

// Who is registered: registration, and a slot per point with the snapshot that calls work on. A feature keeps its state in
// a part of the registry (`feature`) and is asked there before a plugin joins or leaves.
mod registry;

// What a call does. A caller enters at `handle` with the snapshot of the moment. `fast` is the loop over extensions that
// have nothing to do but to run; wrappers, predicates, observers, limits and policies go through `chain`. `fold` takes in
// the results of each mode, `guard` makes errors of panics. `asynchronous` has their awaited twins: its loop is
// `extensions`, its wrappers are in `next`.
mod call;

// Who drives: the managers and their builders. Each feature below adds its own methods to `Manager` in its `methods`.
pub mod manager;

// Services that plugins provide under a trait.
#[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "the macros find them"))]
pub mod services;

// The lives of plugins: started, stopped, replaced, removed.
#[cfg(feature = "macros")]
pub mod lifecycle;

// Plugins that a manager makes itself: found among what is linked, or named by a configuration.
#[cfg(feature = "macros")]
pub mod loading;

// Metrics, reports, graphs and spans.
pub mod insight;

// Circuit breakers, and limits of plugins that stand in a configuration. Time limits are kept by `call`, the numbers of calls under way by `base::permits`.
pub mod limits;

// Calls that are taken back when a later one fails.
pub mod saga;

// Managers for one thread: plugins that are not `Send`, that borrow, or that change themselves.
#[cfg(feature = "local")]
pub mod local;

// What tests of plugins need.
#[cfg(feature = "testing")]
pub mod testing;

// The traits behind the macros, for points written by hand.
pub mod manual;

// What the core offers to the features, and to other crates.
#[doc(hidden)]
pub mod __core;

// The names that expansions use.
#[doc(hidden)]
pub mod __private;

#[cfg(doc)]
#[doc = include_str!("../docs/costs.md")]
pub mod costs {}

// The guides, which are in `docs`.
pub mod guide;

// The names of a usual host or plugin.
pub mod prelude;

// The names that most programs use. The others are in modules by topic.

pub use base::boxed::BoxError;
pub use base::kind;
pub use base::name::PluginId;
#[cfg(feature = "async")]
pub use call::caller::AsyncCaller;
pub use call::caller::Caller;
pub use call::point::ExtensionPoint;
pub use call::{CallError, Next, Settled};
pub use error::{Error, ErrorKind};
#[cfg(feature = "local")]
pub use local::LocalPluginManager;
#[cfg(feature = "async")]
pub use manager::asynchronous::AsyncPluginManager;
pub use manager::generic::Manager;
pub use manager::plugin_builder::PluginBuilder;
pub use manager::sync::PluginManager;
pub use plugin::{AnyPlugin, Plugin};
pub use spec::options::Options;

/// Extension points as values: their mode, their arguments, their implementations.
pub mod points {
    pub use crate::call::implementations::Implementations;
    #[cfg(feature = "async")]
    pub use crate::call::point::AsyncExtensionPoint;
    pub use crate::plugin::implementation::ImplementationInfo;
    pub use crate::spec::names::PluginNames;
    pub use crate::spec::options::Bucket;
    pub use crate::spec::point::{Mode, PointInfo};
}

/// Handles for generic code, and types that few programs name: the result of a settled pipeline, runtimes, futures of
/// async closures, and what `next` is in a wrapper that takes no arguments.
pub mod calls {
    #[cfg(feature = "async")]
    pub use crate::base::runtime::BlockOn;
    #[cfg(feature = "async")]
    pub use crate::call::caller::AsyncHandle;
    pub use crate::call::caller::{Callable, Handle};
    pub use crate::call::{BoundNext, Piped};
    #[cfg(feature = "async")]
    pub use crate::erased::future_buffer::ExtensionFuture;
    #[cfg(feature = "async")]
    pub use crate::plugin::bound_next::AsyncBoundNext;
    pub use crate::spec::arguments::{RepeatedArgument, RunsAgain};
}

/// Reducers of collecting points: `#[extension_point(reduce = All)]`.
pub mod reduce {
    pub use crate::spec::reduce::{All, Any, Collect, Extend, Reduce, Reducer, Sum};
}

/// Plugins as values: their metadata, their dependencies, their state.
pub mod metadata {
    pub use crate::manager::plugin_builder::IntoPlugin;
    pub use crate::plugin::dependency::DependencyProblem;
    pub use crate::plugin::{
        Cause, LeftOut, MetadataField, NamePlace, Phase, PluginDescriptor, PluginMetadata, PluginState,
        ServiceType, UnboundName,
    };
}

/// What features do to a new manager, before anything else is added to it.
const INSTALL: &[fn(&registry::Registry)] = &[
    #[cfg(feature = "macros")]
    lifecycle::install,
    #[cfg(all(feature = "macros", feature = "config"))]
    loading::install,
    #[cfg(all(feature = "config", feature = "macros"))]
    limits::install,
];

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/extension.md")]
#[doc(
    alias = "hookimpl",
    alias = "HookimplMarker",
    alias = "hookwrapper",
    alias = "optionalhook",
    alias = "specname"
)]
pub use pluginkit_macros::extension;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/extension_point.md")]
#[doc(alias = "hookspec", alias = "HookspecMarker", alias = "warn_on_impl")]
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
