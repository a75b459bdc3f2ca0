//! Collecting calls that run their extensions concurrently.

use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;

use crate::base::drops::{DropPanic, Gathered};
use crate::call::CallError;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments};
use crate::call::asynchronous::beside::run_beside;
use crate::call::asynchronous::guard::guard;
use crate::call::asynchronous::in_span::InSpan;
use crate::call::asynchronous::next::{Left, run_if_wrapped};
use crate::call::asynchronous::within::Within;
use crate::call::chain::Chain;
use crate::call::fold::{Collect, Flow, Fold, Gather};
use crate::call::guard::{GuardedSnapshot, conclude_call};
use crate::call::outcome::Outcome;
use crate::call::trace::Tracer;
use crate::call::typed::{Awaited, TypedCall, missing_args};
use crate::erased::driven::{Driven, Lent, Poller};
use crate::registry::Snapshot;
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::Returns;

/// The results of a call whose extensions run at the same time.
pub(super) trait AtOnce<S: Returns<R>, R>: Gather<S, R> {
    /// The items that have arrived.
    type Arrived;

    /// Whether the items can end the call, so that a failure counts only when all before it have arrived. Otherwise, the
    /// first failure that arrives ends the call.
    const ENDS_CALLS: bool;

    /// Starts a call of `extensions` extensions.
    fn expect(extensions: usize) -> Self::Arrived;

    /// Takes in the item of the extension at `index`; `None` if it has none, or does not run.
    fn arrive(arrived: &mut Self::Arrived, index: usize, item: Option<S::Item>) -> Flow;

    /// Returns the number of extensions that count in a call that the items have ended: the first ones.
    fn counted(arrived: &Self::Arrived) -> usize;

    /// Takes the items of extensions that do not count, with the indices of those.
    fn behind(arrived: &mut Self::Arrived) -> Vec<(usize, S::Item)>;

    /// Returns the result of the call.
    fn conclude(arrived: Self::Arrived) -> Self::Success;
}

impl<S: Returns<R>, R> AtOnce<S, R> for Collect<S::Item> {
    type Arrived = Gathered<Option<S::Item>>;

    const ENDS_CALLS: bool = false;

    fn expect(extensions: usize) -> Gathered<Option<S::Item>> {
        let mut items = Gathered(Vec::new());
        items.0.resize_with(extensions, || None);
        items
    }

    #[inline]
    fn arrive(items: &mut Gathered<Option<S::Item>>, index: usize, item: Option<S::Item>) -> Flow {
        items.0[index] = item;
        Flow::Next
    }

    fn counted(items: &Gathered<Option<S::Item>>) -> usize {
        items.0.len()
    }

    fn behind(_: &mut Gathered<Option<S::Item>>) -> Vec<(usize, S::Item)> {
        Vec::new()
    }

    fn conclude(items: Gathered<Option<S::Item>>) -> S::All {
        S::all(items.into_vec().into_iter().flatten().collect())
    }
}

/// Makes a call whose extensions run at the same time, up to `limit`, and reports it to its observers, if it has any.
pub(super) async fn call_concurrently<P, S, R, A, F>(
    snapshot: &Snapshot,
    args: A,
    limit: NonZeroUsize,
) -> S::Lift<F::Success>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A> + AtOnce<S, R>,
{
    let tracer = Tracer::of(snapshot, P::INFO);
    let left = Left::all(Chain::new(snapshot, tracer.as_ref())).concurrent(limit);
    let run = run_concurrently::<P, S, R, A, F>(left, args, limit);
    match &tracer {
        None => run.await,
        Some(tracer) => traced::<P, S, R, A, F>(tracer, run).await,
    }
}

/// Runs a call under its span.
async fn traced<P, S, R, A, F>(
    tracer: &Tracer<'_>,
    run: impl Future<Output = S::Lift<F::Success>>,
) -> S::Lift<F::Success>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    let span = tracer.call();
    let mut work = pin!(Some(run));
    let outcome = InSpan::new(Some(&span), work.as_mut()).await;
    // Kept in a variable that contains its destructor, while observers see the end.
    let outcome = Outcome::<S, R, F::Success>::new(outcome, F::discard);
    span.end(outcome.get().and_then(A::outcome_error_text).as_deref());
    outcome.into_inner()
}

/// Makes a guarded call whose extensions run at the same time, up to `limit`.
///
/// # Errors
///
/// Returns the failure of the call.
pub(super) async fn try_concurrently<P, S, R, A, F>(
    loaded: Result<GuardedSnapshot<Arc<Snapshot>>, DropPanic>,
    args: A,
    limit: NonZeroUsize,
) -> Result<F::Success, CallError<S::Error>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A> + AtOnce<S, R>,
{
    let loaded = loaded.map_err(|panic| CallError::dropped(&panic, P::INFO))?;
    let (conclusion, mut outcome) = {
        let tracer = Tracer::timed(&loaded.snapshot, P::INFO).under_policy(&loaded.snapshot);
        let left = Left::all(Chain::new(&loaded.snapshot, Some(&tracer))).concurrent(limit);
        let run = run_concurrently::<P, S, R, A, F>(left, args, limit);
        let work = Within::of(&loaded.snapshot).call(traced::<P, S, R, A, F>(&tracer, run));
        let (ran, outcome) = match guard(&tracer, None, work).await {
            Ok(outcome) => (Ok(()), Some(outcome)),
            Err(stopped) => (Err(stopped), None),
        };
        let mut outcome = Outcome::<S, R, F::Success>::of(outcome, F::discard);
        (conclude_call(&tracer, ran, &mut outcome), outcome)
    };
    let conclusion = loaded.conclude(conclusion, &mut outcome);
    conclusion.into_result::<P, S, R, _, A>(outcome)
}

/// Runs the next wrapper around the rest of a concurrent call or, if none is left, the extensions.
pub(super) async fn run_concurrently<P, S, R, A, F>(
    left: Left<'_>,
    args: A,
    limit: NonZeroUsize,
) -> S::Lift<F::Success>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A> + AtOnce<S, R>,
{
    let _in_rest = Tracer::in_rest(left.chain.tracer, left.chain.branch, left.depth);
    let mut call = TypedCall::<Awaited, P, S, R, A, F>::new(args);
    if Driven::new(&mut Lent::new(&mut call, &mut Poller::default()), |call| run_if_wrapped(left, call)).await
    {
        return call.results.take_outcome();
    }
    let Some(args) = call.args.take() else { missing_args() };
    drop(call);
    run_beside::<P, S, R, A, F>(left.chain, args, limit).await
}
