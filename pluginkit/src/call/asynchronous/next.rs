//! [`AsyncRest`]: the rest of an async call, which a wrapper runs.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::pin::pin;

use crate::base::futures::BoxFuture;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments, ThreadedArguments};
use crate::call::asynchronous::concurrent::run_concurrently;
use crate::call::asynchronous::extension::run_in_span;
use crate::call::asynchronous::extensions::run_extensions;
use crate::call::asynchronous::in_span::InSpan;
use crate::call::asynchronous::typed::{AsyncCall, AsyncWrapErased, FullCallErased};
use crate::call::chain::Chain;
use crate::call::fold::{Collect, First, Flow, Fold, Thread, ThreadOptional};
use crate::call::trace::{Span, Tracer};
use crate::erased::ErasedSlice;
use crate::erased::driven::Driven;
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
/// Each method runs the rest in one mode. It takes `self`, so that the rest runs at most once. An `AsyncRest` borrows from
/// the call and cannot outlive it.
pub struct AsyncRest<'n, P: AsyncPointTypes> {
    left: Left<'n>,
    point: PhantomData<fn() -> P>,
}

impl<'n, P: AsyncPointTypes> AsyncRest<'n, P> {
    pub(super) fn of(left: Left<'n>) -> Self {
        Self { left, point: PhantomData }
    }

    /// Advances to the next wrapper, if no predicate or observer is involved.
    #[inline]
    fn plain_wrapper(&mut self) -> Option<&'n P::AsyncWrapper> {
        if !self.left.chain.wraps_plainly() {
            return None;
        }
        let wrapper = self.left.chain.snapshot.array.front::<P::AsyncWrapper>().get(self.left.depth)?;
        self.left.depth += 1;
        Some(wrapper)
    }

    /// Runs the next wrapper around the rest of the call or, if none is left, the extensions.
    pub(super) async fn run<S, R, A, F>(mut self, mut args: A) -> S::Lift<F::Success>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let chain = self.left.chain;
        if let Some(wrapper) = self.plain_wrapper() {
            return args.wrap_async(wrapper, self).await;
        }
        let mut fold = F::new(chain.len());
        let Some((mut awaited, mut called)) = self.plain_extensions() else {
            let mut call = AsyncCall::<P, S, R, A, F>::new(fold, args);
            Driven::new(&mut call, |call| run_rest(self.left, call)).await;
            return call.take_outcome().into_inner();
        };
        let mut buffer = chain.snapshot.future_buffer();
        let outcome = loop {
            let returned = if let Some(extension) = awaited.next() {
                args.call_async(extension, FutureSlot::of(&mut buffer), awaited.len() == 0).await
            } else if let Some(extension) = called.next() {
                args.call(extension, called.len() == 0)
            } else {
                break S::lift(Ok(fold.finish(&mut args)));
            };
            match fold.take(&mut args, returned) {
                Ok(Flow::Next) => {}
                Ok(Flow::Done) => break S::lift(Ok(fold.finish(&mut args))),
                Err(error) => break S::lift(Err(error)),
            }
        };
        chain.snapshot.record_future_size(&buffer);
        outcome
    }

    /// Returns the extensions that are awaited and those that are called, if only such are left, all of one kind, without
    /// predicates, observers and limits.
    #[inline]
    fn plain_extensions(&self) -> Option<(ErasedSlice<'n, P::AsyncExtension>, ErasedSlice<'n, P::Extension>)> {
        let snapshot = self.left.chain.snapshot;
        if snapshot.in_place {
            return Some((ErasedSlice::default(), snapshot.array.back()));
        }
        let awaited = snapshot.array.back_if().filter(|_| self.left.is_plain())?;
        Some((awaited, ErasedSlice::default()))
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
        self.run::<S, R, A, ThreadOptional>(args)
    }
}

/// Runs the next wrapper around the rest of a call or, if none is left, the extensions. Sets the outcome.
///
/// The futures are boxed. Wrappers may nest a thousand deep, and each would take its size on the stack.
pub(super) fn run_rest<'c>(left: Left<'c>, call: &'c mut dyn FullCallErased) -> BoxFuture<'c, ()> {
    match left.next(call) {
        None => run_extensions(left.chain, call),
        Some((position, span)) => Box::pin(run_wrapper(left, position, span, call)),
    }
}

/// Runs the next wrapper around the rest of a call, and sets the outcome. Returns whether there is one.
pub(super) fn run_if_wrapped<'c>(
    left: Left<'c>,
    call: &'c mut dyn AsyncWrapErased,
) -> BoxFuture<'c, bool> {
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
    if let Some(span) = span {
        span.end(call.outcome_error_text().as_deref());
    }
}

/// Runs a call under its span, and sets the outcome.
pub(super) async fn run_traced(tracer: &Tracer<'_>, left: Left<'_>, call: &mut dyn FullCallErased) {
    let span = tracer.call();
    {
        let mut work = pin!(Some(async { run_rest(left, call).await }));
        InSpan::new(Some(&span), work.as_mut()).await;
    }
    span.end(call.outcome_error_text().as_deref());
}

/// Runs a call of `point`, reports it to its observers, and sets the outcome.
pub(super) fn run_observed<'c>(
    snapshot: &'c Snapshot,
    point: &'static PointInfo,
    call: &'c mut dyn FullCallErased,
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
