//! [`WrapperReturning`]: a wrapper without arguments, taken at the word of its own signature.
#![forbid(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;

use crate::call::BoundNext;

/// What a wrapper that takes no arguments does with its `next`, by its own signature: a return type that
/// is not the outcome is told when the two meet, and once.
pub struct WrapperReturning<O, F>(F, PhantomData<fn() -> O>);

/// Takes `wrapper` at its word.
#[inline]
pub fn on_next<O, F: FnOnce(BoundNext<'_, O>) -> O>(wrapper: F) -> WrapperReturning<O, F> {
    WrapperReturning(wrapper, PhantomData)
}

impl<O, F: FnOnce(BoundNext<'_, O>) -> O> WrapperReturning<O, F> {
    /// Runs it.
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
