//! [`Outcome`]: the outcome of a call until it is returned.

use crate::base::drops::contain;
use crate::spec::returns::Returns;

/// The outcome of a call until it is returned.
///
/// After a panic, it is dropped with `discard`.
pub(crate) struct Outcome<S: Returns<R>, R, X> {
    /// Taken when it is returned or dropped.
    outcome: Option<S::Lift<X>>,
    discard: fn(X),
}

impl<S: Returns<R>, R, X> Outcome<S, R, X> {
    #[inline]
    pub(crate) fn new(outcome: S::Lift<X>, discard: fn(X)) -> Self {
        Self { outcome: Some(outcome), discard }
    }

    /// Returns this outcome, if there is one.
    pub(crate) fn of(outcome: Option<S::Lift<X>>, discard: fn(X)) -> Self {
        Self { outcome, discard }
    }

    pub(crate) fn get(&self) -> Option<&S::Lift<X>> {
        self.outcome.as_ref()
    }

    /// Returns whether it is an error.
    #[inline]
    pub(crate) fn fails(&self) -> bool {
        S::FAILS && self.get().is_some_and(|outcome| S::error(outcome).is_some())
    }

    /// Returns the outcome.
    ///
    /// # Panics
    ///
    /// Panics if there is none.
    #[inline]
    pub(crate) fn into_inner(mut self) -> S::Lift<X> {
        self.take()
    }

    /// Takes the outcome out.
    ///
    /// # Panics
    ///
    /// Panics if there is none.
    #[inline]
    pub(crate) fn take(&mut self) -> S::Lift<X> {
        self.outcome.take().expect("a call that has ended has an outcome")
    }
}

/// The outcome of a call, as the slow path sees it.
pub(crate) trait OutcomeErased {
    /// Returns whether it is an error.
    fn is_error(&self) -> bool;

    /// Drops the outcome, the items of a collecting call one at a time.
    fn clear(&mut self);
}

impl<S: Returns<R>, R, X> OutcomeErased for Outcome<S, R, X> {
    fn is_error(&self) -> bool {
        self.fails()
    }

    fn clear(&mut self) {
        if let Some(outcome) = self.outcome.take() {
            discard::<S, R, _>(outcome, self.discard);
        }
    }
}

/// Drops an outcome, and its success with `discard_success`.
pub(super) fn discard<S: Returns<R>, R, X>(outcome: S::Lift<X>, discard_success: fn(X)) {
    match S::lower(outcome) {
        Ok(success) => discard_success(success),
        Err(error) => drop(error),
    }
}

impl<S: Returns<R>, R, X> Drop for Outcome<S, R, X> {
    #[inline]
    fn drop(&mut self) {
        if self.outcome.is_some() {
            contain(None, &mut || self.clear());
        }
    }
}
