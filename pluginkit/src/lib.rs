#![doc = include_str!("../../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bind;
mod builder;
mod caller;
mod dispatch;
mod error;
mod implementation;
mod manager;
mod name;
mod observer;
mod options;
mod order;
mod point;
mod registry;
mod returns;
mod stub;
mod when;

pub mod manual;
pub mod prelude;

#[doc(hidden)]
pub mod __private;

pub use builder::PluginBuilder;
pub use caller::Caller;
pub use dispatch::{CallError, Next, Settled};
pub use error::{Error, ErrorKind};
pub use implementation::ImplementationInfo;
pub use manager::PluginManager;
pub use name::PluginId;
pub use observer::{End, Event, Observer, ObserverGuard};
pub use options::{Bucket, Options};
pub use point::{ExtensionPoint, Mode, PointInfo};
pub use registry::{AnyPlugin, BoxError};

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/extension.md")]
pub use pluginkit_macros::extension;
#[cfg(feature = "macros")]
#[doc = include_str!("../docs/extension_point.md")]
pub use pluginkit_macros::extension_point;
