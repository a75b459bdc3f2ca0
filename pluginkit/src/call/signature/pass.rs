//! [`Passing`]: the path of the arguments of a call to extensions and wrappers.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;
use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
#[cfg(feature = "async")]
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments};
#[cfg(feature = "local")]
use crate::call::local::LocalObject;
use crate::call::signature::{
    Accepts, DynExtension, DynWrapper, ErrorOf, ExtensionOf, Form, OutcomeOf, RunningOf, Signature,
    ThreadsArgument, WideSignature, WrapperOf,
};
#[cfg(feature = "async")]
use crate::call::signature::{AsyncExtensionOf, AsyncWrapperOf, DynAsyncExtension, DynAsyncWrapper};
#[cfg(feature = "async")]
use crate::erased::Shared;
#[cfg(feature = "async")]
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
use crate::spec::returns::Returns;

/// The arguments of one call of the point `P`, for its extensions and wrappers.
///
/// [`Passing::new`](PassingAs::new) holds the arguments of a call.
pub type Passing<'a, P> = PassingAs<P, Narrow<'a, P>>;

/// The arguments of one call of the point `P`, held as an `H`.
pub struct PassingAs<P, H>(H, PhantomData<fn() -> P>);

/// The arguments of a point with one lifetime.
pub struct Narrow<'a, P: Signature>(P::Held<'a>);

impl<'a, P: Signature> PassingAs<P, Narrow<'a, P>> {
    /// Holds the arguments of a call.
    #[inline]
    pub fn new(args: <P as Signature>::Args<'a>) -> Self {
        Self(Narrow(<P as Signature>::close(args)), PhantomData)
    }
}

impl<P: WideSignature, H: Pass<P>> PassingAs<P, H> {
    /// Returns the arguments of a call that are held already.
    #[inline]
    pub fn held(held: H) -> Self {
        Self(held, PhantomData)
    }
}

impl<P: Signature> fmt::Debug for Narrow<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Narrow").finish_non_exhaustive()
    }
}

impl<P: WideSignature, H> fmt::Debug for PassingAs<P, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passing").field("point", &format_args!("{}", <P as WideSignature>::INFO)).finish()
    }
}

/// The arguments of one call of the point `P`, with a path to each object.
///
/// It is a trait of the held arguments and not of the point, so that futures hold a type without bounds between its
/// lifetimes. The compiler cannot tell whether a future with such bounds is `Send` (rust issue 100013).
pub trait Pass<P: WideSignature>: Sized {
    /// Returns whether the predicate of an implementation accepts the arguments.
    fn accepted(&self, by: &dyn Accepts<P>) -> bool;

    /// Runs one extension. The `last` one may take the arguments.
    fn call(&mut self, extension: &dyn ExtensionOf<P>, last: bool) -> P::Return;

    /// Runs one wrapper around the rest of the call.
    fn wrap(self, wrapper: &dyn WrapperOf<P>, next: Rest<'_, P>) -> OutcomeOf<P>;

    /// Starts one async extension, with its future in `slot`. The `last` one may take the arguments.
    #[cfg(feature = "async")]
    fn call_async<'s>(
        &'s mut self,
        extension: &'s dyn AsyncExtensionOf<P>,
        slot: FutureSlot<'s, P::Return>,
        last: bool,
    ) -> ExtensionFuture<'s, P::Return>;

    /// Starts one async extension while others run.
    #[cfg(feature = "async")]
    fn call_concurrently<'w>(
        &self,
        extension: &'w dyn AsyncExtensionOf<P>,
        slot: FutureSlot<'w, P::Return>,
    ) -> ExtensionFuture<'w, P::Return>
    where
        Self: 'w,
    {
        let _ = (extension, slot);
        unreachable!("extensions that share a `&mut` argument run one after the other")
    }

    /// Starts one wrapper around the rest of the call.
    #[cfg(feature = "async")]
    fn wrap_async<'w>(
        self,
        wrapper: &'w dyn AsyncWrapperOf<P>,
        next: AsyncRest<'w, P>,
    ) -> ExtensionFuture<'w, OutcomeOf<P>>
    where
        Self: 'w;

    /// Starts an extension on the blocking pool with owned arguments; `None` if an argument has no owned form.
    #[cfg(feature = "async")]
    fn offload<'w>(&self, extension: Shared<DynExtension<P>>) -> Option<ExtensionFuture<'w, P::Return>> {
        let _ = extension;
        None
    }
}

/// The arguments of a pipeline by value, or of a call whose extensions hand an argument on.
pub trait PassThreaded<P: WideSignature>: Pass<P> {
    /// Returns the running value; `None` while an extension has it.
    fn threaded(&mut self) -> &mut Option<RunningOf<P>>;

    /// Returns a clone of the running value, for the case that an extension fails; `None` if it cannot be cloned.
    fn spare(&self) -> Option<RunningOf<P>>;
}

impl<P: Signature> Pass<P> for Narrow<'_, P> {
    #[inline]
    fn accepted(&self, by: &dyn Accepts<P>) -> bool {
        by.accepts(&self.0)
    }

    #[inline]
    fn call(&mut self, extension: &dyn ExtensionOf<P>, last: bool) -> <P as Signature>::Return {
        extension.call(P::give(&mut self.0, last))
    }

    #[inline]
    fn wrap(self, wrapper: &dyn WrapperOf<P>, next: Rest<'_, P>) -> OutcomeOf<P> {
        wrapper.wrap(next, P::open(self.0))
    }

    #[cfg(feature = "async")]
    #[inline]
    fn call_async<'s>(
        &'s mut self,
        extension: &'s dyn AsyncExtensionOf<P>,
        slot: FutureSlot<'s, <P as Signature>::Return>,
        last: bool,
    ) -> ExtensionFuture<'s, <P as Signature>::Return> {
        extension.call(slot, P::give(&mut self.0, last))
    }

    #[cfg(feature = "async")]
    fn call_concurrently<'w>(
        &self,
        extension: &'w dyn AsyncExtensionOf<P>,
        slot: FutureSlot<'w, <P as Signature>::Return>,
    ) -> ExtensionFuture<'w, <P as Signature>::Return>
    where
        Self: 'w,
    {
        extension.call(slot, P::share(&self.0))
    }

    #[cfg(feature = "async")]
    fn wrap_async<'w>(
        self,
        wrapper: &'w dyn AsyncWrapperOf<P>,
        next: AsyncRest<'w, P>,
    ) -> ExtensionFuture<'w, OutcomeOf<P>>
    where
        Self: 'w,
    {
        wrapper.wrap(next, P::open(self.0))
    }

    #[cfg(feature = "tokio")]
    fn offload<'w>(
        &self,
        extension: Shared<DynExtension<P>>,
    ) -> Option<ExtensionFuture<'w, <P as Signature>::Return>> {
        P::offload(&self.0, extension)
    }
}

impl<P: ThreadsArgument> PassThreaded<P> for Narrow<'_, P> {
    #[inline]
    fn threaded(&mut self) -> &mut Option<RunningOf<P>> {
        P::threaded(&mut self.0)
    }

    fn spare(&self) -> Option<RunningOf<P>> {
        P::spare(&self.0)
    }
}

impl<P: WideSignature, H: Pass<P>> Arguments<P, P::Return> for PassingAs<P, H> {
    #[inline]
    fn accepts(&self, extension: &DynExtension<P>) -> bool {
        self.0.accepted(extension)
    }

    #[inline]
    fn call(&mut self, extension: &DynExtension<P>, last: bool) -> P::Return {
        self.0.call(extension, last)
    }

    #[cfg(feature = "local")]
    fn accepts_local(&self, extension: &LocalObject<'_>) -> bool {
        self.0.accepted(extension.extension::<P>())
    }

    #[cfg(feature = "local")]
    #[inline]
    fn call_local(&mut self, extension: &LocalObject<'_>, last: bool) -> P::Return {
        self.0.call(extension.extension::<P>(), last)
    }

    fn error_text(returned: &P::Return) -> Option<String> {
        match P::Shape::returned_error(returned) {
            Some(error) => P::error_text(error),
            None => None,
        }
    }

    fn keep(returned: P::Return) -> Result<Box<dyn Any + Send>, P::Return> {
        if P::Shape::returned_error(&returned).is_none() {
            return Err(returned);
        }
        match P::Shape::split(returned) {
            Err(error) => P::keep(error).map_err(P::Shape::failed),
            Ok(_) => unreachable!("it is an error"),
        }
    }

    fn kept(error: Box<dyn Any + Send>) -> Option<P::Return> {
        let error: Box<ErrorOf<P>> = error.downcast().ok()?;
        Some(P::Shape::failed(*error))
    }
}

impl<P: WideSignature, H: Pass<P>> WrapArguments<P, OutcomeOf<P>> for PassingAs<P, H> {
    #[inline]
    fn accepts_wrapper(&self, wrapper: &DynWrapper<P>) -> bool {
        self.0.accepted(wrapper)
    }

    #[inline]
    fn wrap(self, wrapper: &DynWrapper<P>, next: Rest<'_, P>) -> OutcomeOf<P> {
        self.0.wrap(wrapper, next)
    }

    #[cfg(feature = "local")]
    fn accepts_wrapper_local(&self, wrapper: &LocalObject<'_>) -> bool {
        self.0.accepted(wrapper.wrapper::<P>())
    }

    #[cfg(feature = "local")]
    #[inline]
    fn wrap_local(self, wrapper: &LocalObject<'_>, next: Rest<'_, P>) -> OutcomeOf<P> {
        self.0.wrap(wrapper.wrapper::<P>(), next)
    }

    fn outcome_error_text(outcome: &OutcomeOf<P>) -> Option<String> {
        P::error_text(P::Form::error(outcome)?)
    }
}

impl<P: WideSignature, H: PassThreaded<P>> ThreadedArguments<RunningOf<P>> for PassingAs<P, H> {
    #[inline]
    fn threaded(&mut self) -> &mut Option<RunningOf<P>> {
        self.0.threaded()
    }

    fn spare(&self) -> Option<RunningOf<P>> {
        self.0.spare()
    }
}

#[cfg(feature = "async")]
impl<P: WideSignature, H: Pass<P>> AsyncArguments<P, P::Return> for PassingAs<P, H> {
    fn accepts_async(&self, extension: &DynAsyncExtension<P>) -> bool {
        self.0.accepted(extension)
    }

    #[inline]
    fn call_async<'s>(
        &'s mut self,
        extension: &'s DynAsyncExtension<P>,
        slot: FutureSlot<'s, P::Return>,
        last: bool,
    ) -> ExtensionFuture<'s, P::Return> {
        self.0.call_async(extension, slot, last)
    }

    fn call_concurrently<'w>(
        &self,
        extension: &'w DynAsyncExtension<P>,
        slot: FutureSlot<'w, P::Return>,
    ) -> ExtensionFuture<'w, P::Return>
    where
        Self: 'w,
    {
        self.0.call_concurrently(extension, slot)
    }

    fn offload<'w>(&self, extension: Shared<DynExtension<P>>) -> Option<ExtensionFuture<'w, P::Return>> {
        self.0.offload(extension)
    }
}

#[cfg(feature = "async")]
impl<P: WideSignature, H: Pass<P>> AsyncWrapArguments<P, OutcomeOf<P>> for PassingAs<P, H> {
    fn accepts_async_wrapper(&self, wrapper: &DynAsyncWrapper<P>) -> bool {
        self.0.accepted(wrapper)
    }

    fn wrap_async<'w>(
        self,
        wrapper: &'w DynAsyncWrapper<P>,
        next: AsyncRest<'w, P>,
    ) -> ExtensionFuture<'w, OutcomeOf<P>>
    where
        Self: 'w,
    {
        self.0.wrap_async(wrapper, next)
    }
}
