//! From a plugin's `async fn`s to implementations of points.
//!
//! The counterpart of `bind`: a closure gets the plugin by a reference that its future may hold, and
//! arguments that outlive the future.
#![forbid(unsafe_code)]

use std::fmt;
use std::sync::Arc;

use crate::base::futures::BoxFuture;
use crate::erased::future_buffer::FutureSlot;
#[cfg(feature = "tokio")]
use crate::plugin::bind::Bind;
use crate::plugin::bind::Binder;
use crate::plugin::implementation::{Contribution, Role};
use crate::spec::options::Options;
use crate::spec::point::{AsyncExtensionPoint, AsyncWrappable};

/// The arguments of an async extension, which outlive its future, and where that goes, which returns a `T`.
pub struct AsyncArgs<'f, A: 'f, T> {
    /// One field for each.
    pub args: A,
    slot: FutureSlot<'f, T>,
}

impl<'f, A: 'f, T> AsyncArgs<'f, A, T> {
    /// The arguments of an extension whose future goes to `slot`.
    pub fn new(args: A, slot: FutureSlot<'f, T>) -> Self {
        Self { args, slot }
    }

    /// The arguments, and where the future goes that takes them.
    pub fn split(self) -> (A, FutureSlot<'f, T>) {
        (self.args, self.slot)
    }
}

impl<A, T> fmt::Debug for AsyncArgs<'_, A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncArgs").finish_non_exhaustive()
    }
}

/// A point whose async extensions can be made from a plugin and a closure `F`.
pub trait BindAsync<T, F>: AsyncExtensionPoint {
    /// The predicate of a conditional extension, `fn(&Arc<T>, args) -> bool`.
    type When;

    /// The extension that runs the future that `call` returns.
    fn bind_async(this: Arc<T>, call: F) -> Arc<Self::AsyncExtension>;

    /// The extension that runs the future that `call` returns where `when` holds.
    fn bind_async_when(this: Arc<T>, call: F, when: Self::When) -> Arc<Self::AsyncExtension>;
}

/// A point whose async wrappers can be made from a plugin and a closure `F`.
pub trait BindAsyncWrapper<T, F>: AsyncWrappable {
    /// The predicate of a conditional wrapper, `fn(&Arc<T>, args) -> bool`.
    type When;

    /// The wrapper that runs the future that `call` returns.
    fn bind_async_wrapper(this: Arc<T>, call: F, when: Option<Self::When>) -> Arc<Self::AsyncWrapper>;
}

/// A plugin and the closure that makes it an async extension or wrapper.
pub struct BoundAsync<T, F, W> {
    /// The plugin.
    pub this: Arc<T>,
    /// What it runs.
    pub call: F,
    /// Its predicate.
    pub when: Option<W>,
}

impl<T, F, W> fmt::Debug for BoundAsync<T, F, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundAsync").field("conditional", &self.when.is_some()).finish_non_exhaustive()
    }
}

/// The rest of an async call whose arguments the wrapper left out: `run` passes them on as they came.
///
/// The type of `next` in an async wrapper that takes no argument of the point.
#[must_use = "the rest of the call does not run unless `run` is awaited"]
pub struct AsyncBoundNext<'n, O>(BoxFuture<'n, O>);

impl<'n, O> AsyncBoundNext<'n, O> {
    /// Wraps what runs the rest.
    pub fn new(run: BoxFuture<'n, O>) -> Self {
        Self(run)
    }

    /// Runs the rest of the call and returns its outcome.
    pub fn run(self) -> BoxFuture<'n, O> {
        self.0
    }
}

impl<O> fmt::Debug for AsyncBoundNext<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static> Binder<T> {
    /// An extension that runs the future that `call` returns.
    pub fn async_extension<P, F>(&mut self, point: P, options: Options, call: F)
    where
        P: BindAsync<T, F>,
    {
        let _ = point;
        let object = P::bind_async(self.plugin(), call);
        self.extends_async::<P>(options, object, false);
    }

    /// An extension that runs the future that `call` returns where `when` holds.
    pub fn async_extension_when<P, F>(&mut self, point: P, options: Options, call: F, when: P::When)
    where
        P: BindAsync<T, F>,
    {
        let _ = point;
        let object = P::bind_async_when(self.plugin(), call, when);
        self.extends_async::<P>(options, object, true);
    }

    /// An extension that runs `call` or, under an async manager, the future that `on_pool` returns, which
    /// does the same on the blocking pool.
    #[cfg(feature = "tokio")]
    pub fn blocking_extension<P, F, G>(&mut self, _: P, options: Options, call: F, on_pool: G)
    where
        P: Bind<T, F> + BindAsync<T, G>,
    {
        let (here, there) = (P::bind(self.plugin(), call), P::bind_async(self.plugin(), on_pool));
        let contribution = Contribution::new::<P, P::Extension>(Role::Extension, options.blocking(), here);
        self.contribute(contribution.or_on_pool::<P>(there));
    }

    /// The same where `when` holds, as which `when_on_pool` is given again.
    #[cfg(feature = "tokio")]
    pub fn blocking_extension_when<P, F, G>(
        &mut self,
        _: P,
        options: Options,
        call: F,
        on_pool: G,
        when: <P as Bind<T, F>>::When,
        when_on_pool: <P as BindAsync<T, G>>::When,
    ) where
        P: Bind<T, F> + BindAsync<T, G>,
    {
        let here = P::bind_when(self.plugin(), call, when);
        let there = P::bind_async_when(self.plugin(), on_pool, when_on_pool);
        let contribution = Contribution::new::<P, P::Extension>(Role::Extension, options.blocking(), here);
        self.contribute(contribution.or_on_pool::<P>(there).conditional(true));
    }

    fn extends_async<P>(&mut self, options: Options, object: Arc<P::AsyncExtension>, conditional: bool)
    where
        P: AsyncExtensionPoint,
    {
        let contribution = Contribution::new::<P, P::AsyncExtension>(Role::Extension, options, object);
        self.contribute(contribution.conditional(conditional).into_async::<P>());
    }

    /// A wrapper that runs the future that `call` returns.
    pub fn async_wrapper<P, F>(&mut self, point: P, options: Options, call: F)
    where
        P: BindAsyncWrapper<T, F>,
    {
        self.bind_async_wrapper(point, options, call, None);
    }

    /// A wrapper that runs the future that `call` returns where `when` holds; elsewhere the rest runs
    /// without it.
    pub fn async_wrapper_when<P, F>(&mut self, point: P, options: Options, call: F, when: P::When)
    where
        P: BindAsyncWrapper<T, F>,
    {
        self.bind_async_wrapper(point, options, call, Some(when));
    }

    fn bind_async_wrapper<P, F>(&mut self, _: P, options: Options, call: F, when: Option<P::When>)
    where
        P: BindAsyncWrapper<T, F>,
    {
        let conditional = when.is_some();
        let object = P::bind_async_wrapper(self.plugin(), call, when);
        let contribution = Contribution::new::<P, P::AsyncWrapper>(Role::Wrapper, options, object);
        self.contribute(contribution.conditional(conditional).into_async::<P>());
    }
}
