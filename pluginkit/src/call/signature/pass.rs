//! [`Passing`]: the path of the arguments of a call to extensions and wrappers.

use std::any::Any;
use std::fmt;

#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;
use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
#[cfg(feature = "async")]
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments};
#[cfg(feature = "async")]
use crate::call::signature::{AsyncExtensionOf, AsyncWrapperOf};
use crate::call::signature::{
    ErrorOf, ExtensionOf, Form, ItemOf, OutcomeOf, Signature, ThreadsArgument, WrapperOf,
};
#[cfg(feature = "async")]
use crate::erased::Shared;
#[cfg(feature = "async")]
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
use crate::spec::returns::Returns;

/// The arguments of one call of the point `P`, for its extensions and wrappers.
pub struct Passing<'a, P: Signature>(P::Held<'a>);

impl<'a, P: Signature> Passing<'a, P> {
    /// Holds the arguments of a call.
    #[inline]
    pub fn new(args: P::Args<'a>) -> Self {
        Self(P::close(args))
    }
}

impl<P: Signature> fmt::Debug for Passing<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passing").field("point", &format_args!("{}", <P as Signature>::INFO)).finish()
    }
}

impl<P: Signature> Arguments<P, P::Return> for Passing<'_, P> {
    #[inline]
    fn accepts(&self, extension: &dyn ExtensionOf<P>) -> bool {
        extension.accepts(P::peek(&self.0))
    }

    #[inline]
    fn call(&mut self, extension: &dyn ExtensionOf<P>, last: bool) -> P::Return {
        extension.call(P::give(&mut self.0, last))
    }

    fn error_text(returned: &P::Return) -> Option<String> {
        P::error_text(P::Shape::returned_error(returned)?)
    }

    fn keep(returned: P::Return) -> Option<Box<dyn Any + Send>> {
        P::keep(P::Shape::split(returned).err()?)
    }

    fn kept(error: Box<dyn Any + Send>) -> Option<P::Return> {
        let error: Box<ErrorOf<P>> = error.downcast().ok()?;
        Some(P::Shape::failed(*error))
    }
}

impl<P: Signature> WrapArguments<P, OutcomeOf<P>> for Passing<'_, P> {
    #[inline]
    fn accepts_wrapper(&self, wrapper: &dyn WrapperOf<P>) -> bool {
        wrapper.accepts(P::peek(&self.0))
    }

    #[inline]
    fn wrap(self, wrapper: &dyn WrapperOf<P>, next: Rest<'_, P>) -> OutcomeOf<P> {
        wrapper.wrap(next, P::open(self.0))
    }

    fn outcome_error_text(outcome: &OutcomeOf<P>) -> Option<String> {
        P::error_text(P::Form::error(outcome)?)
    }
}

impl<P: ThreadsArgument> ThreadedArguments<ItemOf<P>> for Passing<'_, P> {
    #[inline]
    fn threaded(&mut self) -> &mut Option<ItemOf<P>> {
        P::threaded(&mut self.0)
    }

    fn spare(&self) -> Option<ItemOf<P>> {
        P::spare(&self.0)
    }
}

#[cfg(feature = "async")]
impl<P: Signature> AsyncArguments<P, P::Return> for Passing<'_, P> {
    fn accepts_async(&self, extension: &dyn AsyncExtensionOf<P>) -> bool {
        extension.accepts(P::peek(&self.0))
    }

    #[inline]
    fn call_async<'s>(
        &'s mut self,
        extension: &'s dyn AsyncExtensionOf<P>,
        slot: FutureSlot<'s, P::Return>,
        last: bool,
    ) -> ExtensionFuture<'s, P::Return> {
        extension.call(slot, P::give(&mut self.0, last))
    }

    fn call_concurrently<'w>(
        &self,
        extension: &'w dyn AsyncExtensionOf<P>,
        slot: FutureSlot<'w, P::Return>,
    ) -> ExtensionFuture<'w, P::Return>
    where
        Self: 'w,
    {
        extension.call(slot, P::share(&self.0))
    }

    #[cfg(feature = "tokio")]
    fn offload<'w>(&self, extension: Shared<dyn ExtensionOf<P>>) -> Option<ExtensionFuture<'w, P::Return>> {
        P::offload(&self.0, extension)
    }

    #[cfg(not(feature = "tokio"))]
    fn offload<'w>(&self, _: Shared<dyn ExtensionOf<P>>) -> Option<ExtensionFuture<'w, P::Return>> {
        None
    }
}

#[cfg(feature = "async")]
impl<P: Signature> AsyncWrapArguments<P, OutcomeOf<P>> for Passing<'_, P> {
    fn accepts_async_wrapper(&self, wrapper: &dyn AsyncWrapperOf<P>) -> bool {
        wrapper.accepts(P::peek(&self.0))
    }

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
}
