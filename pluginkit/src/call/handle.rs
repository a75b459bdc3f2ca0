//! Calls that return their outcome, by a [`Dispatch`]: in each mode, and as a sync manager makes them.

use std::marker::PhantomData;

use crate::base::kind::Synchronous;
use crate::call::CallError;
use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::call::around::{AsWork, CalledHost, HostFn, TakesWork, released, run_around};
use crate::call::caller::{Dispatch, Handle};
use crate::call::chain::{Chain, Clearing, WrapErased, end_outcome};
use crate::call::dispatch::{MakesCalls, SyncKind};
use crate::call::fast::{HAS_FAST_PATH, run_fast};
use crate::call::fold::{Collect, First, Fold, Thread, ThreadOptional};
use crate::call::next::Around;
use crate::call::outcome::Outcome;
use crate::call::settle::{EachSettled, FirstSettled, SettleMode, SettledCall, ThreadSettled, settle_all};
use crate::call::trace::{Span, Tracer};
use crate::call::typed::{Called, Results, TypedCall};
use crate::call::view::View;
use crate::call::{Piped, Settled};
use crate::registry::Snapshot;
use crate::spec::point::PointInfo;
use crate::spec::point::PointTypes;
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

impl<P: PointTypes, K: SyncKind> Dispatch<'_, P, K> {
    /// Makes a collecting call.
    #[inline]
    pub fn collect<S, R, A>(&self, args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
    {
        K::call::<P, S, R, A, Collect<S::Item>>(self.0, args)
    }

    /// Makes a firstresult call.
    #[inline]
    pub fn first<S, R, A>(&self, args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
    {
        K::call::<P, S, R, A, First<S::Item>>(self.0, args)
    }

    /// Calls a pipeline of extensions that always return the next value.
    #[inline]
    pub fn thread<S, R, A>(&self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        K::call::<P, S, R, A, Thread<S::Item>>(self.0, args)
    }

    /// Calls a pipeline of extensions that may abstain.
    #[inline]
    pub fn thread_optional<S, R, A>(&self, args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        K::call::<P, S, R, A, ThreadOptional<S::Item>>(self.0, args)
    }

    /// Makes a guarded collecting call: after an error, a panic or a timeout, the call returns an error that names the
    /// plugin.
    ///
    /// A sync call cannot be interrupted: an implementation that exceeds its time limit runs to its end, and the call
    /// reports it then.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_collect<S, R, A>(&self, args: A) -> Result<S::All, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
    {
        K::try_call::<P, S, R, A, Collect<S::Item>>(self.0, args)
    }

    /// Makes a guarded firstresult call, like [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_first<S, R, A>(&self, args: A) -> Result<Option<S::Item>, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
    {
        K::try_call::<P, S, R, A, First<S::Item>>(self.0, args)
    }

    /// Makes a guarded call of a pipeline of extensions that always return the next value, like
    /// [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_thread<S, R, A>(&self, args: A) -> Result<S::Item, CallError<S::Error>>
    where
        S: Always<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        K::try_call::<P, S, R, A, Thread<S::Item>>(self.0, args)
    }

    /// Makes a guarded call of a pipeline of extensions that may abstain, like [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_thread_optional<S, R, A>(&self, args: A) -> Result<S::Item, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        K::try_call::<P, S, R, A, ThreadOptional<S::Item>>(self.0, args)
    }

    /// Runs every extension and returns the result of each. A failure does not stop the other extensions.
    ///
    /// Wrappers take no part.
    pub fn settle<S, R, A>(&self, args: A) -> Vec<Settled<S::Value, S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        K::settle::<P, S, R, A, _>(self.0, EachSettled, args).into_settled()
    }

    /// Runs extensions until one answers, and returns the result of each extension that ran.
    ///
    /// Wrappers take no part.
    pub fn settle_first<S, R, A>(&self, args: A) -> Vec<Settled<S::Value, S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        K::settle::<P, S, R, A, _>(self.0, FirstSettled, args).into_settled()
    }

    /// Passes the running value through every extension. An extension that fails leaves the value unchanged.
    ///
    /// Wrappers take no part.
    pub fn settle_threaded<S, R, A>(&self, args: A) -> Piped<S::Item, S::Value, S::Error>
    where
        S: Returns<R>,
        S::Item: Clone,
        A: Arguments<P, R> + ThreadedArguments<S::Item>,
    {
        K::settle::<P, S, R, A, _>(self.0, ThreadSettled::new(P::INFO), args).into_piped()
    }
}

impl MakesCalls for Synchronous {
    #[inline]
    fn call<P, S, R, A, F>(handle: &Handle<P>, args: A) -> S::Lift<F::Success>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        if HAS_FAST_PATH {
            call_fast::<P, S, R, A, F>(handle, args)
        } else {
            call_slow::<P, S, R, A, F>(handle, args)
        }
    }

    fn try_call<P, S, R, A, F>(handle: &Handle<P>, args: A) -> Result<F::Success, CallError<S::Error>>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let loaded = handle.view.load_guarded();
        let loaded = loaded.map_err(|panic| CallError::dropped(&panic, P::INFO))?;
        if HAS_FAST_PATH && loaded.snapshot.guards_plainly(P::INFO) {
            return loaded.run_fast::<P, S, R, A, F>(args);
        }
        let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
        let conclusion = loaded.run(P::INFO, &mut call, None);
        conclusion.into_result::<P, S, R, _, A>(call.into_outcome())
    }

    fn settle<P, S, R, A, M>(handle: &Handle<P>, mode: M, args: A) -> SettledCall<Called, P, S, R, A, M>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R>,
        M: SettleMode<S, R, A>,
    {
        let mut call = SettledCall::new(mode, args);
        settle_all(handle.view.load_guarded(), P::INFO, &mut call.step());
        call
    }

    fn around<P, S, R, A, F, W>(handle: &Handle<P>, args: A, work: W) -> S::Lift<F::Success>
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
        run_around(&handle.view, P::INFO, &host, &mut call);
        let outcome = call.into_outcome();
        drop(host);
        // Dropped while the outcome is in a variable that contains its destructor.
        drop(work);
        outcome.into_inner()
    }

    fn try_around<P, S, R, A, F, W>(
        handle: &Handle<P>,
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
        let (point, work) = (P::INFO, HostFn::new(work));
        let loaded = handle.view.load_guarded().map_err(|panic| CallError::dropped(&panic, point))?;
        let host = CalledHost::<P, W>::new(&work);
        let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
        let conclusion = loaded.run(point, &mut call, Some(&host));
        let result = conclusion.into_result::<P, S, R, _, A>(call.into_outcome());
        drop(host);
        released(work, point, result, F::discard)
    }
}

fn call_slow<P, S, R, A, F>(handle: &Handle<P>, args: A) -> S::Lift<F::Success>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    // Not by `new`, which an unoptimised build would compile for each point.
    let mut call =
        TypedCall::<Called, P, S, R, A, F> { results: Results::EMPTY, args: Some(args), kind: PhantomData };
    run(&handle.view, P::INFO, &mut call);
    call.results.take_outcome()
}

#[inline]
fn call_fast<P, S, R, A, F>(handle: &Handle<P>, args: A) -> S::Lift<F::Success>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    let snapshot = handle.view.load();
    // A destructor may panic at the end. The compiler then drops a variable, but leaks a value that is being returned.
    let outcome = if snapshot.plain {
        run_fast::<P, S, R, A, F>(&Chain::new(&snapshot, None), args)
    } else {
        slow::<P, S, R, A, F>(&snapshot, args)
    };
    drop(snapshot);
    outcome.into_inner()
}

/// Makes a call that has wrappers, predicates or observers.
#[cold]
#[inline(never)]
fn slow<P, S, R, A, F>(snapshot: &Snapshot, args: A) -> Outcome<S, R, F::Success>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    if snapshot.observers.is_none() {
        let outcome = Around::<P>::new(&Chain::new(snapshot, None)).all().run::<S, R, A, F>(args);
        return Outcome::new(outcome, F::discard);
    }
    let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
    run_observed(snapshot, P::INFO, &mut call);
    call.into_outcome()
}

/// Runs a call on the snapshot of this moment.
///
/// Calls may nest a thousand deep. So it has few variables.
fn run(view: &View, point: &'static PointInfo, call: &mut dyn WrapErased) {
    let mut call = Clearing::new(call);
    let snapshot = view.load();
    if snapshot.observers.is_some() {
        run_observed(&snapshot, point, call.call);
    } else if snapshot.plain {
        Chain::new(&snapshot, None).run_plainly(call.call);
    } else {
        Chain::new(&snapshot, None).run_from(0, call.call);
    }
    call.end();
}

/// Runs a call and reports it to its observers.
fn run_observed(snapshot: &Snapshot, point: &'static PointInfo, call: &mut dyn WrapErased) {
    let tracer = Tracer::of(snapshot, point);
    let mut span = tracer.as_ref().map(Tracer::call);
    let mut call = Clearing::new(call);
    Span::inside(span.as_ref(), || Chain::new(snapshot, tracer.as_ref()).run_from(0, call.call));
    end_outcome(&mut span, call.call);
    call.end();
}
