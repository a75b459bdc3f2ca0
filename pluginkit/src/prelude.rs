//! The common names of hosts and plugins: `use pluginkit::prelude::*;`
#![forbid(unsafe_code)]

#[doc(no_inline)]
pub use crate::manager::context::PluginContext;
#[doc(no_inline)]
pub use crate::plugin::PluginState;
#[doc(no_inline)]
pub use crate::{
    AnyPlugin, BoxError, CallError, Caller, Next, PluginBuilder, PluginId, PluginManager, Settled,
};

#[cfg(feature = "macros")]
#[doc(no_inline)]
pub use crate::{extension, extension_point, plugin};

#[cfg(feature = "macros")]
#[doc(no_inline)]
pub use crate::lifecycle::Lifecycle;

#[cfg(feature = "async")]
#[doc(no_inline)]
pub use crate::{AsyncCaller, AsyncPluginManager};

#[cfg(feature = "local")]
#[doc(no_inline)]
pub use crate::local::{LocalCaller, LocalPlugin, LocalPluginManager};
