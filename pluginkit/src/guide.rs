//! The guides, in the order in which most readers need them. The [costs](crate::costs) have a page of their own.
#![forbid(unsafe_code)]

#[cfg(feature = "macros")]
#[allow(clippy::test_attr_in_doctest, reason = "the page shows where a test stands")]
#[doc = include_str!("../docs/start.md")]
pub mod start {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/mistakes.md")]
pub mod mistakes {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/concepts.md")]
pub mod concepts {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/which_shape.md")]
pub mod which_shape {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/rules.md")]
pub mod rules {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/modes.md")]
pub mod modes {}

#[cfg_attr(all(feature = "macros", feature = "async"), doc = include_str!("../docs/wrappers.md"))]
#[cfg_attr(
    not(all(feature = "macros", feature = "async")),
    doc = "Wrappers that retry, hedge and cache, and wrappers around work of the host. Build with the features `macros` and `async` to read this guide."
)]
pub mod wrappers {}

#[cfg_attr(feature = "config", doc = include_str!("../docs/loading.md"))]
#[cfg_attr(
    not(feature = "config"),
    doc = "Plugins from other crates and from files. Build with the feature `config` to read this guide."
)]
pub mod loading {}

#[cfg(all(feature = "macros", feature = "async"))]
#[doc = include_str!("../docs/mixing.md")]
pub mod mixing {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/lifecycle.md")]
pub mod lifecycle {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/services.md")]
pub mod services {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/limits.md")]
pub mod limits {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/production.md")]
pub mod production {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/insight.md")]
#[doc = include_str!("../docs/graph.svg")]
pub mod insight {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/sagas.md")]
pub mod sagas {}

#[doc = include_str!("../docs/security.md")]
pub mod security {}

#[cfg_attr(all(feature = "macros", feature = "local"), doc = include_str!("../docs/local.md"))]
#[cfg_attr(
    not(all(feature = "macros", feature = "local")),
    doc = "Managers for one thread. Build with the feature `local` to read this guide."
)]
pub mod local {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/comparison.md")]
pub mod comparison {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/webassembly.md")]
pub mod webassembly {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/from_pluggy.md")]
pub mod from_pluggy {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/from_pyfly.md")]
pub mod from_pyfly {}
