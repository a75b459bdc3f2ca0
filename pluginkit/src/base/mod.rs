//! The lowest layer: what every other module may use. It knows no plugin, point or manager.
#![forbid(unsafe_code)]

pub(crate) mod drops;
pub(crate) mod tree;
