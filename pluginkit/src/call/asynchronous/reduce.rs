//! Async collecting calls with a reducer.

use std::mem;

use futures_util::future::Either;

use crate::base::drops::Gathered;
use crate::base::kind::Asynchronous;
use crate::call::CallError;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments};
use crate::call::asynchronous::around::{AsAsyncWork, AsyncHostFn, TakesAsyncWork};
use crate::call::asynchronous::concurrent::{AtOnce, run_concurrently};
use crate::call::asynchronous::next::AsyncRest;
use crate::call::caller::Dispatch;
use crate::call::fold::Flow;
use crate::call::reduce::{ReducedBy, Reducing, ReducingWith};
use crate::spec::point::AsyncPointTypes;
use crate::spec::reduce::{Reduce, Reducer};
use crate::spec::returns::Returns;

/// A reducer, and the items that have arrived before earlier ones in call order.
pub(super) struct InOrder<D: Reduce> {
    /// One for each extension.
    arrived: Gathered<Arrival<D::Item>>,
    /// The first extension whose item was not reduced.
    next: usize,
    reducing: Reducing<D>,
}

/// What an extension has returned.
enum Arrival<T> {
    /// Nothing yet, or its item was reduced.
    None,
    /// No item.
    Abstention,
    Item(T),
}

impl<S, R, D> AtOnce<S, R> for Reducing<D>
where
    S: Returns<R>,
    D: Reduce<Item = S::Item>,
{
    type Arrived = InOrder<D>;

    const ENDS_CALLS: bool = true;

    fn expect(extensions: usize) -> InOrder<D> {
        let mut arrived = Gathered(Vec::new());
        arrived.0.resize_with(extensions, || Arrival::None);
        InOrder { arrived, next: 0, reducing: Self::NEW }
    }

    fn arrive(so_far: &mut InOrder<D>, index: usize, item: Option<S::Item>) -> Flow {
        let InOrder { arrived, next, reducing } = so_far;
        arrived.0[index] = item.map_or(Arrival::Abstention, Arrival::Item);
        while let Some(each) = arrived.0.get_mut(*next) {
            let flow = match mem::replace(each, Arrival::None) {
                Arrival::None => break,
                Arrival::Abstention => Flow::Next,
                Arrival::Item(item) => reducing.take_item(item),
            };
            *next += 1;
            if flow == Flow::Done {
                return Flow::Done;
            }
        }
        Flow::Next
    }

    fn counted(so_far: &InOrder<D>) -> usize {
        so_far.next
    }

    fn behind(so_far: &mut InOrder<D>) -> Vec<(usize, S::Item)> {
        let arrived = mem::replace(&mut so_far.arrived, Gathered(Vec::new())).into_vec().into_iter();
        let items = arrived.enumerate().filter_map(|(index, arrival)| match arrival {
            Arrival::Item(item) => Some((index, item)),
            Arrival::None | Arrival::Abstention => None,
        });
        items.collect()
    }

    fn conclude(so_far: InOrder<D>) -> D::Output {
        so_far.reducing.outcome()
    }
}

impl<P: AsyncPointTypes> Dispatch<'_, P, Asynchronous> {
    /// Makes a collecting call with the reducer `D`.
    pub fn reduce<D, S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = S::Lift<ReducedBy<D, S, R>>> + use<P, D, S, R, A>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        self.call::<S, R, A, ReducingWith<D, S, R>>(args)
    }

    /// Makes a guarded collecting call with the reducer `D`, like [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call. A panic of the reducer names no plugin.
    pub fn try_reduce<D, S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Result<ReducedBy<D, S, R>, CallError<S::Error>>> + use<P, D, S, R, A>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        self.try_call::<S, R, A, ReducingWith<D, S, R>>(args)
    }

    /// Makes a collecting call with the reducer `D`, and waits for it, like
    /// [`collect_blocking`](Self::collect_blocking).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call, [`CallError::InAsyncCode`] in async code, or [`CallError::NoRuntime`] if no
    /// runtime could be created.
    #[cfg(feature = "tokio")]
    pub fn reduce_blocking<D, S, R, A>(&self, args: A) -> Result<ReducedBy<D, S, R>, CallError<S::Error>>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        self.call_blocking::<S, R, A, ReducingWith<D, S, R>>(args)
    }

    /// Makes a collecting call that runs its extensions concurrently, with the reducer `D`.
    ///
    /// The reducer takes the items in call order. If it ends the call, extensions that still run are dropped.
    pub fn reduce_concurrent<D, S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = S::Lift<ReducedBy<D, S, R>>> + use<P, D, S, R, A>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        self.call_at_once::<S, R, A, ReducingWith<D, S, R>>(args)
    }
}

impl<P: AsyncPointTypes> Dispatch<'_, P, Asynchronous> {
    /// Makes a guarded collecting call that runs its extensions concurrently, with the reducer `D`.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call: the first in call order.
    pub fn try_reduce_concurrent<D, S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Result<ReducedBy<D, S, R>, CallError<S::Error>>> + use<P, D, S, R, A>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        self.try_call_at_once::<S, R, A, ReducingWith<D, S, R>>(args)
    }
}

impl<'n, P: AsyncPointTypes> AsyncRest<'n, P> {
    /// Runs the rest of a collecting call with the reducer `D`.
    #[inline]
    pub fn reduce<D, S, R, A>(
        self,
        args: A,
    ) -> impl Future<Output = S::Lift<ReducedBy<D, S, R>>> + use<'n, P, D, S, R, A>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
    {
        match self.concurrency() {
            None => Either::Left(self.run::<S, R, A, ReducingWith<D, S, R>>(args)),
            Some(limit) => {
                let run = run_concurrently::<P, S, R, A, ReducingWith<D, S, R>>(self.left(), args, limit);
                Either::Right(Box::pin(run))
            }
        }
    }
}

impl<P: TakesAsyncWork> Dispatch<'_, P, Asynchronous> {
    /// Runs `work` inside the wrappers of a call with the reducer `D`.
    pub fn reduce_around<'f, D, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = S::Lift<ReducedBy<D, S, R>>> + use<'f, P, D, S, R, A, H, W>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.around::<S, R, A, ReducingWith<D, S, R>, H, W>(args, host, work)
    }

    /// Runs `work` inside the wrappers of a guarded call with the reducer `D`.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_reduce_around<'f, D, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Result<ReducedBy<D, S, R>, CallError<S::Error>>> + use<'f, P, D, S, R, A, H, W>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.try_around::<S, R, A, ReducingWith<D, S, R>, H, W>(args, host, work)
    }
}
