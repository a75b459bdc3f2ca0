//! [`Error`]: the errors of all layers.
#![forbid(unsafe_code)]

mod about;
mod combine;
mod kind;
#[cfg(feature = "serde")]
mod serialize;
pub(crate) mod texts;
mod variants;

pub use kind::ErrorKind;
pub use variants::Error;
