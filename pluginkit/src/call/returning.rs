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

impl<O, F> fmt::Debug for WrapperReturning<O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrapperReturning").finish_non_exhaustive()
    }
}
