//! Observers, which see every call and every extension of a manager.

#![forbid(unsafe_code)]

pub(crate) mod circuit;
pub(crate) mod gate;
pub(crate) mod manager;
pub(crate) mod observer;
#[cfg(feature = "tracing")]
pub(crate) mod spans;

pub use manager::{ObservedManager, ObserverId};
pub use observer::{End, Event, Fault, FaultKind, Observer, ObserverGuard};
#[cfg(feature = "tracing")]
pub use spans::Spans;
