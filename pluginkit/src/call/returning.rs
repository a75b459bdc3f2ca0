//! [`WrapperReturning`]: a wrapper without arguments, typed by its own signature.
#![forbid(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;

use crate::call::BoundNext;

/// A wrapper that takes no arguments, as a function of its `next`.
///
/// Its type comes from the signature of the wrapper. If the return type is not the outcome of the point, the compiler
/// reports one mismatch.
pub struct WrapperReturning<O, F>(F, PhantomData<fn() -> O>);

/// Returns `wrapper` with the type of its own signature.
#[inline]
pub fn on_next<O, F: FnOnce(BoundNext<'_, O>) -> O>(wrapper: F) -> WrapperReturning<O, F> {
    WrapperReturning(wrapper, PhantomData)
}

impl<O, F: FnOnce(BoundNext<'_, O>) -> O> WrapperReturning<O, F> {
    /// Runs the wrapper.
    #[inline]
    pub fn call(self, next: BoundNext<'_, O>) -> O {
        (self.0)(next)
    }
}

/// The rest of a call with its arguments, as a function that returns the outcome.
pub struct RestOfCall<O, R>(R, PhantomData<fn() -> O>);

/// Returns `rest` with the outcome as its type.
#[inline]
pub fn rest_of_call<O, R: FnOnce() -> O>(rest: R) -> RestOfCall<O, R> {
    RestOfCall(rest, PhantomData)
}

impl<O, R: FnOnce() -> O> RestOfCall<O, R> {
    /// Calls `wrapper`, which takes no arguments, with a `next` that runs the rest.
    pub fn wrapped<F: FnOnce(BoundNext<'_, O>) -> O>(self, wrapper: WrapperReturning<O, F>) -> O {
        let mut rest = Some(self.0);
        let mut run = || {
            let Some(rest) = rest.take() else { unreachable!("`next` is consumed by `run`") };
            rest()
        };
        wrapper.call(BoundNext::new(&mut run))
    }
}

impl<O, R> fmt::Debug for RestOfCall<O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestOfCall").finish_non_exhaustive()
    }
}

impl<O, F> fmt::Debug for WrapperReturning<O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrapperReturning").finish_non_exhaustive()
    }
}
