//! The snapshot of a guarded call: a destructor that panics while it is loaded or released becomes an error of the call.
//!
//! A load drops what the last load of a view has left, and a release may be the last use of plugins that were
//! unregistered meanwhile.

use std::ops::Deref;

use crate::base::drops::{DropPanic, caught, contain, reported};
use crate::call::{CallError, Settled};
use crate::observe::observer::{Observers, report};
use crate::registry::Snapshot;
use crate::spec::point::PointInfo;
use crate::spec::returns::Returns;

/// The snapshot of a guarded call, and the first panic of a destructor that loading it ran.
pub(super) struct Loaded<K> {
    pub(super) snapshot: K,
    panic: Option<DropPanic>,
}

impl<K: Deref<Target = Snapshot>> Loaded<K> {
    /// Loads the snapshot by `load`.
    ///
    /// # Errors
    ///
    /// Returns the panic of `load`.
    pub(super) fn by(load: impl FnOnce() -> K) -> Result<Self, DropPanic> {
        let mut snapshot = None;
        let panic = caught(|_| (), || snapshot = Some(load()));
        match (snapshot, panic) {
            (Some(snapshot), panic) => Ok(Self { snapshot, panic }),
            (None, Some(panic)) => Err(panic),
            (None, None) => unreachable!("a load that does not return panics"),
        }
    }

    /// Releases the snapshot. Returns the observers of the call and the first panic of a destructor.
    fn release(self) -> (Observers, Option<DropPanic>) {
        let Self { snapshot, panic } = self;
        let observers = snapshot.observers.clone();
        let own = release(&observers, snapshot);
        if let (Some(_), Some(other)) = (&panic, &own) {
            report(&observers, other);
        }
        (observers, panic.or(own))
    }

    /// Ends a call of `point` that had this `outcome`. A value that it cannot return is left to `discard`.
    ///
    /// # Errors
    ///
    /// Returns the error of `outcome` or, if it has none, the panic of a destructor.
    pub(super) fn conclude<T, E>(
        self,
        point: &'static PointInfo,
        outcome: Result<T, CallError<E>>,
        discard: fn(T),
    ) -> Result<T, CallError<E>> {
        let (observers, panic) = self.release();
        match (outcome, panic) {
            (outcome, None) => outcome,
            (Ok(value), Some(panic)) => {
                reported(|panic| report(&observers, panic), || discard(value));
                Err(CallError::dropped(&panic, point))
            }
            (Err(error), Some(panic)) => {
                report(&observers, &panic);
                Err(error)
            }
        }
    }

    /// Ends a call of `point` that settles its extensions, and returns one more outcome if a destructor panicked.
    pub(super) fn settle<T, E>(self, point: &'static PointInfo) -> Option<Settled<T, E>> {
        let (_, panic) = self.release();
        panic.map(|panic| Settled::dropped(&panic, point))
    }
}

/// The outcome of a call until it is returned. Left behind by a panic, it is dropped, its value by `discard`.
pub(super) struct Outcome<S: Returns<R>, R, X> {
    /// Taken when it is returned or dropped.
    outcome: Option<S::Lift<X>>,
    discard: fn(X),
}

impl<S: Returns<R>, R, X> Outcome<S, R, X> {
    #[inline]
    pub(super) fn new(outcome: S::Lift<X>, discard: fn(X)) -> Self {
        Self { outcome: Some(outcome), discard }
    }

    #[inline]
    pub(super) fn into_inner(mut self) -> S::Lift<X> {
        self.outcome.take().expect("it is taken only here and when it is dropped")
    }
}

impl<S: Returns<R>, R, X> Drop for Outcome<S, R, X> {
    #[inline]
    fn drop(&mut self) {
        if let Some(outcome) = self.outcome.take() {
            contain(None, || match S::lower(outcome) {
                Ok(value) => (self.discard)(value),
                Err(error) => drop(error),
            });
        }
    }
}

/// Drops `left`, the last of a call, and returns the first panic of a destructor. `observers` are told of the others.
pub(super) fn release<T>(observers: &Observers, left: T) -> Option<DropPanic> {
    caught(|panic| report(observers, panic), || drop(left))
}

impl<E> CallError<E> {
    /// The error of a call of `point` in which a destructor panicked.
    pub(super) fn dropped(panic: &DropPanic, point: &'static PointInfo) -> Self {
        Self::DropPanicked { plugin: panic.plugin.clone(), point, message: panic.message().to_owned() }
    }
}

impl<T, E> Settled<T, E> {
    /// The outcome of a destructor that panicked in a call of `point`.
    pub(super) fn dropped(panic: &DropPanic, point: &'static PointInfo) -> Self {
        let plugin = panic.plugin.clone().unwrap_or_else(|| "(host)".into());
        Self { plugin, result: Err(CallError::dropped(panic, point)) }
    }
}
