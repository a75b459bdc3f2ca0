//! The guides, each on one subject.
//!
//! | guide | answers |
//! |---|---|
#![cfg_attr(
    feature = "macros",
    doc = "| [concepts] | what happens between a registration and the outcome of a call |
| [rules] | in which order plugins run, what always holds, and what does not |
| [limits] | what a failing or slow plugin does to a call |"
)]
#![cfg_attr(
    all(feature = "macros", feature = "async"),
    doc = "| [mixing] | which manager to take, and how to move from one to another |"
)]
#![cfg_attr(
    feature = "macros",
    doc = "| [lifecycle] | how plugins start and stop, and in which order |
| [services] | how plugins provide objects, and how to find them |"
)]
//! | [loading] | how plugins come from other crates and from files |
#![cfg_attr(
    feature = "macros",
    doc = "| [insight] | how to measure, trace and draw the plugins of a manager |
| [sagas] | how to undo several calls when one fails |"
)]
//! | [security] | what a buggy or hostile plugin can do to its host |
#![cfg_attr(
    feature = "macros",
    doc = "| [from_pluggy] | the names of pluggy and their counterparts, and the differences |
| [from_pyfly] | the same for the plugin system of pyfly |"
)]
//!
//! [What a call costs](crate::costs) is a page of its own.
#![forbid(unsafe_code)]

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/concepts.md")]
pub mod concepts {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/rules.md")]
pub mod rules {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/limits.md")]
pub mod limits {}

#[cfg(all(feature = "macros", feature = "async"))]
#[doc = include_str!("../docs/mixing.md")]
pub mod mixing {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/lifecycle.md")]
pub mod lifecycle {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/services.md")]
pub mod services {}

#[cfg_attr(feature = "config", doc = include_str!("../docs/loading.md"))]
#[cfg_attr(
    not(feature = "config"),
    doc = "Plugins from other crates and from files. Build with the feature `config` to read this guide."
)]
pub mod loading {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/insight.md")]
#[doc = include_str!("../docs/graph.svg")]
pub mod insight {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/sagas.md")]
pub mod sagas {}

#[doc = include_str!("../docs/security.md")]
pub mod security {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/from_pluggy.md")]
pub mod from_pluggy {}

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/from_pyfly.md")]
pub mod from_pyfly {}
