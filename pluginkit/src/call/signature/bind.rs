//! The conversion of closures and methods to extensions and wrappers.

use std::sync::Arc;

#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;
use crate::call::signature::{
    Accepts, ArgsOf, DynExtension, DynWrapper, ExtensionOf, HeldOf, OutcomeOf, PredicateOf, TakesWrappers,
    WideSignature, WrapperOf,
};
#[cfg(feature = "async")]
use crate::call::signature::{AsyncExtensionOf, AsyncWrapperOf, DynAsyncExtension, DynAsyncWrapper};
#[cfg(feature = "async")]
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
use crate::erased::{Direct, Shared};
use crate::plugin::bind::{Bind, BindFn, BindMethod, BindWrapper, BoundFn};
#[cfg(feature = "async")]
use crate::plugin::bind_async::{AsyncSlot, BindAsync, BindAsyncMethod, BindAsyncWrapper};

/// An extension or wrapper `F` of a plugin with a predicate.
struct Conditional<P: WideSignature, T: Send + Sync + 'static, F> {
    bound: Direct<Arc<T>, F>,
    when: PredicateOf<P, T>,
}

impl<P, T, F> Accepts<P> for Conditional<P, T, F>
where
    P: WideSignature,
    T: Send + Sync + 'static,
{
    fn accepts<'a, 'b: 'a, 'c: 'a>(&self, held: &HeldOf<'a, 'b, 'c, P>) -> bool {
        (self.when)(&self.bound.value, P::peek(held))
    }
}

impl<P: WideSignature, V, F> Accepts<P> for Direct<V, F> {}

impl<P: WideSignature, F> Accepts<P> for BoundFn<F> {}

impl<P, T, F> ExtensionOf<P> for Conditional<P, T, F>
where
    P: WideSignature,
    T: Send + Sync + 'static,
    Direct<Arc<T>, F>: ExtensionOf<P>,
{
    #[inline]
    fn call<'a, 'b: 'a, 'c: 'a>(&self, args: ArgsOf<'a, 'b, 'c, P>) -> P::Return {
        self.bound.call(args)
    }
}

impl<P, T, F> Bind<T, F> for P
where
    P: WideSignature,
    T: Send + Sync + 'static,
    F: Send + Sync + 'static,
    Direct<Arc<T>, F>: ExtensionOf<P>,
{
    type When = PredicateOf<P, T>;

    fn bind(this: Arc<T>, call: F) -> Shared<DynExtension<P>> {
        Shared::<DynExtension<P>>::within(Arc::new(Direct { value: this, call }), |bound| bound)
    }

    fn bind_when(this: Arc<T>, call: F, when: Self::When) -> Shared<DynExtension<P>> {
        Shared::<DynExtension<P>>::within(
            Arc::new(Conditional::<P, T, F> { bound: Direct { value: this, call }, when }),
            |bound| bound,
        )
    }
}

impl<P, V, F> ExtensionOf<P> for Direct<V, F>
where
    P: WideSignature,
    F: for<'a, 'b, 'c> Fn(&V, ArgsOf<'a, 'b, 'c, P>) -> P::Return,
{
    #[inline]
    fn call<'a, 'b: 'a, 'c: 'a>(&self, args: ArgsOf<'a, 'b, 'c, P>) -> P::Return {
        (self.call)(&self.value, args)
    }
}

impl<P, T, F> BindMethod<T, F> for P
where
    P: WideSignature,
    T: Send + Sync + 'static,
    F: Copy + Send + Sync + 'static,
    Direct<T, F>: ExtensionOf<P>,
{
    fn bind_method(this: &T, call: F) -> &Self::Extension {
        Direct::of(this, call)
    }
}

impl<P, F> ExtensionOf<P> for BoundFn<F>
where
    P: WideSignature,
    F: for<'a, 'b, 'c> Fn(ArgsOf<'a, 'b, 'c, P>) -> P::Return,
{
    #[inline]
    fn call<'a, 'b: 'a, 'c: 'a>(&self, args: ArgsOf<'a, 'b, 'c, P>) -> P::Return {
        (self.0)(args)
    }
}

impl<P, F> BindFn<F> for P
where
    P: WideSignature,
    F: Send + Sync + 'static,
    BoundFn<F>: ExtensionOf<P>,
{
    fn bind_fn(call: F) -> Shared<DynExtension<P>> {
        Shared::<DynExtension<P>>::within(Arc::new(BoundFn(call)), |bound| bound)
    }
}

impl<P, V, F> WrapperOf<P> for Direct<V, F>
where
    P: WideSignature,
    F: for<'a, 'b, 'c, 'n> Fn(&V, ArgsOf<'a, 'b, 'c, P>, P::Next<'n>) -> OutcomeOf<P>,
{
    #[inline]
    fn wrap<'a, 'b: 'a, 'c: 'a>(&self, next: Rest<'_, P>, args: ArgsOf<'a, 'b, 'c, P>) -> OutcomeOf<P> {
        (self.call)(&self.value, args, P::next(next))
    }
}

impl<P, T, F> WrapperOf<P> for Conditional<P, T, F>
where
    P: WideSignature,
    T: Send + Sync + 'static,
    Direct<Arc<T>, F>: WrapperOf<P>,
{
    #[inline]
    fn wrap<'a, 'b: 'a, 'c: 'a>(&self, next: Rest<'_, P>, args: ArgsOf<'a, 'b, 'c, P>) -> OutcomeOf<P> {
        self.bound.wrap(next, args)
    }
}

impl<P, T, F> BindWrapper<T, F> for P
where
    P: WideSignature,
    P::Form: TakesWrappers<P>,
    T: Send + Sync + 'static,
    F: Send + Sync + 'static,
    Direct<Arc<T>, F>: WrapperOf<P>,
{
    type When = PredicateOf<P, T>;

    fn bind_wrapper(this: Arc<T>, call: F, when: Option<Self::When>) -> Shared<DynWrapper<P>> {
        let bound = Direct { value: this, call };
        match when {
            Some(when) => {
                let bound = Conditional::<P, T, F> { bound, when };
                Shared::<DynWrapper<P>>::within(Arc::new(bound), |bound| bound)
            }
            None => Shared::<DynWrapper<P>>::within(Arc::new(bound), |bound| bound),
        }
    }
}

#[cfg(feature = "async")]
impl<P, T, F> AsyncExtensionOf<P> for Conditional<P, T, F>
where
    P: WideSignature,
    T: Send + Sync + 'static,
    Direct<Arc<T>, F>: AsyncExtensionOf<P>,
{
    #[inline]
    fn call<'f, 'b: 'f, 'c: 'f>(
        &'f self,
        slot: FutureSlot<'f, P::Return>,
        args: ArgsOf<'f, 'b, 'c, P>,
    ) -> ExtensionFuture<'f, P::Return> {
        self.bound.call(slot, args)
    }
}

#[cfg(feature = "async")]
impl<P, V, F> AsyncExtensionOf<P> for Direct<V, F>
where
    P: WideSignature,
    F: for<'f, 'b, 'c> Fn(
        &'f V,
        ArgsOf<'f, 'b, 'c, P>,
        AsyncSlot<'f, ArgsOf<'f, 'b, 'c, P>, P::Return>,
    ) -> ExtensionFuture<'f, P::Return>,
{
    #[inline]
    fn call<'f, 'b: 'f, 'c: 'f>(
        &'f self,
        slot: FutureSlot<'f, P::Return>,
        args: ArgsOf<'f, 'b, 'c, P>,
    ) -> ExtensionFuture<'f, P::Return> {
        (self.call)(&self.value, args, AsyncSlot::new(slot))
    }
}

#[cfg(feature = "async")]
impl<P, T, F> BindAsyncMethod<T, F> for P
where
    P: WideSignature,
    T: Send + Sync + 'static,
    F: Copy + Send + Sync + 'static,
    Direct<T, F>: AsyncExtensionOf<P>,
{
    fn bind_async_method(this: &T, call: F) -> &Self::AsyncExtension {
        Direct::of(this, call)
    }
}

#[cfg(feature = "async")]
impl<P, T, F> BindAsync<T, F> for P
where
    P: WideSignature,
    T: Send + Sync + 'static,
    F: Send + Sync + 'static,
    Direct<Arc<T>, F>: AsyncExtensionOf<P>,
{
    type When = PredicateOf<P, T>;

    fn bind_async(this: Arc<T>, call: F) -> Shared<DynAsyncExtension<P>> {
        Shared::<DynAsyncExtension<P>>::within(Arc::new(Direct { value: this, call }), |bound| bound)
    }

    fn bind_async_when(this: Arc<T>, call: F, when: Self::When) -> Shared<DynAsyncExtension<P>> {
        Shared::<DynAsyncExtension<P>>::within(
            Arc::new(Conditional::<P, T, F> { bound: Direct { value: this, call }, when }),
            |bound| bound,
        )
    }
}

#[cfg(feature = "async")]
impl<P, V, F> AsyncWrapperOf<P> for Direct<V, F>
where
    P: WideSignature,
    F: for<'f, 'b, 'c> Fn(
        &'f V,
        ArgsOf<'f, 'b, 'c, P>,
        P::AsyncNext<'f>,
        AsyncSlot<'f, ArgsOf<'f, 'b, 'c, P>, OutcomeOf<P>>,
    ) -> ExtensionFuture<'f, OutcomeOf<P>>,
{
    fn wrap<'f, 'b: 'f, 'c: 'f>(
        &'f self,
        mut next: AsyncRest<'f, P>,
        args: ArgsOf<'f, 'b, 'c, P>,
    ) -> ExtensionFuture<'f, OutcomeOf<P>> {
        let slot = AsyncSlot::new(next.slot());
        (self.call)(&self.value, args, P::async_next(next), slot)
    }
}

#[cfg(feature = "async")]
impl<P, T, F> AsyncWrapperOf<P> for Conditional<P, T, F>
where
    P: WideSignature,
    T: Send + Sync + 'static,
    Direct<Arc<T>, F>: AsyncWrapperOf<P>,
{
    fn wrap<'f, 'b: 'f, 'c: 'f>(
        &'f self,
        next: AsyncRest<'f, P>,
        args: ArgsOf<'f, 'b, 'c, P>,
    ) -> ExtensionFuture<'f, OutcomeOf<P>> {
        self.bound.wrap(next, args)
    }
}

#[cfg(feature = "async")]
impl<P, T, F> BindAsyncWrapper<T, F> for P
where
    P: WideSignature,
    P::Form: TakesWrappers<P>,
    T: Send + Sync + 'static,
    F: Send + Sync + 'static,
    Direct<Arc<T>, F>: AsyncWrapperOf<P>,
{
    type When = PredicateOf<P, T>;

    fn bind_async_wrapper(this: Arc<T>, call: F, when: Option<Self::When>) -> Shared<DynAsyncWrapper<P>> {
        let bound = Direct { value: this, call };
        match when {
            Some(when) => {
                let bound = Conditional::<P, T, F> { bound, when };
                Shared::<DynAsyncWrapper<P>>::within(Arc::new(bound), |bound| bound)
            }
            None => Shared::<DynAsyncWrapper<P>>::within(Arc::new(bound), |bound| bound),
        }
    }
}
