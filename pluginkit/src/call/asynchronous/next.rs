//! [`AsyncRest`]: the rest of an async call, which a wrapper runs.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;

use crate::base::futures::BoxFuture;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments, ThreadedArguments};
use crate::call::asynchronous::concurrent::run_concurrently;
use crate::call::asynchronous::extension::run_in_span;
use crate::call::asynchronous::extensions::run_extensions;
use crate::call::asynchronous::in_span::InSpan;
use crate::call::asynchronous::typed::AsyncWrapErased;
use crate::call::chain::{self, CallErased, Chain};
use crate::call::fast::HAS_FAST_PATH;
use crate::call::fold::{Collect, First, Flow, Fold, Thread, ThreadOptional};
use crate::call::outcome::Outcome;
use crate::call::trace::{Span, Tracer};
use crate::call::typed::{Awaited, TypedCall};
use crate::erased::ErasedSlice;
use crate::erased::driven::{Driven, Lent, Poller};
use crate::erased::future_buffer::FutureSlot;
use crate::plugin::implementation::Implementation;
use crate::registry::Snapshot;
use crate::spec::point::{AsyncPointTypes, PointInfo};
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// The rest of an async call, without the types of its point.
#[derive(Clone, Copy)]
pub(super) struct Left<'n> {
    pub(super) chain: Chain<'n>,
    /// The number of wrappers that run around it.
    depth: usize,
    /// The most extensions that run at the same time; `None` runs them one after the other.
    concurrency: Option<NonZeroUsize>,
}

impl<'n> Left<'n> {
    /// Returns the rest of a call that starts: all of it.
    pub(super) fn all(chain: Chain<'n>) -> Self {
        Self { chain, depth: 0, concurrency: None }
    }

    /// Returns the same with its extensions running at the same time, up to `limit`.
    pub(super) fn concurrent(self, limit: NonZeroUsize) -> Self {
        Self { concurrency: Some(limit), ..self }
    }

    /// Returns the position of the next wrapper that accepts the call, with its span in a traced call.
    fn next(&self, call: &dyn AsyncWrapErased) -> Option<(usize, Option<Span<'n, 'n>>)> {
        let mut span = None;
        let accepts = |wrapper: &Implementation| call.accepts_wrapper(wrapper);
        let position = self.chain.next_wrapper(self.depth, &mut span, &accepts)?;
        Some((position, span))
    }

    /// Returns whether only extensions without predicates, observers and limits are left.
    #[inline]
    fn is_plain(&self) -> bool {
        let chain = &self.chain;
        self.concurrency.is_none()
            && self.depth == chain.wrapper_count()
            && chain.runs_plainly()
            && !chain.snapshot.limited
    }
}

/// The rest of an async call, for wrappers of points written by hand.
///
/// Each method runs the rest of a call in one mode, and takes `self`, so that the rest runs at most once. An
/// `AsyncRest` borrows from the call and cannot outlive it.
pub struct AsyncRest<'n, P: AsyncPointTypes> {
    left: Left<'n>,
    point: PhantomData<fn() -> P>,
}

impl<'n, P: AsyncPointTypes> AsyncRest<'n, P> {
    pub(super) fn of(left: Left<'n>) -> Self {
        Self { left, point: PhantomData }
    }

    /// Runs the rest of a call and folds the results with `F`.
    #[inline]
    pub(super) fn run<S, R, A, F>(
        self,
        args: A,
    ) -> impl Future<Output = S::Lift<F::Success>> + use<'n, P, S, R, A, F>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        run::<P, S, R, A, F>(args, Source::Rest(self.left))
    }

    /// Runs the rest of a collecting call.
    pub async fn collect<S, R, A>(self, args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
    {
        match self.left.concurrency {
            None => self.run::<S, R, A, Collect<S::Item>>(args).await,
            Some(limit) => Box::pin(run_concurrently::<P, S, R, A>(self.left, args, limit)).await,
        }
    }

    /// Runs the rest of a firstresult call.
    pub fn first<S, R, A>(self, args: A) -> impl Future<Output = One<S, R>> + use<'n, P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, One<S, R>>,
    {
        self.run::<S, R, A, First<S::Item>>(args)
    }

    /// Runs the rest of a pipeline of extensions that always return the next value.
    pub fn thread<S, R, A>(self, args: A) -> impl Future<Output = Threaded<S, R>> + use<'n, P, S, R, A>
    where
        S: Always<R>,
        A: AsyncArguments<P, R> + ThreadedArguments<S::Item> + AsyncWrapArguments<P, Threaded<S, R>>,
    {
        self.run::<S, R, A, Thread<S::Item>>(args)
    }

    /// Runs the rest of a pipeline of extensions that may abstain.
    pub fn thread_optional<S, R, A>(
        self,
        args: A,
    ) -> impl Future<Output = Threaded<S, R>> + use<'n, P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + ThreadedArguments<S::Item> + AsyncWrapArguments<P, Threaded<S, R>>,
    {
        self.run::<S, R, A, ThreadOptional<S::Item>>(args)
    }
}

/// A call that starts, or the rest of one.
pub(super) enum Source<'n> {
    Call(Arc<Snapshot>),
    Rest(Left<'n>),
}

impl Source<'_> {
    /// Returns what is left of the call; `None` if it starts and has observers.
    #[inline]
    #[cfg(not(debug_assertions))]
    fn left(&self) -> Option<Left<'_>> {
        match self {
            Self::Call(snapshot) if snapshot.observers.is_some() => None,
            Self::Call(snapshot) => Some(Left::all(Chain::new(snapshot, None))),
            Self::Rest(left) => Some(*left),
        }
    }

    /// Runs a call that waits for nothing, and sets the outcome. Returns whether it is one.
    ///
    /// The fast path of an optimised build has run such calls already.
    fn run_in_place(&self, call: &mut dyn CallErased) -> bool {
        match self {
            Self::Call(snapshot) if !HAS_FAST_PATH && snapshot.in_place => {
                Chain::new(snapshot, None).run_plainly(call);
                true
            }
            _ => false,
        }
    }

    /// Runs what is left of a call of `point`, and sets the outcome.
    fn run<'c>(&'c self, point: &'static PointInfo, call: &'c mut dyn AsyncWrapErased) -> BoxFuture<'c, ()> {
        match self {
            Self::Call(snapshot) if snapshot.observers.is_some() => run_observed(snapshot, point, call),
            Self::Call(snapshot) => run_rest(Left::all(Chain::new(snapshot, None)), call),
            Self::Rest(left) => run_rest(*left, call),
        }
    }
}

/// Runs a call or the rest of one, and folds the results with `F`.
///
/// The arguments come first, so that a future that was never polled drops them before the snapshot.
pub(super) async fn run<P, S, R, A, F>(args: A, source: Source<'_>) -> S::Lift<F::Success>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    // Not a constant, because the future would have the states of the fast path nevertheless.
    #[cfg(not(debug_assertions))]
    let args = match run_fast::<P, S, R, A, F>(args, source.left()).await {
        Ok(outcome) => {
            drop(source);
            return outcome.into_inner();
        }
        Err(args) => args,
    };
    let mut call = TypedCall::<Awaited, P, S, R, A, F>::new(args);
    if !source.run_in_place(&mut call) {
        Driven::new(&mut Lent::new(&mut call, &mut Poller::default()), |call| source.run(P::INFO, call))
            .await;
    }
    // As in a sync call: the call has the outcome while other values are dropped.
    drop(source);
    call.results.take_outcome()
}

/// Runs what is left of a call on the fast path.
///
/// # Errors
///
/// Returns the arguments if the slow path must run it.
#[cfg_attr(
    debug_assertions,
    expect(dead_code, reason = "as in a sync call, an unoptimised build has no fast path")
)]
async fn run_fast<P, S, R, A, F>(mut args: A, left: Option<Left<'_>>) -> Result<Outcome<S, R, F::Success>, A>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    let Some(mut left) = left else { return Err(args) };
    if let Some(wrapper) = left.plain_wrapper::<P>() {
        return Ok(Outcome::new(args.wrap_async(wrapper, AsyncRest::of(left)).await, F::discard));
    }
    let Some(PlainExtensions { mut awaited, mut called }) = left.plain_extensions::<P>() else {
        return Err(args);
    };
    let mut fold = F::new(left.chain.len());
    let mut buffer = left.chain.snapshot.future_buffer();
    let failed = loop {
        let returned = if let Some(extension) = awaited.next() {
            args.call_async(extension, FutureSlot::of(&mut buffer), awaited.len() == 0).await
        } else if let Some(extension) = called.next() {
            args.call(extension, called.len() == 0)
        } else {
            break None;
        };
        match fold.take(returned) {
            Ok(Flow::Next) => {
                if fold.lend(&mut args) {
                    fold.drop_left();
                }
            }
            Ok(Flow::Done) => break None,
            Err(error) => break Some(error),
        }
    };
    left.chain.snapshot.record_future_size(&buffer);
    // The results and the arguments are dropped while the outcome is in a variable.
    let outcome = match failed {
        None => {
            fold.reclaim(&mut args);
            Outcome::new(S::lift(Ok(fold.finish())), F::discard)
        }
        Some(error) => {
            let outcome = Outcome::new(S::lift(Err(error)), F::discard);
            drop(fold);
            outcome
        }
    };
    drop(args);
    Ok(outcome)
}

/// The extensions of a call on the fast path: some that are awaited, or some that are called.
struct PlainExtensions<'n, P: AsyncPointTypes> {
    awaited: ErasedSlice<'n, P::AsyncExtension>,
    called: ErasedSlice<'n, P::Extension>,
}

impl<'n> Left<'n> {
    /// Advances to the next wrapper, if no predicate or observer is involved.
    #[inline]
    fn plain_wrapper<P: AsyncPointTypes>(&mut self) -> Option<&'n P::AsyncWrapper> {
        if !self.chain.wraps_plainly() {
            return None;
        }
        let wrapper = self.chain.snapshot.array.front_at::<P::AsyncWrapper>(self.depth)?;
        self.depth += 1;
        Some(wrapper)
    }

    /// Returns the extensions, if only such are left, all of one kind, without predicates, observers and limits.
    #[inline]
    fn plain_extensions<P: AsyncPointTypes>(&self) -> Option<PlainExtensions<'n, P>> {
        let snapshot = self.chain.snapshot;
        if snapshot.in_place {
            return Some(PlainExtensions { awaited: ErasedSlice::default(), called: snapshot.array.back() });
        }
        let awaited = snapshot.array.back_if().filter(|_| self.is_plain())?;
        Some(PlainExtensions { awaited, called: ErasedSlice::default() })
    }
}

/// Runs the next wrapper around the rest of a call or, if none is left, the extensions. Sets the outcome.
///
/// The futures are boxed. Wrappers may nest a thousand deep, and each would take its size on the stack.
pub(super) fn run_rest<'c>(left: Left<'c>, call: &'c mut dyn AsyncWrapErased) -> BoxFuture<'c, ()> {
    match left.next(call) {
        None => run_extensions(left.chain, call),
        Some((position, span)) => Box::pin(run_wrapper(left, position, span, call)),
    }
}

/// Runs the next wrapper around the rest of a call, and sets the outcome. Returns whether there is one.
pub(super) fn run_if_wrapped<'c>(left: Left<'c>, call: &'c mut dyn AsyncWrapErased) -> BoxFuture<'c, bool> {
    Box::pin(async move {
        let Some((position, span)) = left.next(call) else { return false };
        run_wrapper(left, position, span, call).await;
        true
    })
}

/// Runs the wrapper at `position` under its span, and sets the outcome.
async fn run_wrapper(
    left: Left<'_>,
    position: usize,
    span: Option<Span<'_, '_>>,
    call: &mut dyn AsyncWrapErased,
) {
    let work = {
        let _entered = Span::enter(span.as_ref());
        call.wrap(left.chain.implementation(position), Left { depth: position + 1, ..left })
    };
    run_in_span(span.as_ref(), work).await;
    chain::end(span, &|observed| call.outcome_error_text(observed));
}

/// Runs a call under its span, and sets the outcome.
pub(super) async fn run_traced(tracer: &Tracer<'_>, left: Left<'_>, call: &mut dyn AsyncWrapErased) {
    let span = tracer.call();
    {
        let mut work = pin!(Some(async { run_rest(left, call).await }));
        InSpan::new(Some(&span), work.as_mut()).await;
    }
    let text = call.outcome_error_text(span.is_observed());
    span.end(text.as_deref());
}

/// Runs a call of `point`, reports it to its observers, and sets the outcome.
pub(super) fn run_observed<'c>(
    snapshot: &'c Snapshot,
    point: &'static PointInfo,
    call: &'c mut dyn AsyncWrapErased,
) -> BoxFuture<'c, ()> {
    Box::pin(async move {
        match Tracer::of(snapshot, point) {
            None => run_rest(Left::all(Chain::new(snapshot, None)), call).await,
            Some(tracer) => {
                run_traced(&tracer, Left::all(Chain::new(snapshot, Some(&tracer))), call).await;
            }
        }
    })
}

impl<P: AsyncPointTypes> fmt::Debug for AsyncRest<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("chain", &self.left.chain)
            .field("depth", &self.left.depth)
            .finish_non_exhaustive()
    }
}
