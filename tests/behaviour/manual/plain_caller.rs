//! [`PlainCaller`]: the caller of every point here.

use std::fmt;
use std::ops::Deref;

use pluginkit::ExtensionPoint;
use pluginkit::kind::{Kind, Synchronous};
use pluginkit::manual::{Callable, Handle, PointCaller};

/// The caller of a point, to which the module of the point adds its calls.
pub(super) struct PlainCaller<P, K: Kind = Synchronous>(pub(super) Handle<P, K>);

impl<P: ExtensionPoint + Callable<K>, K: Kind> PointCaller<P, K> for PlainCaller<P, K> {
    fn new(handle: Handle<P, K>) -> Self {
        Self(handle)
    }
}

impl<P, K: Kind> Deref for PlainCaller<P, K> {
    type Target = Handle<P, K>;
    fn deref(&self) -> &Handle<P, K> {
        &self.0
    }
}

impl<P, K: Kind> Clone for PlainCaller<P, K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: ExtensionPoint, K: Kind> fmt::Debug for PlainCaller<P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
