//! Plugins with an identity: what `#[plugin]` says of a type, and what a manager knows of a plugin.
#![forbid(unsafe_code)]

pub(crate) mod bind;
#[cfg(feature = "async")]
pub(crate) mod bind_async;
#[cfg(feature = "async")]
pub(crate) mod bound_next;
mod cause;
pub(crate) mod dependency;
mod descriptor;
pub(crate) mod extension_stub;
pub(crate) mod generic_block;
pub(crate) mod implementation;
mod left_out;
mod metadata;
mod phase;
mod requirement;
mod service_type;
mod state;
mod stub;
mod unbound;
pub(crate) mod when;
pub(crate) mod when_function;

pub use cause::Cause;
pub use descriptor::PluginDescriptor;
pub use left_out::LeftOut;
pub use metadata::{MetadataField, Plugin, PluginMetadata};
pub use phase::Phase;
pub use requirement::Requirement;
pub(crate) use requirement::wrong_id;
pub use service_type::ServiceType;
pub use state::PluginState;
pub use stub::{GenericPluginStub, PluginStub};
pub use unbound::{NamePlace, UnboundName};

use std::any::Any;
use std::sync::Arc;

/// A plugin of any type; `downcast` gives its type back.
pub type AnyPlugin = Arc<dyn Any + Send + Sync>;
