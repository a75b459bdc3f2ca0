//! The conversion of `async fn`s to implementations of points.
//!
//! It is the counterpart of `bind`. A closure gets a reference to the plugin that its future may hold, arguments that outlive
//! the future, and the slot that it puts the future in.
#![forbid(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
use crate::erased::{Object, Shared};
#[cfg(feature = "tokio")]
use crate::plugin::bind::Bind;
use crate::plugin::bind::Binder;
use crate::plugin::implementation::{Contribution, OnRuntime, Role, on_runtime};
use crate::spec::compare::Pass;
use crate::spec::options::Options;
use crate::spec::point::{AsyncPointTypes, AsyncWrappable, Key};

/// The slot for the future of a closure: the future may hold the arguments `A`, and returns a `T`.
///
/// Its type says that the arguments outlive the future.
pub struct AsyncSlot<'f, A: 'f, T> {
    slot: FutureSlot<'f, T>,
    args: PhantomData<fn(A)>,
}

impl<'f, A: 'f, T> AsyncSlot<'f, A, T> {
    /// Returns a slot for a future that may hold arguments.
    pub fn new(slot: FutureSlot<'f, T>) -> Self {
        Self { slot, args: PhantomData }
    }

    /// Puts `future` into the slot.
    #[inline]
    pub fn put(self, future: impl Future<Output = T> + Send + 'f) -> ExtensionFuture<'f, T> {
        self.slot.put(future)
    }
}

impl<A, T> AsyncSlot<'_, A, T> {
    /// Returns a marker of the type that the future returns.
    pub fn returned(&self) -> PhantomData<T> {
        PhantomData
    }
}

impl<A, T> fmt::Debug for AsyncSlot<'_, A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncSlot").finish_non_exhaustive()
    }
}

/// A point that accepts a closure `F` over a plugin `T` as async extension.
pub trait BindAsync<T, F>: AsyncPointTypes {
    /// The predicate of a conditional extension, `fn(&Arc<T>, args) -> bool`.
    type When;

    /// Returns the extension that runs the future of `call`.
    fn bind_async(this: Arc<T>, call: F) -> Shared<Self::AsyncExtension>;

    /// Returns the extension that runs the future of `call` if `when` accepts the arguments.
    fn bind_async_when(this: Arc<T>, call: F, when: Self::When) -> Shared<Self::AsyncExtension>;
}

/// A point that accepts an async method of a plugin `T` as extension.
///
/// `F` is a closure that takes the plugin by reference and captures nothing.
pub trait BindAsyncMethod<T, F>: AsyncPointTypes {
    /// Returns the extension that runs the future of `call`.
    fn bind_async_method(this: &T, call: F) -> &Self::AsyncExtension;
}

/// Returns a point, after the comparisons of a closure, which never runs: it compares types.
#[inline]
pub fn compared_async<T, P: BindAsyncMethod<T, F>, F, V: Pass<P>>(point: P, _: V, _: F) -> V::Point {
    V::pass(point)
}

/// The same, for a method that takes the plugin as an `Arc`.
#[inline]
pub fn compared_async_shared<T, P: BindAsync<T, F>, F, V: Pass<P>>(point: P, _: V, _: F) -> V::Point {
    V::pass(point)
}

/// A point that accepts a closure `F` over a plugin `T` as async wrapper.
pub trait BindAsyncWrapper<T, F>: AsyncWrappable {
    /// The predicate of a conditional wrapper, `fn(&Arc<T>, args) -> bool`.
    type When;

    /// Returns the wrapper that runs the future of `call` if `when` accepts the arguments.
    fn bind_async_wrapper(this: Arc<T>, call: F, when: Option<Self::When>) -> Shared<Self::AsyncWrapper>;
}

/// A plugin with a closure as async extension or wrapper.
pub struct BoundAsync<T, F, W> {
    /// The plugin.
    pub this: Arc<T>,
    /// The closure.
    pub call: F,
    /// The predicate.
    pub when: Option<W>,
}

impl<T, F, W> fmt::Debug for BoundAsync<T, F, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundAsync").field("conditional", &self.when.is_some()).finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static> Binder<T> {
    /// Adds an extension that runs the future of `call`.
    pub fn async_extension<P, F>(&mut self, point: P, options: Options, call: F)
    where
        P: BindAsync<T, F>,
    {
        let _ = point;
        let object = P::bind_async(self.plugin(), call);
        self.extends_async::<P>(options, object, false);
    }

    /// Adds an extension that runs the future of `call`, which must not capture anything.
    pub fn async_method<P, F>(&mut self, _: P, options: Options, call: F)
    where
        P: BindAsyncMethod<T, F>,
        F: Copy,
    {
        self.contributions().set_options(options);
        let object = self.part(|this| P::bind_async_method(this, call));
        self.contribute_method(Key::of::<P>, on_runtime::<P>, object);
    }

    /// Adds an extension that runs the future of `call` if `when` accepts the arguments.
    pub fn async_extension_when<P, F>(&mut self, point: P, options: Options, call: F, when: P::When)
    where
        P: BindAsync<T, F>,
    {
        let _ = point;
        let object = P::bind_async_when(self.plugin(), call, when);
        self.extends_async::<P>(options, object, true);
    }

    /// Adds a blocking extension.
    ///
    /// A sync manager runs `call`. An async manager runs the future of `on_pool`, which does the same on the blocking pool.
    #[cfg(feature = "tokio")]
    pub fn blocking_extension<P, F, G>(&mut self, _: P, options: Options, call: F, on_pool: G)
    where
        P: Bind<T, F> + BindAsync<T, G>,
    {
        let (here, there) = (P::bind(self.plugin(), call), P::bind_async(self.plugin(), on_pool));
        let contribution = Contribution::new::<P>(Role::Extension, options.blocking(), Object::new(here));
        self.contribute(contribution.or_on_pool::<P>(there));
    }

    /// Adds a blocking extension that runs if `when` accepts the arguments. `when_on_pool` is the same predicate.
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
        let contribution = Contribution::new::<P>(Role::Extension, options.blocking(), Object::new(here));
        self.contribute(contribution.or_on_pool::<P>(there).conditional(true));
    }

    fn contribute_method(&mut self, point: fn() -> Key, on_runtime: OnRuntime, object: Object) {
        let contribution = self.contributions().next(point, Role::Extension, object);
        self.contribute(contribution.into_async(on_runtime));
    }

    fn extends_async<P>(&mut self, options: Options, object: Shared<P::AsyncExtension>, conditional: bool)
    where
        P: AsyncPointTypes,
    {
        let contribution = Contribution::new::<P>(Role::Extension, options, Object::new(object));
        self.contribute(contribution.conditional(conditional).into_async(on_runtime::<P>));
    }

    /// Adds a wrapper that runs the future of `call`.
    pub fn async_wrapper<P, F>(&mut self, point: P, options: Options, call: F)
    where
        P: BindAsyncWrapper<T, F>,
    {
        self.bind_async_wrapper(point, options, call, None);
    }

    /// Adds a wrapper that runs the future of `call` if `when` accepts the arguments. Otherwise the rest of the call runs
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
        let contribution = Contribution::new::<P>(Role::Wrapper, options, Object::new(object));
        self.contribute(contribution.conditional(conditional).into_async(on_runtime::<P>));
    }
}
