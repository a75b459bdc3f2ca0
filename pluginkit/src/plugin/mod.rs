//! Plugins with an identity: what `#[plugin]` says of a type, and what a manager knows of a plugin.
#![forbid(unsafe_code)]

pub(crate) mod bind;
#[cfg(feature = "async")]
pub(crate) mod bind_async;
mod cause;
pub(crate) mod dependency;
mod descriptor;
pub(crate) mod extension_stub;
mod identity;
pub(crate) mod implementation;
mod metadata;
mod phase;
mod requirement;
mod stub;
pub(crate) mod when;

pub use cause::Cause;
pub use descriptor::{PluginDescriptor, PluginState};
pub(crate) use identity::Identity;
pub use metadata::{MetadataField, Plugin, PluginMetadata};
pub use phase::Phase;
#[cfg(any(feature = "macros", test))]
pub(crate) use requirement::Requirement;
pub use stub::PluginStub;

use std::any::Any;
use std::sync::Arc;

/// A plugin of any type; `downcast` gives its type back.
pub type AnyPlugin = Arc<dyn Any + Send + Sync>;
