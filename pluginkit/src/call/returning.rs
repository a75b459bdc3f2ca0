//! [`WrapperReturning`]: a wrapper without arguments, typed by its own signature.
#![forbid(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;

use crate::call::BoundNext;
use crate::call::next::Runs;

/// A wrapper that takes no arguments, as a function of its `next`.
///
/// Its type comes from the signature of the wrapper. If the return type is not the outcome of the point, the compiler
/// reports one mismatch.
pub struct WrapperReturning<O, F>(F, PhantomData<fn() -> O>);

/// Returns `wrapper` with the type of its own signature.
#[inline]
pub fn on_next<O, P, F: FnOnce(BoundNext<'_, O, P>) -> O>(wrapper: F) -> WrapperReturning<O, F> {
    WrapperReturning(wrapper, PhantomData)
}

impl<O, F> WrapperReturning<O, F> {
    /// Runs the wrapper.
    #[inline]
    pub fn call<P>(self, next: BoundNext<'_, O, P>) -> O
    where
        F: FnOnce(BoundNext<'_, O, P>) -> O,
    {
        (self.0)(next)
    }
}

/// The rest of a call with its arguments, as a function that returns the outcome. It takes whether it runs for the last time.
pub struct RestOfCall<O, R>(R, PhantomData<fn() -> O>);

/// Returns `rest` with the outcome as its type.
#[inline]
pub fn rest_of_call<O, R: FnMut(bool) -> O>(rest: R) -> RestOfCall<O, R> {
    RestOfCall(rest, PhantomData)
}

impl<O, R: FnMut(bool) -> O> RestOfCall<O, R> {
    /// Calls `wrapper`, which takes no arguments, with a `next` that runs the rest.
    pub fn wrapped<P, F: FnOnce(BoundNext<'_, O, P>) -> O>(self, wrapper: WrapperReturning<O, F>) -> O {
        let runs = Runs::new(self.0);
        wrapper.call(BoundNext::new(&runs))
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
