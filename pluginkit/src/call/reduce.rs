//! [`Reducing`]: collecting calls with a reducer.
#![forbid(unsafe_code)]

use std::any::Any;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::base::drops::{contain, dispose};
use crate::call::CallError;
use crate::call::Rest;
use crate::call::arguments::{Arguments, WrapArguments};
use crate::call::around::{AsWork, HostFn, TakesWork};
use crate::call::caller::Dispatch;
use crate::call::dispatch::SyncKind;
use crate::call::fold::{Flow, Fold, Gather};
use crate::spec::point::PointTypes;
use crate::spec::reduce::{Reduce, Reduced, Reducer, RunningReducer};
use crate::spec::returns::Returns;

/// The reducer of a call that folds the items of the reading `S` with `D`.
pub(crate) type ReducingWith<D, S, R> = Reducing<RunningReducer<D, <S as Returns<R>>::Item>>;

/// What a call with the reducer `D` returns.
pub(crate) type ReducedBy<D, S, R> = Reduced<D, <S as Returns<R>>::Item>;

/// The reducer of a collecting call. It is code of the host.
pub(crate) struct Reducing<D> {
    /// Started by the first item.
    reducer: Option<D>,
    /// The panic of the reducer, which ends the call.
    panic: Option<Box<dyn Any + Send>>,
}

impl<D: Reduce> Reducing<D> {
    pub(crate) const NEW: Self = Self { reducer: None, panic: None };

    /// Takes in an item. A panic of the reducer is kept until the call ends, as no extension has raised it.
    #[inline]
    pub(crate) fn take_item(&mut self, item: D::Item) -> Flow {
        let reducer = &mut self.reducer;
        match catch_unwind(AssertUnwindSafe(|| reducer.get_or_insert_with(D::start).take(item))) {
            Ok(ControlFlow::Continue(())) => Flow::Next,
            Ok(ControlFlow::Break(())) => Flow::Done,
            Err(panic) => {
                self.panic = Some(panic);
                Flow::Done
            }
        }
    }

    /// Returns the outcome.
    ///
    /// # Panics
    ///
    /// Panics if the reducer has panicked.
    #[inline]
    pub(crate) fn outcome(mut self) -> D::Output {
        if let Some(panic) = self.panic.take() {
            drop(self);
            resume_unwind(panic);
        }
        self.reducer.take().unwrap_or_else(D::start).finish()
    }
}

impl<D> Drop for Reducing<D> {
    #[inline]
    fn drop(&mut self) {
        if self.reducer.is_some() {
            contain(None, &mut || self.reducer = None);
        }
        if let Some(panic) = self.panic.take() {
            dispose(panic);
        }
    }
}

impl<S, R, D> Gather<S, R> for Reducing<D>
where
    S: Returns<R>,
    D: Reduce<Item = S::Item>,
{
    type Success = D::Output;

    const IS_HOSTS: bool = true;

    #[inline]
    fn new(_: usize) -> Self {
        Self::NEW
    }

    #[inline]
    fn take(&mut self, returned: R) -> Result<Flow, S::Error> {
        Ok(match S::split(returned)? {
            Some(item) => self.take_item(item),
            None => Flow::Pass,
        })
    }

    #[inline]
    fn finish(self) -> D::Output {
        self.outcome()
    }
}

impl<S, R, A, D> Fold<S, R, A> for Reducing<D>
where
    S: Returns<R>,
    D: Reduce<Item = S::Item>,
{
}

impl<P: PointTypes, K: SyncKind> Dispatch<'_, P, K> {
    /// Makes a collecting call with the reducer `D`.
    #[inline]
    pub fn reduce<D, S, R, A>(&self, args: A) -> S::Lift<ReducedBy<D, S, R>>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        K::call::<P, S, R, A, ReducingWith<D, S, R>>(self.0, args)
    }

    /// Makes a guarded collecting call with the reducer `D`, like [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call. A panic of the reducer names no plugin.
    pub fn try_reduce<D, S, R, A>(&self, args: A) -> Result<ReducedBy<D, S, R>, CallError<S::Error>>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        K::try_call::<P, S, R, A, ReducingWith<D, S, R>>(self.0, args)
    }
}

impl<P: PointTypes> Rest<'_, P> {
    /// Runs the rest of a collecting call with the reducer `D`.
    #[inline]
    pub fn reduce<D, S, R, A>(self, args: A) -> S::Lift<ReducedBy<D, S, R>>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        self.run::<S, R, A, ReducingWith<D, S, R>>(args)
    }
}

impl<P: TakesWork, K: SyncKind> Dispatch<'_, P, K> {
    /// Runs `work` inside the wrappers of a call with the reducer `D`.
    pub fn reduce_around<D, S, R, A, W>(&self, args: A, work: W) -> S::Lift<ReducedBy<D, S, R>>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
        HostFn<W>: AsWork<P>,
    {
        K::around::<P, S, R, A, ReducingWith<D, S, R>, W>(self.0, args, work)
    }

    /// Runs `work` inside the wrappers of a guarded call with the reducer `D`.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_reduce_around<D, S, R, A, W>(
        &self,
        args: A,
        work: W,
    ) -> Result<ReducedBy<D, S, R>, CallError<S::Error>>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
        HostFn<W>: AsWork<P>,
    {
        K::try_around::<P, S, R, A, ReducingWith<D, S, R>, W>(self.0, args, work)
    }
}
