//! The common names of hosts and plugins: `use pluginkit::prelude::*;`
#![forbid(unsafe_code)]

#[doc(no_inline)]
pub use crate::{
    AnyPlugin, BoxError, CallError, Caller, Next, PluginBuilder, PluginContext, PluginId, PluginManager,
    PluginState, Settled,
};

#[cfg(feature = "macros")]
#[doc(no_inline)]
pub use crate::{extension, extension_point, plugin};

#[cfg(feature = "macros")]
#[doc(no_inline)]
pub use crate::Lifecycle;

#[cfg(feature = "async")]
#[doc(no_inline)]
pub use crate::{AsyncCaller, AsyncPluginManager};
