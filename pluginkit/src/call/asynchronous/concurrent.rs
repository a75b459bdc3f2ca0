//! Collecting calls that run their extensions concurrently.

use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::base::drops::{Foreign, Gathered, scope};
use crate::base::name::PluginId;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments};
use crate::call::asynchronous::extension::run_in_span;
use crate::call::asynchronous::in_span::InSpan;
use crate::call::asynchronous::next::{Left, run_if_wrapped};
use crate::call::asynchronous::permits::Permits;
use crate::call::asynchronous::typed::offload;
use crate::call::chain::{self, Chain};
use crate::call::fold::{Collect, Flow, Fold, Gather};
use crate::call::outcome::Outcome;
use crate::call::trace::{Span, Tracer};
use crate::call::typed::{Accepts, Awaited, TypedCall, missing_args};
use crate::erased::driven::{Driven, Lent, Poller};
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
use crate::observe::observer::{Observers, report};
use crate::plugin::implementation::{Implementation, Run};
use crate::registry::Snapshot;
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::Returns;

/// The results of a call whose extensions run at the same time.
pub(super) trait AtOnce<S: Returns<R>, R>: Gather<S, R> {
    /// The items that have arrived.
    type Arrived;

    /// Starts a call of `extensions` extensions.
    fn expect(extensions: usize) -> Self::Arrived;

    /// Takes in the item of the extension at `index`; `None` if it has none, or does not run.
    fn arrive(arrived: &mut Self::Arrived, index: usize, item: Option<S::Item>) -> Flow;

    /// Returns the result of the call.
    fn conclude(arrived: Self::Arrived) -> Self::Success;
}

impl<S: Returns<R>, R> AtOnce<S, R> for Collect<S::Item> {
    type Arrived = Gathered<Option<S::Item>>;

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

    fn conclude(items: Gathered<Option<S::Item>>) -> S::All {
        S::all(items.into_vec().into_iter().flatten().collect())
    }
}

/// Starts an extension while others run; `None` if it is called, not awaited.
fn start<'w, P, R, A>(args: &A, extension: &'w Implementation) -> Option<ExtensionFuture<'w, R>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R> + 'w,
{
    if extension.contribution.run == Run::Awaited {
        return Some(
            args.call_concurrently(extension.object().get::<P::AsyncExtension>(), FutureSlot::own()),
        );
    }
    offload::<P, R, A>(args, extension)
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
    let Some(tracer) = &tracer else { return run.await };
    let span = tracer.call();
    let mut work = pin!(Some(run));
    let outcome = InSpan::new(Some(&span), work.as_mut()).await;
    // Kept in a variable that contains its destructor, while observers see the end.
    let outcome = Outcome::<S, R, F::Success>::new(outcome, F::discard);
    span.end(outcome.get().and_then(A::outcome_error_text).as_deref());
    outcome.into_inner()
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
    fold_concurrently::<P, S, R, A, F>(left.chain, args, limit).await
}

/// Runs every extension, up to `limit` at the same time, and returns the results in call order.
///
/// The first error that arrives ends the call.
async fn fold_concurrently<P, S, R, A, F>(
    chain: Chain<'_>,
    mut args: A,
    limit: NonZeroUsize,
) -> S::Lift<F::Success>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: AtOnce<S, R>,
{
    let mut items = F::expect(chain.len());
    let (mut next, mut has_answer, mut is_over) = (0, false, false);
    // The default body runs when all others have not answered.
    let count = chain.len() - usize::from(chain.snapshot.has_default);
    let mut running = Running::new(&chain.snapshot.observers);
    loop {
        let (index, done) = if next < count && running.futures.len() < limit.get() {
            let (index, extension) = (next, &**chain.snapshot.extension(next));
            next += 1;
            let span = chain.span(chain.position(index));
            let Some(span) = chain::begin(extension, span, &|extension| Awaited::accepts(&args, extension))
            else {
                if F::arrive(&mut items, index, None) == Flow::Done {
                    is_over = true;
                    break;
                }
                continue;
            };
            let work = Span::inside(span.as_ref(), || start::<P, R, A>(&args, extension));
            let is_limited = chain.snapshot.limited;
            if work.is_some() || is_limited {
                let work = work.map(|work| Contained::new(work, extension.plugin()));
                running.futures.push(run(index, extension, is_limited, span, work, A::error_text));
                continue;
            }
            (index, Done::MayRun(extension, Permits::default(), span))
        } else {
            match running.futures.next().await {
                Some(done) => done,
                None => break,
            }
        };
        let returned = match done {
            Done::Returned(returned) => returned,
            Done::MayRun(extension, permits, span) => {
                let call = || args.call(extension.object().get::<P::Extension>(), false);
                let returned = permits.call(|| Span::inside(span.as_ref(), call));
                shown(span, returned, A::error_text)
            }
        };
        match S::split(returned) {
            Ok(item) => {
                has_answer |= item.is_some();
                if F::arrive(&mut items, index, item) == Flow::Done {
                    is_over = true;
                    break;
                }
            }
            Err(error) => {
                // Dropped while the error is in a variable that contains its destructor.
                let error = Foreign::new(error, None);
                drop(running);
                drop(items);
                return S::lift(Err(error.into_inner()));
            }
        }
    }
    drop(running);
    if count < chain.len() && !has_answer && !is_over {
        let extension = chain.snapshot.extension(count);
        let span = chain.span(chain.position(count));
        if let Some(span) = chain::begin(extension, span, &|_| true) {
            let call = || args.call(extension.object().get::<P::Extension>(), true);
            let returned = Span::inside(span.as_ref(), call);
            match S::split(shown(span, returned, A::error_text)) {
                Ok(item) => {
                    F::arrive(&mut items, count, item);
                }
                Err(error) => {
                    let error = Foreign::new(error, None);
                    drop(items);
                    return S::lift(Err(error.into_inner()));
                }
            }
        }
    }
    S::lift(Ok(F::conclude(items)))
}

/// The futures of a concurrent call. After an error or a panic, they are dropped one at a time.
struct Running<'s, F> {
    futures: FuturesUnordered<F>,
    observers: &'s Observers,
}

impl<'s, F> Running<'s, F> {
    fn new(observers: &'s Observers) -> Self {
        Self { futures: FuturesUnordered::new(), observers }
    }
}

impl<F> Drop for Running<'_, F> {
    fn drop(&mut self) {
        if !self.futures.is_empty() {
            scope(&|panic| report(self.observers, panic), &mut || self.futures.clear());
        }
    }
}

/// A future of a plugin, with its destructor contained.
struct Contained<F>(Foreign<F>);

impl<F> Contained<F> {
    fn new(future: F, plugin: &PluginId) -> Self {
        Self(Foreign::new(future, Some(plugin)))
    }
}

impl<F: Future + Unpin> Future for Contained<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut *self.0).poll(cx)
    }
}

/// The state of one extension of a concurrent call.
enum Done<'w, R> {
    Returned(R),
    /// An extension that is called, not awaited, and has its permits.
    MayRun(&'w Implementation, Permits, Option<Span<'w, 'w>>),
}

/// Awaits one extension while others run. For an extension that is called, it awaits the permits.
async fn run<'w, R>(
    index: usize,
    extension: &'w Implementation,
    is_limited: bool,
    span: Option<Span<'w, 'w>>,
    work: Option<Contained<ExtensionFuture<'w, R>>>,
    error_text: fn(&R) -> Option<String>,
) -> (usize, Done<'w, R>) {
    let Some(work) = work else {
        let permits = Permits::acquire(span.as_ref(), extension).await;
        return (index, Done::MayRun(extension, permits, span));
    };
    let returned = if is_limited {
        let work = Permits::run(span.as_ref(), extension, work.0.into_inner());
        Contained::new(work, extension.plugin()).await
    } else {
        run_in_span(span.as_ref(), work).await
    };
    (index, Done::Returned(shown(span, returned, error_text)))
}

/// Ends the span of an extension, and returns its result.
fn shown<R>(span: Option<Span<'_, '_>>, returned: R, error_text: fn(&R) -> Option<String>) -> R {
    let Some(span) = span else { return returned };
    // In a variable that contains its destructor, while observers see the end.
    let returned = Foreign::new(returned, None);
    span.end(error_text(&returned).as_deref());
    returned.into_inner()
}
