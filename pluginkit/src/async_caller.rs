//! [`AsyncCaller`]: the typed handle for one point of one async manager.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::Arc;

use crate::bind::BindFn;
use crate::caller::Seen;
use crate::dispatch::AsyncKept;
use crate::implementation::{Contribution, ImplementationInfo, Role};
use crate::name::PluginId;
use crate::options::Options;
use crate::point::{AsyncExtensionPoint, PointInfo};
use crate::registry::Slot;

/// The typed handle for one extension point of one async manager.
///
/// Its `call` is a method of the type it dereferences to, which `#[extension_point]` writes with the
/// point's own arguments. The future it returns does nothing until it is polled, borrows the arguments
/// and nothing else, is `Send` if they are, and runs on any executor.
pub struct AsyncCaller<P: AsyncExtensionPoint> {
    calls: P::AsyncCalls,
}

impl<P: AsyncExtensionPoint> AsyncCaller<P> {
    pub(crate) fn new(slot: Arc<Slot>) -> Self {
        Self::from_handle(AsyncHandle::new(Seen::whole(slot)))
    }

    fn from_handle(handle: AsyncHandle<P>) -> Self {
        Self { calls: P::AsyncCalls::new(handle) }
    }

    fn handle(&self) -> &AsyncHandle<P> {
        self.calls.handle()
    }

    /// The point it calls.
    pub fn extension_point(&self) -> &'static PointInfo {
        P::INFO
    }

    /// A live view of this caller that leaves out everything the named plugins have on the point.
    #[doc(alias = "subset_hook_caller")]
    #[must_use]
    pub fn without<I>(&self, plugins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.without(plugins.into_iter().map(Into::into))))
    }

    /// A caller with one more implementation, placed as if registered last at normal priority. Where a
    /// name is asked for, it is `(extra)`.
    #[doc(alias = "call_extra")]
    #[must_use]
    pub fn extra<F>(&self, call: F) -> Self
    where
        P: BindFn<F>,
    {
        let contribution =
            Contribution::new::<P, P::Extension>(Role::Extension, Options::new(), P::bind_fn(call));
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.with(contribution)))
    }

    /// A caller whose `call_concurrent` has at most `limit` extensions under way at once.
    ///
    /// # Panics
    ///
    /// If `limit` is 0.
    #[must_use]
    #[track_caller]
    pub fn concurrency(&self, limit: usize) -> Self {
        let Some(limit) = NonZeroUsize::new(limit) else {
            panic!("a concurrency of 0 would let nothing run: `{}` needs at least 1", P::INFO)
        };
        let handle = self.handle();
        Self::from_handle(AsyncHandle { concurrency: Some(limit), ..handle.over(handle.seen.clone()) })
    }

    /// What a call would run now: wrappers first, the outermost leading, then extensions in call order.
    #[doc(alias = "get_hookimpls")]
    pub fn implementations(&self) -> Vec<ImplementationInfo> {
        self.handle().seen.implementations()
    }
}

impl<P: AsyncExtensionPoint> Deref for AsyncCaller<P> {
    type Target = P::AsyncCalls;

    fn deref(&self) -> &P::AsyncCalls {
        &self.calls
    }
}

impl<P: AsyncExtensionPoint> Clone for AsyncCaller<P> {
    fn clone(&self) -> Self {
        let handle = self.handle();
        Self::from_handle(handle.over(handle.seen.clone()))
    }
}

impl<P: AsyncExtensionPoint> fmt::Debug for AsyncCaller<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncCaller").field("point", &format_args!("{}", P::INFO)).finish_non_exhaustive()
    }
}

/// The calls of a point: the type an [`AsyncCaller`] dereferences to, which has `call` and its relatives
/// as methods of its own.
pub trait AsyncCalls<P: AsyncExtensionPoint>: Send + Sync + 'static {
    /// The calls that go through `handle`.
    fn new(handle: AsyncHandle<P>) -> Self;

    /// What they go through.
    fn handle(&self) -> &AsyncHandle<P>;
}

/// What the calls of a point of an async manager go through.
pub struct AsyncHandle<P: AsyncExtensionPoint> {
    pub(crate) seen: Seen,
    /// How many extensions a concurrent call may have under way.
    pub(crate) concurrency: Option<NonZeroUsize>,
    point: PhantomData<fn() -> P>,
}

impl<P: AsyncExtensionPoint> AsyncHandle<P> {
    pub(crate) fn new(seen: Seen) -> Self {
        Self { seen, concurrency: None, point: PhantomData }
    }

    /// The same, over what `seen` shows.
    fn over(&self, seen: Seen) -> Self {
        Self { concurrency: self.concurrency, ..Self::new(seen) }
    }

    /// The snapshot for a call that starts now, which its future keeps.
    pub(crate) fn load(&self) -> AsyncKept<P> {
        AsyncKept::new(self.seen.load_owned())
    }
}

impl<P: AsyncExtensionPoint> fmt::Debug for AsyncHandle<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncHandle").field("point", &format_args!("{}", P::INFO)).finish_non_exhaustive()
    }
}
