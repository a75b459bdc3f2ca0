//! The conversion of closures and methods to extensions and wrappers.

use std::sync::Arc;

#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;
#[cfg(feature = "async")]
use crate::call::signature::{AsyncExtensionOf, AsyncWrapperOf};
use crate::call::signature::{ExtensionOf, OutcomeOf, Signature, WrapperOf};
#[cfg(feature = "async")]
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
use crate::erased::{Direct, Shared};
use crate::plugin::bind::{Bind, BindFn, BindMethod, BindWrapper};
#[cfg(feature = "async")]
use crate::plugin::bind_async::{AsyncSlot, BindAsync, BindAsyncWrapper};

/// The predicate of a conditional extension or wrapper.
type When<P, T> = for<'w, 'x> fn(&'w Arc<T>, <P as Signature>::Peeked<'x>) -> bool;

/// A plugin with a closure as extension.
struct Bound<T, F> {
    this: Arc<T>,
    call: F,
}

/// A plugin with a closure as extension, and a predicate.
struct BoundWhen<P: Signature, T, F> {
    this: Arc<T>,
    call: F,
    when: When<P, T>,
}

impl<P: Signature, T, F> BoundWhen<P, T, F> {
    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        (self.when)(&self.this, args)
    }
}

/// A plugin with a closure as wrapper.
struct BoundWrapper<P: Signature, T, F> {
    this: Arc<T>,
    call: F,
    when: Option<When<P, T>>,
}

impl<P: Signature, T, F> BoundWrapper<P, T, F> {
    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        self.when.is_none_or(|when| when(&self.this, args))
    }
}

impl<P, T, F> ExtensionOf<P> for Bound<T, F>
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'a> Fn(&Arc<T>, P::Args<'a>) -> P::Return + Send + Sync + 'static,
{
    #[inline]
    fn call(&self, args: P::Args<'_>) -> P::Return {
        (self.call)(&self.this, args)
    }
}

impl<P, T, F> ExtensionOf<P> for BoundWhen<P, T, F>
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'a> Fn(&Arc<T>, P::Args<'a>) -> P::Return + Send + Sync + 'static,
{
    #[inline]
    fn call(&self, args: P::Args<'_>) -> P::Return {
        (self.call)(&self.this, args)
    }

    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        Self::accepts(self, args)
    }
}

impl<P, T, F> Bind<T, F> for P
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'a> Fn(&Arc<T>, P::Args<'a>) -> P::Return + Send + Sync + 'static,
{
    type When = When<P, T>;

    fn bind(this: Arc<T>, call: F) -> Shared<dyn ExtensionOf<P>> {
        Shared::<dyn ExtensionOf<P>>::within(Arc::new(Bound { this, call }), |bound| bound)
    }

    fn bind_when(this: Arc<T>, call: F, when: Self::When) -> Shared<dyn ExtensionOf<P>> {
        Shared::<dyn ExtensionOf<P>>::within(Arc::new(BoundWhen { this, call, when }), |bound| bound)
    }
}

impl<P, T, F> ExtensionOf<P> for Direct<T, F>
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'a> Fn(&T, P::Args<'a>) -> P::Return + Copy + Send + Sync + 'static,
{
    #[inline]
    fn call(&self, args: P::Args<'_>) -> P::Return {
        self.function()(self.value(), args)
    }
}

impl<P, T, F> BindMethod<T, F> for P
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'a> Fn(&T, P::Args<'a>) -> P::Return + Copy + Send + Sync + 'static,
{
    fn bind_method(this: &T, call: F) -> &Self::Extension {
        Direct::of(this, call)
    }
}

/// A closure as extension, without a plugin.
struct BoundFn<F>(F);

impl<P, F> ExtensionOf<P> for BoundFn<F>
where
    P: Signature,
    F: for<'a> Fn(P::Args<'a>) -> P::Return + Send + Sync + 'static,
{
    #[inline]
    fn call(&self, args: P::Args<'_>) -> P::Return {
        (self.0)(args)
    }
}

impl<P, F> BindFn<F> for P
where
    P: Signature,
    F: for<'a> Fn(P::Args<'a>) -> P::Return + Send + Sync + 'static,
{
    fn bind_fn(call: F) -> Shared<dyn ExtensionOf<P>> {
        Shared::<dyn ExtensionOf<P>>::within(Arc::new(BoundFn(call)), |bound| bound)
    }
}

impl<P, T, F> WrapperOf<P> for BoundWrapper<P, T, F>
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'a, 'n> Fn(&Arc<T>, P::Args<'a>, <P as Signature>::Next<'n>) -> OutcomeOf<P>
        + Send
        + Sync
        + 'static,
{
    #[inline]
    fn wrap(&self, next: Rest<'_, P>, args: P::Args<'_>) -> OutcomeOf<P> {
        (self.call)(&self.this, args, <P as Signature>::next(next))
    }

    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        Self::accepts(self, args)
    }
}

impl<P, T, F> BindWrapper<T, F> for P
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'a, 'n> Fn(&Arc<T>, P::Args<'a>, <P as Signature>::Next<'n>) -> OutcomeOf<P>
        + Send
        + Sync
        + 'static,
{
    type When = When<P, T>;

    fn bind_wrapper(this: Arc<T>, call: F, when: Option<Self::When>) -> Shared<dyn WrapperOf<P>> {
        Shared::<dyn WrapperOf<P>>::within(Arc::new(BoundWrapper { this, call, when }), |bound| bound)
    }
}

#[cfg(feature = "async")]
impl<P, T, F> AsyncExtensionOf<P> for Bound<T, F>
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'f> Fn(
            &'f Arc<T>,
            P::Args<'f>,
            AsyncSlot<'f, P::Args<'f>, P::Return>,
        ) -> ExtensionFuture<'f, P::Return>
        + Send
        + Sync
        + 'static,
{
    #[inline]
    fn call<'f>(
        &'f self,
        slot: FutureSlot<'f, P::Return>,
        args: P::Args<'f>,
    ) -> ExtensionFuture<'f, P::Return> {
        (self.call)(&self.this, args, AsyncSlot::new(slot))
    }
}

#[cfg(feature = "async")]
impl<P, T, F> AsyncExtensionOf<P> for BoundWhen<P, T, F>
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'f> Fn(
            &'f Arc<T>,
            P::Args<'f>,
            AsyncSlot<'f, P::Args<'f>, P::Return>,
        ) -> ExtensionFuture<'f, P::Return>
        + Send
        + Sync
        + 'static,
{
    #[inline]
    fn call<'f>(
        &'f self,
        slot: FutureSlot<'f, P::Return>,
        args: P::Args<'f>,
    ) -> ExtensionFuture<'f, P::Return> {
        (self.call)(&self.this, args, AsyncSlot::new(slot))
    }

    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        Self::accepts(self, args)
    }
}

#[cfg(feature = "async")]
impl<P, T, F> BindAsync<T, F> for P
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'f> Fn(
            &'f Arc<T>,
            P::Args<'f>,
            AsyncSlot<'f, P::Args<'f>, P::Return>,
        ) -> ExtensionFuture<'f, P::Return>
        + Send
        + Sync
        + 'static,
{
    type When = When<P, T>;

    fn bind_async(this: Arc<T>, call: F) -> Shared<dyn AsyncExtensionOf<P>> {
        Shared::<dyn AsyncExtensionOf<P>>::within(Arc::new(Bound { this, call }), |bound| bound)
    }

    fn bind_async_when(this: Arc<T>, call: F, when: Self::When) -> Shared<dyn AsyncExtensionOf<P>> {
        Shared::<dyn AsyncExtensionOf<P>>::within(Arc::new(BoundWhen { this, call, when }), |bound| bound)
    }
}

#[cfg(feature = "async")]
impl<P, T, F> AsyncWrapperOf<P> for BoundWrapper<P, T, F>
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'f> Fn(
            &'f Arc<T>,
            P::Args<'f>,
            <P as Signature>::AsyncNext<'f>,
            AsyncSlot<'f, P::Args<'f>, OutcomeOf<P>>,
        ) -> ExtensionFuture<'f, OutcomeOf<P>>
        + Send
        + Sync
        + 'static,
{
    fn wrap<'f>(&'f self, next: AsyncRest<'f, P>, args: P::Args<'f>) -> ExtensionFuture<'f, OutcomeOf<P>> {
        (self.call)(&self.this, args, <P as Signature>::async_next(next), AsyncSlot::new(FutureSlot::own()))
    }

    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        Self::accepts(self, args)
    }
}

#[cfg(feature = "async")]
impl<P, T, F> BindAsyncWrapper<T, F> for P
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'f> Fn(
            &'f Arc<T>,
            P::Args<'f>,
            <P as Signature>::AsyncNext<'f>,
            AsyncSlot<'f, P::Args<'f>, OutcomeOf<P>>,
        ) -> ExtensionFuture<'f, OutcomeOf<P>>
        + Send
        + Sync
        + 'static,
{
    type When = When<P, T>;

    fn bind_async_wrapper(this: Arc<T>, call: F, when: Option<Self::When>) -> Shared<dyn AsyncWrapperOf<P>> {
        Shared::<dyn AsyncWrapperOf<P>>::within(Arc::new(BoundWrapper { this, call, when }), |bound| bound)
    }
}
