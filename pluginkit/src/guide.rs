//! Longer texts, each on one subject.
#![forbid(unsafe_code)]

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/lifecycle.md")]
pub mod lifecycle {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/insight.md")]
#[doc = include_str!("../docs/graph.svg")]
pub mod insight {}

#[cfg(all(feature = "macros", feature = "async"))]
#[doc = include_str!("../docs/mixing.md")]
pub mod mixing {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/sagas.md")]
pub mod sagas {}

#[doc = include_str!("../docs/security.md")]
pub mod security {}

#[cfg_attr(feature = "config", doc = include_str!("../docs/loading.md"))]
#[cfg_attr(
    not(feature = "config"),
    doc = "Plugins that are discovered or listed in a file: built with the feature `config`."
)]
pub mod loading {}
