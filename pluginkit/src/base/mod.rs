//! The lowest layer: what every other module may use. It knows no plugin, point or manager.
#![forbid(unsafe_code)]

pub(crate) mod boxed;
pub(crate) mod clock;
pub(crate) mod drops;
pub(crate) mod futures;
pub mod kind;
pub(crate) mod limit;
pub(crate) mod make_room;
pub(crate) mod name;
#[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "the features of such a build keep nothing"))]
pub(crate) mod parts;
#[cfg(feature = "tokio")]
pub(crate) mod permits;
#[cfg(feature = "async")]
pub(crate) mod runtime;
pub(crate) mod sealed;
pub(crate) mod sequence;
#[cfg(feature = "serde")]
pub(crate) mod serialize;
pub(crate) mod signal;
#[cfg_attr(not(feature = "config"), allow(dead_code, reason = "configurations have the most names"))]
pub(crate) mod similar;
pub(crate) mod state;
pub(crate) mod sync;
pub(crate) mod threads;
pub(crate) mod topology;
pub(crate) mod tree;
