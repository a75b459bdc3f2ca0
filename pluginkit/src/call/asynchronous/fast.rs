//! Calls without predicates, observers and limits, in optimised builds: [`run_fast`].
//!
//! The code is compiled for each point. The futures of the wrappers and extensions of a call are in one chunk of memory.
//! Extensions that are ready at once run in one loop, with no step of the future of the call between them.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use crate::call::arguments::{AsyncArguments, AsyncWrapArguments};
use crate::call::asynchronous::next::{AsyncRest, Left, Source, run_slowly};
use crate::call::chain::Chain;
use crate::call::fast;
use crate::call::fold::{Flow, Fold};
use crate::call::outcome::Outcome;
use crate::erased::ErasedSlice;
use crate::erased::future_buffer::{ExtensionFuture, FutureRoom, FutureSlot};
use crate::erased::turns::{InTurn, Turns};
use crate::registry::Snapshot;
use crate::spec::point::AsyncPointTypes;
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
    let (mut args, mut source) = (args, source);
    async move {
        let _ = &args;
        // What is left is in no variable while the call waits, which would make its future larger.
        let (plan, room) = source.plan::<P>();
        let Some(plan) = plan else {
            return Box::pin(run_slowly::<P, S, R, A, F>(args, source)).await;
        };
        let (snapshot, extensions) = match plan {
            Plan::Call(chain) => {
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
                let next = AsyncRest::of(left, room);
                let outcome = args.wrap_async(wrapper, next).await;
                snapshot.record_wrapper_size(&buffer);
                drop(buffer);
                if matches!(source, Source::Rest(..)) {
                    return outcome;
                }
                return end(source, Outcome::<S, R, _>::new(outcome, F::discard));
            }
            Plan::Await(snapshot, extensions) => (snapshot, extensions),
        };
        let mut each = Each { fold: F::new(extensions.len()), args: &mut args, returns: PhantomData };
        let mut buffer = match room {
            Some(room) => room.into_buffer(),
            None => snapshot.future_buffer(),
        };
        let failed = Turns::<P::AsyncExtension, _>::new(&mut buffer, &mut each, extensions).await.err();
        let Each { mut fold, .. } = each;
        snapshot.record_future_size(&buffer);
        drop(buffer);
        // The results and the arguments are dropped while the outcome is in a variable.
        let outcome = match failed {
            None => {
                fold.reclaim(&mut args);
                Outcome::<S, R, _>::new(S::lift(Ok(fold.finish())), F::discard)
            }
            Some(error) => {
                let outcome = Outcome::<S, R, _>::new(S::lift(Err(error)), F::discard);
                drop(fold);
                outcome
            }
        };
        drop(args);
        end(source, outcome)
    }
}

/// The results and the arguments of a call whose extensions run one after the other.
struct Each<'c, P, S, R, A, F> {
    fold: F,
    args: &'c mut A,
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
        if flow == Flow::Next && self.fold.lend(self.args) {
            self.fold.drop_left();
        }
        Ok(flow == Flow::Next)
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
    Await(&'n Snapshot, ErasedSlice<'n, P::AsyncExtension>),
}

impl<'n> Left<'n> {
    /// Returns the next step, if no predicate, observer or limit is involved.
    #[inline]
    fn plan<P: AsyncPointTypes>(mut self) -> Option<Plan<'n, P>> {
        let snapshot = self.chain.snapshot;
        if snapshot.in_place {
            return Some(Plan::Call(self.chain));
        }
        if self.chain.wraps_plainly()
            && let Some(wrapper) = snapshot.array.front_at::<P::AsyncWrapper>(self.depth)
        {
            self.depth += 1;
            return Some(Plan::Wrap(wrapper, self));
        }
        if !self.is_plain() {
            return None;
        }
        snapshot.array.back_if().map(|extensions| Plan::Await(snapshot, extensions))
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

impl<'n> Source<'n> {
    /// Returns the next step of the fast path, `None` if the slow path must run the call; and the room of a rest.
    #[inline]
    fn plan<P: AsyncPointTypes>(&mut self) -> (Option<Plan<'_, P>>, Option<FutureRoom<'n>>) {
        let (left, room) = match self {
            Self::Call(snapshot) if snapshot.observers.is_some() => return (None, None),
            Self::Call(snapshot) => (Left::all(Chain::new(snapshot, None)), None),
            Self::Rest(left, room) => (*left, Some(std::mem::replace(room, FutureRoom::NONE))),
        };
        (left.plan(), room)
    }
}
