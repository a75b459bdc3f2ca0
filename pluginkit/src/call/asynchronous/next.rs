//! [`AsyncRest`]: the rest of an async call, which a wrapper runs.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};

use crate::call::arguments::{AsyncArguments, AsyncWrapArguments, ThreadedArguments};
use crate::call::asynchronous::concurrent::collect_concurrently;
use crate::call::asynchronous::extensions::run_extensions;
use crate::call::asynchronous::in_span::InSpan;
use crate::call::chain::Chain;
use crate::call::fold::{Collect, First, Fold, Thread, ThreadOptional};
use crate::call::trace::Span;
use crate::erased::future_buffer::ExtensionFuture;
use crate::plugin::implementation::Implementation;
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// The rest of an async call, for wrappers of points written by hand.
///
/// Each method runs the rest in one mode. It takes `self`, so that the rest runs at most once. An `AsyncRest` borrows from
/// the call and cannot outlive it.
pub struct AsyncRest<'n, P: AsyncPointTypes> {
    chain: Chain<'n>,
    depth: usize,
    /// The most extensions that run at the same time; `None` runs them one after the other.
    concurrency: Option<NonZeroUsize>,
    point: PhantomData<fn() -> P>,
}

impl<'n, P: AsyncPointTypes> AsyncRest<'n, P> {
    /// Returns the rest of a call that starts: all of it.
    pub(super) fn start(chain: Chain<'n>, concurrency: Option<NonZeroUsize>) -> Self {
        Self { chain, depth: 0, concurrency, point: PhantomData }
    }

    /// Runs the next wrapper around the rest of the call or, if none is left, the extensions.
    ///
    /// The future of the extensions is boxed. Wrappers may nest a thousand deep, and each would take its size on the stack.
    pub(super) async fn run<S, R, A, F>(self, args: A) -> S::Lift<F::Success>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
        F: AsyncFold<P, S, R, A>,
    {
        let Self { chain, concurrency, .. } = self;
        let accepts =
            |wrapper: &Implementation| args.accepts_async_wrapper(wrapper.object::<P::AsyncWrapper>());
        let mut span = None;
        let Some(position) = chain.next_wrapper(self.depth, &mut span, &accepts) else {
            return on_heap(move || F::run(chain, args, concurrency)).await;
        };
        let work = {
            let _entered = Span::enter(span.as_ref());
            let wrapper = chain.implementation(position).object::<P::AsyncWrapper>();
            args.wrap_async(wrapper, Self { depth: position + 1, ..self })
        };
        match span {
            None => work.await,
            Some(span) => run_in_span(span, work, A::outcome_error_text).await,
        }
    }

    /// Runs the rest of a collecting call.
    pub fn collect<S, R, A>(self, args: A) -> impl Future<Output = Many<S, R>> + use<'n, P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
    {
        self.run::<S, R, A, Collect<S::Item>>(args)
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

/// The loop of an async call in one mode.
pub(crate) trait AsyncFold<P, S: Returns<R>, R, A>: Fold<S, R, A> {
    /// Runs the extensions, up to `concurrency` at the same time.
    fn run(
        chain: Chain<'_>,
        args: A,
        concurrency: Option<NonZeroUsize>,
    ) -> impl Future<Output = S::Lift<Self::Success>>;
}

impl<P, S, R, A> AsyncFold<P, S, R, A> for Collect<S::Item>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
{
    async fn run(chain: Chain<'_>, args: A, concurrency: Option<NonZeroUsize>) -> Many<S, R> {
        match concurrency {
            None => run_extensions::<P, S, R, A, Self>(chain, args).await,
            Some(limit) => collect_concurrently::<P, S, R, A>(chain, args, limit).await,
        }
    }
}

impl<P, S, R, A> AsyncFold<P, S, R, A> for First<S::Item>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
{
    fn run(chain: Chain<'_>, args: A, _: Option<NonZeroUsize>) -> impl Future<Output = One<S, R>> {
        run_extensions::<P, S, R, A, Self>(chain, args)
    }
}

impl<P, S, R, A> AsyncFold<P, S, R, A> for Thread<S::Item>
where
    P: AsyncPointTypes,
    S: Always<R>,
    A: AsyncArguments<P, R> + ThreadedArguments<S::Item>,
{
    fn run(chain: Chain<'_>, args: A, _: Option<NonZeroUsize>) -> impl Future<Output = Threaded<S, R>> {
        run_extensions::<P, S, R, A, Self>(chain, args)
    }
}

impl<P, S, R, A> AsyncFold<P, S, R, A> for ThreadOptional<S::Item>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + ThreadedArguments<S::Item>,
{
    fn run(chain: Chain<'_>, args: A, _: Option<NonZeroUsize>) -> impl Future<Output = Threaded<S, R>> {
        run_extensions::<P, S, R, A, Self>(chain, args)
    }
}

/// Boxes a future without a copy of it on the stack of the task that polls it.
#[inline(never)]
fn on_heap<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// Awaits the work of a wrapper under its span.
async fn run_in_span<O>(
    span: Span<'_, '_>,
    work: ExtensionFuture<'_, O>,
    error_text: fn(&O) -> Option<String>,
) -> O {
    let (mut work, mut over) = (pin!(Some(work)), pin!(None));
    let outcome = InSpan::new(Some(&span), work.as_mut()).limited(over.as_mut()).await;
    span.end(error_text(&outcome).as_deref());
    outcome
}

impl<P: AsyncPointTypes> fmt::Debug for AsyncRest<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("chain", &self.chain).field("depth", &self.depth).finish_non_exhaustive()
    }
}
