//! [`AsyncRest`]: the rest of an async call, which a wrapper runs.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;

use futures_util::future::Either;

use crate::base::futures::BoxFuture;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments, ThreadedArguments};
use crate::call::around::Host;
use crate::call::asynchronous::around::run_host;
use crate::call::asynchronous::concurrent::run_concurrently;
use crate::call::asynchronous::extension::run_in_span;
use crate::call::asynchronous::extensions::{run_each, run_extensions};
#[cfg(not(debug_assertions))]
use crate::call::asynchronous::fast::run_fast;
use crate::call::asynchronous::in_span::InSpan;
use crate::call::asynchronous::typed::AsyncWrapErased;
use crate::call::asynchronous::within::Within;
use crate::call::chain::{CallErased, Chain, Clearing};
use crate::call::fast::HAS_FAST_PATH;
use crate::call::fold::{Collect, First, Fold, Thread, ThreadOptional};
use crate::call::trace::{Span, Tracer};
use crate::call::typed::{Awaited, TypedCall};
use crate::erased::driven::{Driven, Lent, Poller};
use crate::erased::future_buffer::{FutureRoom, FutureSlot};
use crate::plugin::implementation::Implementation;
use crate::registry::Snapshot;
use crate::spec::point::{AsyncPointTypes, PointInfo};
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// The rest of an async call, without the types of its point.
#[derive(Clone, Copy)]
pub(super) struct Left<'n> {
    pub(super) chain: Chain<'n>,
    /// The number of wrappers that run around it.
    pub(super) depth: usize,
    /// The most extensions that run at the same time; `None` runs them one after the other.
    pub(super) concurrency: Option<NonZeroUsize>,
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
    fn next(&self, call: &mut dyn AsyncWrapErased) -> Option<(usize, Option<Span<'n, 'n>>)> {
        let mut call = Clearing::new(call);
        let mut span = None;
        let accepts = |wrapper: &Implementation| call.call.accepts_wrapper(wrapper);
        let position = self.chain.next_wrapper(self.depth, &mut span, &accepts);
        call.end();
        Some((position?, span))
    }
}

/// The rest of an async call, for wrappers of points written by hand.
///
/// Each method runs the rest of a call in one mode, and takes `self`. A clone runs the rest once more, also while the
/// first run is under way. An `AsyncRest` borrows from the call and cannot outlive it.
pub struct AsyncRest<'n, P: AsyncPointTypes> {
    left: Left<'n>,
    /// The room for the future of the wrapper, and for the futures of the rest.
    room: FutureRoom<'n>,
    point: PhantomData<fn() -> P>,
}

impl<P: AsyncPointTypes> Clone for AsyncRest<'_, P> {
    /// Returns an `AsyncRest` that runs the rest of the call once more.
    ///
    /// Its futures have memory of their own: those of the first run may be under way, and are dropped in any order.
    fn clone(&self) -> Self {
        let Left { chain, depth, .. } = self.left;
        let chain = chain.in_branch(chain.another(chain.branch, depth));
        Self::of(Left { chain, ..self.left }, FutureRoom::NONE)
    }
}

impl<'n, P: AsyncPointTypes> AsyncRest<'n, P> {
    #[inline]
    pub(super) fn of(left: Left<'n>, room: FutureRoom<'n>) -> Self {
        Self { left, room, point: PhantomData }
    }

    /// Returns the work of the host that the call runs.
    pub(super) fn host(&self) -> &'n (dyn Host + 'n) {
        let Some(host) = self.left.chain.host() else { unreachable!("its wrapper runs in such a call only") };
        host
    }

    /// Returns the slot for the future of the wrapper.
    ///
    /// The memory behind that future is for the futures of the rest. Only the first slot has it.
    #[inline]
    pub fn slot<O>(&mut self) -> FutureSlot<'n, O> {
        self.room.slot()
    }

    /// Returns the rest without the types of its point.
    pub(super) fn left(&self) -> Left<'n> {
        self.left
    }

    /// Returns the most extensions that run at the same time; `None` if they run one after the other.
    pub(super) fn concurrency(&self) -> Option<NonZeroUsize> {
        self.left.concurrency
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
        run::<P, S, R, A, F>(args, Source::Rest(self.left, self.room))
    }

    /// Runs the rest of a collecting call.
    #[inline]
    pub fn collect<S, R, A>(self, args: A) -> impl Future<Output = Many<S, R>> + use<'n, P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
    {
        match self.left.concurrency {
            None => Either::Left(self.run::<S, R, A, Collect<S::Item>>(args)),
            Some(limit) => {
                let run = run_concurrently::<P, S, R, A, Collect<S::Item>>(self.left, args, limit);
                Either::Right(Box::pin(run))
            }
        }
    }

    /// Runs the rest of a firstresult call.
    #[inline]
    pub fn first<S, R, A>(self, args: A) -> impl Future<Output = One<S, R>> + use<'n, P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, One<S, R>>,
    {
        self.run::<S, R, A, First<S::Item>>(args)
    }

    /// Runs the rest of a pipeline of extensions that always return the next value.
    #[inline]
    pub fn thread<S, R, A>(self, args: A) -> impl Future<Output = Threaded<S, R>> + use<'n, P, S, R, A>
    where
        S: Always<R>,
        A: AsyncArguments<P, R> + ThreadedArguments<S::Item> + AsyncWrapArguments<P, Threaded<S, R>>,
    {
        self.run::<S, R, A, Thread<S::Item>>(args)
    }

    /// Runs the rest of a pipeline of extensions that may abstain.
    #[inline]
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
    /// A guarded call on the fast path, of which its caller has the snapshot.
    Guarded(Left<'n>),
    Rest(Left<'n>, FutureRoom<'n>),
}

impl Source<'_> {
    /// Runs a call that waits for nothing, and sets the outcome. Returns whether it is one.
    ///
    /// The fast path of an optimised build has run such calls already.
    fn run_in_place(&self, call: &mut dyn CallErased) -> bool {
        match self {
            Self::Call(snapshot) if !HAS_FAST_PATH && snapshot.in_place => {
                let mut call = Clearing::new(call);
                Chain::new(snapshot, None).run_plainly(call.call);
                call.end();
                true
            }
            _ => false,
        }
    }

    /// Runs what is left of a call of `point`, and sets the outcome.
    fn run<'c>(&'c self, point: &'static PointInfo, call: &'c mut dyn AsyncWrapErased) -> BoxFuture<'c, ()> {
        match self {
            Self::Call(snapshot) => {
                let observed = snapshot.observers.is_some();
                // With a fast path, the future of the whole call is within the call.
                match (observed, HAS_FAST_PATH) {
                    (true, true) => Box::pin(run_observed(snapshot, point, call)),
                    (true, false) => Box::pin(Within::of(snapshot).call(run_observed(snapshot, point, call))),
                    (false, true) => run_rest(Left::all(Chain::new(snapshot, None)), call),
                    (false, false) => run_unobserved(snapshot, call),
                }
            }
            Self::Rest(left, _) if left.chain.tracer.is_some_and(Tracer::bounds_wrappers) => {
                Box::pin(async move {
                    let _in_rest = Tracer::in_rest(left.chain.tracer, left.chain.branch, left.depth);
                    run_rest(*left, call).await;
                })
            }
            Self::Guarded(left) | Self::Rest(left, _) => run_rest(*left, call),
        }
    }
}

/// Runs a call or the rest of one, and folds the results with `F`.
///
/// The arguments come first, so that a future that was never polled drops them before the snapshot.
pub(super) fn run<P, S, R, A, F>(
    args: A,
    source: Source<'_>,
) -> impl Future<Output = S::Lift<F::Success>> + use<'_, P, S, R, A, F>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    #[cfg(not(debug_assertions))]
    return run_fast::<P, S, R, A, F>(args, source);
    #[cfg(debug_assertions)]
    run_slowly::<P, S, R, A, F>(args, source)
}

/// Runs a call or the rest of one on the slow path, and folds the results with `F`.
pub(super) async fn run_slowly<P, S, R, A, F>(args: A, source: Source<'_>) -> S::Lift<F::Success>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    let mut call = TypedCall::<Awaited, P, S, R, A, F>::new(args);
    if !source.run_in_place(&mut call) {
        Driven::new(&mut Lent::new(&mut call, &mut Poller::default()), |call| source.run(P::INFO, call))
            .await;
    }
    // As in a sync call: the call has the outcome while other values are dropped.
    drop(source);
    call.results.take_outcome()
}

/// Runs the next wrapper around the rest of a call or, if none is left, the extensions. Sets the outcome.
///
/// The futures are boxed. Wrappers may nest a thousand deep, and each would take its size on the stack.
pub(super) fn run_rest<'c>(left: Left<'c>, call: &'c mut dyn AsyncWrapErased) -> BoxFuture<'c, ()> {
    match left.next(call) {
        None => match left.chain.host() {
            None => run_extensions(left.chain, call),
            Some(host) => Box::pin(run_host(left, host, call)),
        },
        Some((position, span)) => Box::pin(run_wrapper(left, position, span, call)),
    }
}

/// Runs a call without observers in a build without a fast path, and sets the outcome.
fn run_unobserved<'c>(snapshot: &'c Snapshot, call: &'c mut dyn AsyncWrapErased) -> BoxFuture<'c, ()> {
    let (left, within) = (Left::all(Chain::new(snapshot, None)), Within::of(snapshot));
    match left.next(call) {
        None => Box::pin(within.call(run_each(left.chain, call))),
        Some((position, span)) => Box::pin(within.call(run_wrapper(left, position, span, call))),
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
    let (started, object) = (&mut *call, left.chain.implementation(position).object());
    let rest = Left { depth: position + 1, ..left };
    let work = Span::inside(span.as_ref(), move || started.wrap(object, rest));
    run_in_span(span.as_ref(), work).await;
    end_outcome(span, call);
}

/// Ends a wrapper or a call under its span.
///
/// If nobody reads the text of its error, the error does not format it.
fn end_outcome(span: Option<Span<'_, '_>>, call: &mut dyn AsyncWrapErased) {
    let Some(span) = span else { return };
    if span.is_observed() {
        span.end(call.outcome_error_text().as_deref());
    } else if call.call().results().outcome().is_error() {
        span.end_unseen(&mut || call.outcome_error_text());
    } else {
        span.end(None);
    }
}

/// Runs a call under its span, and sets the outcome.
pub(super) async fn run_traced(tracer: &Tracer<'_>, left: Left<'_>, call: &mut dyn AsyncWrapErased) {
    let mut call = Clearing::new(call);
    let span = tracer.call();
    {
        let mut work = pin!(Some(async { run_rest(left, call.call).await }));
        InSpan::new(Some(&span), work.as_mut()).await;
    }
    end_outcome(Some(span), call.call);
    call.end();
}

/// Runs a call of `point`, reports it to its observers, and sets the outcome.
async fn run_observed(snapshot: &Snapshot, point: &'static PointInfo, call: &mut dyn AsyncWrapErased) {
    match Tracer::of(snapshot, point) {
        None => run_rest(Left::all(Chain::new(snapshot, None)), call).await,
        Some(tracer) => {
            run_traced(&tracer, Left::all(Chain::new(snapshot, Some(&tracer))), call).await;
        }
    }
}

impl<P: AsyncPointTypes> fmt::Debug for AsyncRest<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("chain", &self.left.chain)
            .field("depth", &self.left.depth)
            .finish_non_exhaustive()
    }
}
