//! The interface of observers, which see every call and every extension of a manager.
#![forbid(unsafe_code)]

pub(crate) mod observer;
#[cfg(feature = "tracing")]
pub(crate) mod spans;
