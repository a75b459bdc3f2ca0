//! The lowest layer: what every other module may use. It knows no plugin, point or manager.
#![forbid(unsafe_code)]

pub(crate) mod drops;
pub(crate) mod futures;
pub mod kind;
pub(crate) mod limit;
pub(crate) mod name;
pub(crate) mod sealed;
pub(crate) mod sequence;
pub(crate) mod signal;
#[cfg_attr(not(feature = "config"), allow(dead_code, reason = "configurations have the most names"))]
pub(crate) mod similar;
pub(crate) mod state;
pub(crate) mod sync;
pub(crate) mod topology;
pub(crate) mod tree;
