//! What observers of a manager see.
#![forbid(unsafe_code)]

pub(crate) mod observer;
