//! The two kinds of managers and callers: [`Synchronous`] and [`Asynchronous`].
#![forbid(unsafe_code)]

use crate::base::sealed::Sealed;

/// A kind of [`Manager`](crate::Manager): [`Synchronous`] or [`Asynchronous`].
///
/// Code that calls no points can take a `&Manager<K>` for every `K: Kind`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kind of manager",
    label = "expected `Synchronous` or `Asynchronous`",
    note = "the kinds are in `pluginkit::kind`; `PluginManager` and `AsyncPluginManager` are the managers of each kind"
)]
pub trait Kind: Sealed + Send + Sync + 'static {
    /// Whether calls return futures.
    const IS_ASYNC: bool;
}

/// The kind of a [`PluginManager`](crate::PluginManager): calls return their outcome.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Synchronous;

impl Sealed for Synchronous {}

impl Kind for Synchronous {
    const IS_ASYNC: bool = false;
}

/// The kind of an `AsyncPluginManager`: calls return futures.
#[cfg(feature = "async")]
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Asynchronous;

#[cfg(feature = "async")]
impl Sealed for Asynchronous {}

#[cfg(feature = "async")]
impl Kind for Asynchronous {
    const IS_ASYNC: bool = true;
}
