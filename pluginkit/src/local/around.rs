//! Work of the host inside the wrappers of a point of a local manager: `call_around`.

use crate::call::CallError;
use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::call::around::{AsWork, CalledHost, HostFn, TakesWork, released};
use crate::call::fold::{Collect, First, Fold, Thread, ThreadOptional};
use crate::call::hand_on::{HandOn, Handed};
use crate::call::local::LocalChain;
use crate::call::reduce::{ReducedBy, ReducingWith};
use crate::call::typed::{Called, TypedCall};
use crate::local::chain::Chain;
use crate::local::guard;
use crate::local::handle::LocalDispatch;
use crate::spec::handover::Handover;
use crate::spec::reduce::Reducer;
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

#[expect(clippy::missing_errors_doc, reason = "the twins of a `Dispatch` have the documentation")]
impl<P: TakesWork> LocalDispatch<'_, '_, P> {
    /// Runs `work` inside the wrappers of a call with this fold.
    fn around<S, R, A, F, W>(&self, args: A, work: W) -> S::Lift<F::Success>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
        HostFn<W>: AsWork<P>,
    {
        let work = HostFn::new(work);
        let host = CalledHost::<P, W>::new(&work);
        let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
        let snapshot = self.0.view.load();
        Chain { snapshot: &snapshot, blame: None, host: Some(&host) }.run_from(0, &mut call);
        let outcome = call.into_outcome();
        // Dropped while the outcome is in a variable that contains its destructor.
        drop(snapshot);
        drop(host);
        drop(work);
        outcome.into_inner()
    }

    /// Does the same in a guarded call.
    fn try_around<S, R, A, F, W>(&self, args: A, work: W) -> Result<F::Success, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
        HostFn<W>: AsWork<P>,
    {
        let work = HostFn::new(work);
        let host = CalledHost::<P, W>::new(&work);
        let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
        let ended = guard::run(&self.0.view, &mut call, Some(&host));
        let outcome = call.into_outcome();
        let result = ended.into_result(P::INFO, || S::lower(outcome.into_inner()));
        drop(host);
        released(work, P::INFO, result, F::discard)
    }

    pub fn collect_around<S, R, A, W>(&self, args: A, work: W) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        self.around::<S, R, A, Collect<S::Item>, W>(args, work)
    }

    pub fn try_collect_around<S, R, A, W>(&self, args: A, work: W) -> Result<S::All, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        self.try_around::<S, R, A, Collect<S::Item>, W>(args, work)
    }

    pub fn first_around<S, R, A, W>(&self, args: A, work: W) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        self.around::<S, R, A, First<S::Item>, W>(args, work)
    }

    pub fn try_first_around<S, R, A, W>(
        &self,
        args: A,
        work: W,
    ) -> Result<Option<S::Item>, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        self.try_around::<S, R, A, First<S::Item>, W>(args, work)
    }

    pub fn thread_around<S, R, A, W>(&self, args: A, work: W) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        HostFn<W>: AsWork<P>,
    {
        self.around::<S, R, A, Thread<S::Item>, W>(args, work)
    }

    pub fn try_thread_around<S, R, A, W>(&self, args: A, work: W) -> Result<S::Item, CallError<S::Error>>
    where
        S: Always<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        HostFn<W>: AsWork<P>,
    {
        self.try_around::<S, R, A, Thread<S::Item>, W>(args, work)
    }

    pub fn thread_optional_around<S, R, A, W>(&self, args: A, work: W) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        HostFn<W>: AsWork<P>,
    {
        self.around::<S, R, A, ThreadOptional<S::Item>, W>(args, work)
    }

    pub fn try_thread_optional_around<S, R, A, W>(
        &self,
        args: A,
        work: W,
    ) -> Result<S::Item, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        HostFn<W>: AsWork<P>,
    {
        self.try_around::<S, R, A, ThreadOptional<S::Item>, W>(args, work)
    }

    pub fn hand_on_around<S, R, A, W>(&self, args: A, work: W) -> Threaded<S, R>
    where
        S: Always<R>,
        S::Item: Handover,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        self.around::<S, R, A, HandOn<S::Item>, W>(args, work)
    }

    pub fn try_hand_on_around<S, R, A, W>(&self, args: A, work: W) -> Result<S::Item, CallError<S::Error>>
    where
        S: Always<R>,
        S::Item: Handover,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        self.try_around::<S, R, A, HandOn<S::Item>, W>(args, work)
    }

    pub fn reduce_around<D, S, R, A, W>(&self, args: A, work: W) -> S::Lift<ReducedBy<D, S, R>>
    where
        S: Returns<R>,
        D: Reducer<S::Item>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<ReducedBy<D, S, R>>>,
        HostFn<W>: AsWork<P>,
    {
        self.around::<S, R, A, ReducingWith<D, S, R>, W>(args, work)
    }

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
        self.try_around::<S, R, A, ReducingWith<D, S, R>, W>(args, work)
    }
}
