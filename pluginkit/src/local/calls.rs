//! The calls of a local manager, but for those that are remembered.

use std::iter::FusedIterator;
use std::marker::PhantomData;

use crate::base::sealed::Sealed;
use crate::call::CallError;
use crate::call::arguments::{Arguments, WrapArguments};
use crate::call::around::{AsWork, CalledHost, HostFn, TakesWork, released};
use crate::call::caller::Dispatch;
use crate::call::dispatch::{DispatchKind, MakesCalls};
use crate::call::fast::HAS_FAST_PATH;
use crate::call::fold::Fold;
use crate::call::local::{LocalChain, run_fast_local};
use crate::call::outcome::Outcome;
use crate::call::settle::{SettleMode, SettledCall};
use crate::call::typed::{Called, TypedCall};
use crate::local::chain::Chain;
use crate::local::handle::LocalHandle;
use crate::local::iter::Iter;
use crate::local::slot::Snapshot;
use crate::local::{guard, settle};
use crate::spec::point::PointTypes;
use crate::spec::returns::{Returns, Threaded};

/// The kind of calls of a [`LocalPluginManager`](crate::LocalPluginManager).
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Local<'p>(PhantomData<&'p ()>);

impl Sealed for Local<'_> {}

impl<'p> DispatchKind for Local<'p> {
    type Handle<P> = LocalHandle<'p, P>;
}

#[doc(hidden)]
impl<'p, P: PointTypes> Dispatch<'_, P, Local<'p>> {
    pub fn results<S, R, A>(&self, args: A) -> impl FusedIterator<Item = Threaded<S, R>> + use<'p, P, S, R, A>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        Iter::<S, R, P, A>::new(self.0.view.load(), args)
    }
}

impl<'p> MakesCalls for Local<'p> {
    #[inline]
    fn call<P, S, R, A, F>(handle: &LocalHandle<'p, P>, args: A) -> S::Lift<F::Success>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let snapshot = handle.view.load();
        let outcome = if HAS_FAST_PATH && snapshot.is_plain(P::INFO) {
            let extensions = snapshot.all.iter().map(|each| &each.contribution.object);
            run_fast_local::<P, S, R, A, F>(extensions, snapshot.has_default, args)
        } else {
            slow::<P, S, R, A, F>(&snapshot, args)
        };
        // Plugins that were unregistered meanwhile are dropped while the outcome is in a variable that contains it.
        drop(snapshot);
        outcome.into_inner()
    }

    fn try_call<P, S, R, A, F>(
        handle: &LocalHandle<'p, P>,
        args: A,
    ) -> Result<F::Success, CallError<S::Error>>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
        let ended = guard::run(&handle.view, &mut call, None);
        let outcome = call.into_outcome();
        ended.into_result(P::INFO, || S::lower(outcome.into_inner()))
    }

    fn settle<P, S, R, A, M>(
        handle: &LocalHandle<'p, P>,
        mode: M,
        args: A,
    ) -> SettledCall<Called, P, S, R, A, M>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R>,
        M: SettleMode<S, R, A>,
    {
        let mut call = SettledCall::new(mode, args);
        settle::settle(&handle.view, &mut call.step());
        call
    }

    fn around<P, S, R, A, F, W>(handle: &LocalHandle<'p, P>, args: A, work: W) -> S::Lift<F::Success>
    where
        P: TakesWork,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
        HostFn<W>: AsWork<P>,
    {
        let work = HostFn::new(work);
        let host = CalledHost::<P, W>::new(&work);
        let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
        let snapshot = handle.view.load();
        Chain { snapshot: &snapshot, blame: None, host: Some(&host) }.run_from(0, &mut call);
        let outcome = call.into_outcome();
        // Dropped while the outcome is in a variable that contains its destructor.
        drop(snapshot);
        drop(host);
        drop(work);
        outcome.into_inner()
    }

    fn try_around<P, S, R, A, F, W>(
        handle: &LocalHandle<'p, P>,
        args: A,
        work: W,
    ) -> Result<F::Success, CallError<S::Error>>
    where
        P: TakesWork,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
        HostFn<W>: AsWork<P>,
    {
        let work = HostFn::new(work);
        let host = CalledHost::<P, W>::new(&work);
        let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
        let ended = guard::run(&handle.view, &mut call, Some(&host));
        let outcome = call.into_outcome();
        let result = ended.into_result(P::INFO, || S::lower(outcome.into_inner()));
        drop(host);
        released(work, P::INFO, result, F::discard)
    }
}

/// Makes a call that has wrappers or predicates.
#[inline(never)]
fn slow<P, S, R, A, F>(snapshot: &Snapshot<'_>, args: A) -> Outcome<S, R, F::Success>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
    Chain { snapshot, blame: None, host: None }.run_from(0, &mut call);
    call.into_outcome()
}
