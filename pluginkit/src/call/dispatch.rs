//! [`DispatchKind`] and [`SyncKind`]: the kinds of managers that a [`Dispatch`](crate::manual::Dispatch) calls.
#![forbid(unsafe_code)]

use crate::base::kind::Kind;
use crate::base::sealed::Sealed;
use crate::call::CallError;
use crate::call::arguments::{Arguments, WrapArguments};
use crate::call::around::{AsWork, HostFn, TakesWork};
use crate::call::caller::Handle;
use crate::call::fold::Fold;
use crate::call::settle::{SettleMode, SettledCall};
use crate::call::typed::Called;
use crate::spec::point::PointTypes;
use crate::spec::returns::Returns;

/// The kind of a [`Dispatch`](crate::manual::Dispatch): a [`Kind`] of manager, or the kind of local managers.
pub trait DispatchKind: Sealed {
    /// The handle of the point `P`, which the dispatch borrows.
    type Handle<P>;
}

impl<K: Kind> DispatchKind for K {
    type Handle<P> = Handle<P, K>;
}

/// The kind of a [`Dispatch`](crate::manual::Dispatch) whose calls return the outcome itself, not a future:
/// [`Synchronous`](crate::kind::Synchronous), or the kind of local managers.
#[expect(private_bounds, reason = "other crates make calls by the methods of a `Dispatch`")]
pub trait SyncKind: MakesCalls {}

impl<K: MakesCalls> SyncKind for K {}

/// The calls of a [`SyncKind`], with a fold as the mode.
pub(crate) trait MakesCalls: DispatchKind {
    /// Makes a call and folds the results with `F`.
    fn call<P, S, R, A, F>(handle: &Self::Handle<P>, args: A) -> S::Lift<F::Success>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>;

    /// Makes a guarded call and folds the results with `F`.
    fn try_call<P, S, R, A, F>(handle: &Self::Handle<P>, args: A) -> Result<F::Success, CallError<S::Error>>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>;

    /// Settles the extensions of a call.
    fn settle<P, S, R, A, M>(
        handle: &Self::Handle<P>,
        mode: M,
        args: A,
    ) -> SettledCall<Called, P, S, R, A, M>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R>,
        M: SettleMode<S, R, A>;

    /// Runs `work` inside the wrappers of a call with this fold.
    fn around<P, S, R, A, F, W>(handle: &Self::Handle<P>, args: A, work: W) -> S::Lift<F::Success>
    where
        P: TakesWork,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
        HostFn<W>: AsWork<P>;

    /// Does the same in a guarded call.
    fn try_around<P, S, R, A, F, W>(
        handle: &Self::Handle<P>,
        args: A,
        work: W,
    ) -> Result<F::Success, CallError<S::Error>>
    where
        P: TakesWork,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
        HostFn<W>: AsWork<P>;
}
