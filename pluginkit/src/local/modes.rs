//! Calls of a local manager whose extensions hand an argument on, and calls with a reducer.

use crate::call::CallError;
use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::call::hand_on::{HandOn, Handed};
use crate::call::reduce::{ReducedBy, ReducingWith};
use crate::local::handle::LocalDispatch;
use crate::spec::handover::Handover;
use crate::spec::point::PointTypes;
use crate::spec::reduce::Reducer;
use crate::spec::returns::{Always, Returns, Threaded};

#[expect(clippy::missing_errors_doc, reason = "the twins of a `Dispatch` have the documentation")]
impl<P: PointTypes> LocalDispatch<'_, '_, P> {
    #[inline]
    pub fn hand_on<S, R, A>(&self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        S::Item: Handover,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
    {
        self.call::<S, R, A, HandOn<S::Item>>(args)
    }

    pub fn try_hand_on<S, R, A>(&self, args: A) -> Result<S::Item, CallError<S::Error>>
    where
        S: Always<R>,
        S::Item: Handover,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
    {
        self.try_call::<S, R, A, HandOn<S::Item>>(args)
    }

    #[inline]
    pub fn reduce<D, S, R, A>(&self, args: A) -> S::Lift<ReducedBy<D, S, R>>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        self.call::<S, R, A, ReducingWith<D, S, R>>(args)
    }

    pub fn try_reduce<D, S, R, A>(&self, args: A) -> Result<ReducedBy<D, S, R>, CallError<S::Error>>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        self.try_call::<S, R, A, ReducingWith<D, S, R>>(args)
    }
}
