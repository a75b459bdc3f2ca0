//! What exists: extension points, what their extensions return, and how extensions are ordered.
#![forbid(unsafe_code)]

pub(crate) mod arguments;
pub(crate) mod checks;
pub mod compare;
pub mod describe;
pub(crate) mod failure_policy;
pub(crate) mod handover;
pub(crate) mod instance;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod order;
pub(crate) mod point;
pub(crate) mod reduce;
pub(crate) mod returns;
pub mod spare;
#[cfg(feature = "async")]
pub(crate) mod waiting;
