//! Plugins with an identity: what `#[plugin]` says of a type, and what a manager knows of a plugin.
#![forbid(unsafe_code)]

mod descriptor;
mod identity;
mod metadata;
mod requirement;
mod stub;

pub use descriptor::{PluginDescriptor, PluginState};
pub(crate) use identity::Identity;
pub use metadata::{MetadataField, Plugin, PluginMetadata};
#[cfg(any(feature = "macros", test))]
pub(crate) use requirement::Requirement;
pub use stub::PluginStub;
