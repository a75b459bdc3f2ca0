//! Calls without predicates, observers and limits, in optimised builds: [`run_fast`].
//!
//! The code is compiled for each point. The futures of the wrappers and extensions of a call are in one chunk of memory.
//! Extensions that are ready at once run in one loop, with no step of the future of the call between them.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::mem::needs_drop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use crate::base::drops::DropPanic;
use crate::call::CallError;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments};
use crate::call::asynchronous::handle::try_slowly;
use crate::call::asynchronous::next::{AsyncRest, Left, Source, run_slowly};
use crate::call::asynchronous::within::Within;
use crate::call::blame::{Blame, Branch};
use crate::call::chain::Chain;
use crate::call::fast::{self, Contained, drop_left, drop_used};
use crate::call::fold::{Flow, Fold};
use crate::call::guard::GuardedSnapshot;
use crate::call::outcome::Outcome;
use crate::call::typed::missing_args;
use crate::erased::ErasedSlice;
use crate::erased::future_buffer::{ExtensionFuture, FutureRoom, FutureSlot};
use crate::erased::turns::{InTurn, Turns};
use crate::registry::Snapshot;
use crate::spec::point::{AsyncPointTypes, PointInfo};
use crate::spec::returns::Returns;

/// Runs a call or the rest of one, and folds the results with `F`. What the fast path cannot run takes the slow path.
///
/// The arguments come first, so that a future that was never polled drops them before the snapshot.
#[inline]
pub(super) fn run_fast<P, S, R, A, F>(
    args: A,
    source: Source<'_>,
) -> impl Future<Output = S::Lift<F::Success>> + use<'_, P, S, R, A, F>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    // Not an `async fn`: the future of that would have the arguments and the source twice.
    let (mut args, mut source) = (Contained(Some(args)), source);
    async move {
        let _ = &args;
        // What is left is in no variable while the call waits, which would make its future larger.
        let (plan, room) = source.plan::<P>();
        let Some(plan) = plan else {
            let Some(args) = args.0.take() else { missing_args() };
            return Box::pin(run_slowly::<P, S, R, A, F>(args, source)).await;
        };
        let (chain, extensions) = match plan {
            Plan::Call(chain) => {
                let Some(args) = args.0.take() else { missing_args() };
                let outcome = fast::run_fast::<P, S, R, A, F>(&chain, args);
                return end(source, outcome);
            }
            Plan::Wrap(wrapper, left) => {
                let snapshot = left.chain.snapshot;
                let mut buffer = match room {
                    Some(room) => room.into_buffer(),
                    None => snapshot.wrapper_buffer(),
                };
                let room = buffer.room(snapshot.wrapper_size.load(Ordering::Relaxed));
                let part = Part { blame: left.chain.blame, branch: left.chain.branch, depth: left.depth };
                // What failed before is not inside of it.
                part.nothing_raised();
                let next = AsyncRest::of(left, room);
                let Some(args) = args.0.take() else { missing_args() };
                let work = part.watch(|| args.wrap_async(wrapper, next));
                let outcome = Watched { work, part }.await;
                if let Some(blame) = part.blame
                    && S::FAILS
                    && S::error(&outcome).is_some()
                {
                    blame.failed_with(part.branch, part.wrapper(), &mut || A::outcome_error_text(&outcome));
                } else {
                    part.nothing_raised();
                }
                snapshot.record_wrapper_size(&buffer);
                drop(buffer);
                if matches!(source, Source::Rest(..)) {
                    return outcome;
                }
                return end(source, Outcome::<S, R, _>::new(outcome, F::discard));
            }
            Plan::Await(chain, extensions) => (chain, extensions),
        };
        let snapshot = chain.snapshot;
        let fold = F::new(extensions.len());
        let mut each = Each { fold, args: args.get(), chain, returns: PhantomData };
        let mut buffer = match room {
            Some(room) => room.into_buffer(),
            None => snapshot.future_buffer(),
        };
        let part = Part { blame: chain.blame, branch: chain.branch, depth: 0 };
        part.nothing_raised();
        let turns = Turns::<P::AsyncExtension, _, R>::new(&mut buffer, &mut each, extensions);
        let failed = Watched { work: turns, part }.await.err();
        let Each { mut fold, .. } = each;
        snapshot.record_future_size(&buffer);
        drop(buffer);
        // The results and the arguments are dropped while the outcome is in a variable.
        let outcome = match failed {
            None => {
                fold.reclaim(args.get());
                let success = if F::IS_HOSTS { part.watch(|| fold.finish()) } else { fold.finish() };
                Outcome::<S, R, _>::new(S::lift(Ok(success)), F::discard)
            }
            Some(error) => {
                let outcome = Outcome::<S, R, _>::new(S::lift(Err(error)), F::discard);
                if let (Some(blame), Some(outcome)) = (chain.blame, outcome.get()) {
                    blame.failed_with(chain.branch, None, &mut || A::outcome_error_text(outcome));
                }
                drop_left(chain.blame, &mut Some(fold));
                outcome
            }
        };
        if needs_drop::<A>() {
            drop_used(chain.blame, &mut || args.0 = None);
        }
        end(source, outcome)
    }
}

/// The future of a wrapper, or of the extensions. In a guarded call, its panic is recorded.
///
/// Each call has it, guarded or not: it costs nothing until there is a panic, and one of them is less to compile.
struct Watched<'b, W> {
    work: W,
    part: Part<'b>,
}

/// A wrapper of a call, or its extensions.
#[derive(Clone, Copy)]
struct Part<'b> {
    /// What a guarded call records.
    blame: Option<&'b Blame>,
    branch: Branch,
    /// The number of wrappers up to this one; 0 for the extensions.
    depth: usize,
}

impl Part<'_> {
    #[inline]
    fn wrapper(&self) -> Option<usize> {
        self.depth.checked_sub(1)
    }

    /// Runs a part of it. In a guarded call, its panic is recorded.
    #[inline]
    fn watch<T>(&self, work: impl FnOnce() -> T) -> T {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(done) => done,
            Err(panic) => Blame::pass_on(self.blame, self.branch, self.wrapper(), panic),
        }
    }

    /// Records, in a guarded call, that no failure is on its way to it.
    #[inline]
    fn nothing_raised(&self) {
        if let Some(blame) = self.blame {
            blame.nothing_raised(self.branch, self.wrapper());
        }
    }
}

impl<W: Future + Unpin> Future for Watched<'_, W> {
    type Output = W::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<W::Output> {
        let Self { work, part } = &mut *self;
        part.watch(|| Pin::new(work).poll(cx))
    }
}

/// Returns whether a call on `snapshot` calls its extensions and awaits nothing.
#[inline]
fn calls_in_place<P: AsyncPointTypes>(snapshot: &Snapshot) -> bool {
    snapshot.in_place || (P::INFO.has_default_body && snapshot.default_in_place)
}

/// Returns whether a guarded call on `snapshot` takes the fast path.
#[inline]
pub(super) fn guards_plainly<P: AsyncPointTypes>(snapshot: &Snapshot) -> bool {
    let is_awaited = || !snapshot.limited && snapshot.array.back_if::<P::AsyncExtension>().is_some();
    let is_plain = calls_in_place::<P>(snapshot) || is_awaited();
    is_plain && snapshot.guards_plainly(P::INFO)
}

/// Runs a guarded call and releases the snapshot. What the fast path cannot run takes the slow path.
///
/// # Errors
///
/// Returns the failure of the call.
#[allow(clippy::manual_async_fn, reason = "the future of an `async fn` would have the arguments twice")]
pub(super) fn run_guarded<P, S, R, A, F>(
    args: A,
    loaded: Result<GuardedSnapshot<Arc<Snapshot>>, DropPanic>,
) -> impl Future<Output = Result<F::Success, CallError<S::Error>>> + use<P, S, R, A, F>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    async move {
        let _ = &args;
        let loaded = match loaded {
            Ok(loaded) if guards_plainly::<P>(&loaded.snapshot) => loaded,
            // Boxed, to keep its size out of the futures of all other calls.
            loaded => return Box::pin(try_slowly::<P, S, R, A, F>(args, loaded)).await,
        };
        let mut blame = Blame::new();
        let ran = {
            let left = Left::all(Chain::guarded(&loaded.snapshot, &blame));
            // Made in one expression: a variable for each part would be a copy of the future.
            let mut call = pin!(
                Within::of(&loaded.snapshot).call(run_fast::<P, S, R, A, F>(args, Source::Guarded(left)))
            );
            poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx))) {
                Ok(polled) => polled.map(Ok),
                Err(panic) => Poll::Ready(Err(panic)),
            })
            .await
        };
        let (outcome, panic) = match ran {
            Ok(outcome) => (Some(outcome), None),
            Err(panic) => (None, Some(panic)),
        };
        let mut outcome = Outcome::<S, R, _>::of(outcome, F::discard);
        if panic.is_none() && !outcome.fails() && !blame.has_dropped() {
            return loaded.end_well(P::INFO, outcome);
        }
        loaded
            .end_badly(&mut blame, panic, &mut outcome)
            .into_result(P::INFO, || S::lower(outcome.into_inner()))
    }
}

/// The results and the arguments of a call whose extensions run one after the other.
struct Each<'c, P, S, R, A, F> {
    fold: F,
    args: &'c mut A,
    chain: Chain<'c>,
    returns: PhantomData<fn(P, S, R)>,
}

impl<P, S, R, A, F> InTurn<P::AsyncExtension> for Each<'_, P, S, R, A, F>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: Fold<S, R, A>,
{
    type Output = R;
    type Error = S::Error;

    #[inline]
    fn start<'s>(
        &'s mut self,
        extension: &'s P::AsyncExtension,
        slot: FutureSlot<'s, R>,
        last: bool,
    ) -> ExtensionFuture<'s, R> {
        self.args.call_async(extension, slot, last)
    }

    #[inline]
    fn take(&mut self, returned: R) -> Result<bool, S::Error> {
        let flow = self.fold.take(returned)?;
        if flow != Flow::Done && self.fold.lend(self.args) {
            drop_used(self.chain.blame, &mut || self.fold.drop_left());
        }
        Ok(flow != Flow::Done)
    }

    #[inline]
    fn stopped(&mut self, left: usize) {
        if let Some(blame) = self.chain.blame {
            blame.runs((self.chain.wrapper_count() + self.chain.len() - left).wrapping_sub(1));
        }
    }
}

/// Returns the outcome of a call that has ended, after the drop of its source.
#[inline]
fn end<S: Returns<R>, R, X>(source: Source<'_>, outcome: Outcome<S, R, X>) -> S::Lift<X> {
    drop(source);
    outcome.into_inner()
}

/// The next step of a call on the fast path.
enum Plan<'n, P: AsyncPointTypes> {
    /// Calls the extensions: nothing waits.
    Call(Chain<'n>),
    /// Awaits the wrapper around what is left.
    Wrap(&'n P::AsyncWrapper, Left<'n>),
    /// Awaits the extensions one after the other.
    Await(Chain<'n>, ErasedSlice<'n, P::AsyncExtension>),
}

impl<'n> Left<'n> {
    /// Returns the next step, if no predicate, observer or limit is involved.
    #[inline]
    fn plan<P: AsyncPointTypes>(mut self) -> Option<Plan<'n, P>> {
        let snapshot = self.chain.snapshot;
        if calls_in_place::<P>(snapshot) {
            return Some(Plan::Call(self.chain));
        }
        if self.chain.wraps_plainly()
            && let Some(wrapper) = snapshot.array.front_at::<P::AsyncWrapper>(self.depth)
        {
            self.depth += 1;
            return Some(Plan::Wrap(wrapper, self));
        }
        if !self.is_plain(P::INFO) {
            return None;
        }
        snapshot.array.back_if().map(|extensions| Plan::Await(self.chain, extensions))
    }

    /// Returns whether only extensions without predicates, observers and limits are left.
    #[inline]
    fn is_plain(&self, point: &PointInfo) -> bool {
        let chain = &self.chain;
        self.concurrency.is_none()
            && self.depth == chain.wrapper_count()
            && chain.runs_plainly(point)
            && !chain.snapshot.limited
    }
}

impl<'n> Source<'n> {
    /// Returns the next step of the fast path, `None` if the slow path must run the call; and the room of a rest.
    #[inline]
    fn plan<P: AsyncPointTypes>(&mut self) -> (Option<Plan<'_, P>>, Option<FutureRoom<'n>>) {
        let (left, room) = match self {
            Self::Call(snapshot) if snapshot.observers.is_some() => return (None, None),
            Self::Call(snapshot) => (Left::all(Chain::new(snapshot, None)), None),
            Self::Guarded(left) => (*left, None),
            Self::Rest(left, room) => (*left, room.take()),
        };
        (left.plan(), room)
    }
}
