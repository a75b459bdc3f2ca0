//! Longer texts, each on one subject.
#![forbid(unsafe_code)]

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/lifecycle.md")]
pub mod lifecycle {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/insight.md")]
#[doc = include_str!("../docs/graph.svg")]
pub mod insight {}

#[doc = include_str!("../docs/security.md")]
pub mod security {}
#[doc = include_str!("../docs/loading.md")]
pub mod loading {}
