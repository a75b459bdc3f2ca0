//! The loop over the extensions of an async call.

use std::sync::atomic::Ordering;

use crate::call::arguments::AsyncArguments;
use crate::call::asynchronous::extension::run_at;
use crate::call::asynchronous::guard::guard;
use crate::call::chain::{CallErased, Chain, Running};
use crate::call::fold::{Flow, Fold};
use crate::call::policy::recover;
use crate::call::typed::{Awaited, Progress};
use crate::erased::future_buffer::{FutureBuffer, FutureSlot};
use crate::registry::Snapshot;
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::Returns;

impl Snapshot {
    /// Returns a buffer for the futures of the extensions, as large as earlier calls needed.
    pub(super) fn future_buffer(&self) -> FutureBuffer {
        FutureBuffer::of(self.future_size.load(Ordering::Relaxed))
    }

    /// Records the memory that a call needed.
    pub(super) fn record_future_size(&self, buffer: &FutureBuffer) {
        if buffer.wanted() > self.future_size.load(Ordering::Relaxed) {
            self.future_size.store(buffer.wanted(), Ordering::Relaxed);
        }
    }
}

/// Runs the extensions one after the other until the call ends, and returns the outcome.
pub(super) async fn run_extensions<P, S, R, A, F>(chain: Chain<'_>, args: A) -> S::Lift<F::Success>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: Fold<S, R, A>,
{
    let (mut buffer, count) = (chain.snapshot.future_buffer(), chain.len());
    let mut progress = Progress::new(F::new(count), args);
    let take = |progress: &mut Progress<A, F>, returned: Option<R>| {
        let ran = returned.is_some();
        let mut call = progress.call::<Awaited, P, S, R>(returned);
        match chain.take(ran, &mut call) {
            Flow::Next => {
                let (fold, _) = call.into_parts();
                progress.wait(fold);
                None
            }
            Flow::Done => {
                (&mut call as &mut dyn CallErased).finish(chain.tracer);
                Some(call.into_outcome().into_inner())
            }
        }
    };
    let spare = |progress: &mut Progress<A, F>| {
        let mut call = progress.call::<Awaited, P, S, R>(None);
        let can_continue = call.running(Running::Spare);
        let (fold, _) = call.into_parts();
        progress.wait(fold);
        can_continue
    };
    let awaited = chain.snapshot.array.back_if::<P::AsyncExtension>();
    if let Some(awaited) = awaited.filter(|_| chain.runs_plainly() && !chain.snapshot.limited) {
        let mut index = 0;
        while let Some(extension) = awaited.get(index) {
            index += 1;
            let work = progress.args().call_async(extension, FutureSlot::of(&mut buffer), index == count);
            let returned = work.await;
            if let Some(outcome) = take(&mut progress, Some(returned)) {
                chain.snapshot.record_future_size(&buffer);
                return outcome;
            }
        }
    } else {
        for index in 0..count {
            let last = index + 1 == count;
            let returned = match chain.recovering() {
                Some(tracer) if spare(&mut progress) => {
                    // Boxed, to keep its size out of the futures of all other calls.
                    let run = run_at::<P, R, A>(progress.args(), chain, index, last, &mut buffer);
                    let ran = Box::pin(guard(tracer, run)).await;
                    let (ran, held) = match ran {
                        Ok(returned) => (Ok(returned.is_some()), returned),
                        Err(stopped) => (Err(stopped), None),
                    };
                    let mut call = progress.call::<Awaited, P, S, R>(held);
                    recover(tracer, chain.position(index), ran, &mut call);
                    let (fold, held) = call.into_parts();
                    progress.wait(fold);
                    held
                }
                _ => run_at::<P, R, A>(progress.args(), chain, index, last, &mut buffer).await,
            };
            if let Some(outcome) = take(&mut progress, returned) {
                chain.snapshot.record_future_size(&buffer);
                return outcome;
            }
        }
    }
    chain.snapshot.record_future_size(&buffer);
    let mut call = progress.call::<Awaited, P, S, R>(None);
    (&mut call as &mut dyn CallErased).finish(chain.tracer);
    call.into_outcome().into_inner()
}
