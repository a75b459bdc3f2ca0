//! The loop over the extensions of an async call.

use std::sync::atomic::Ordering;

use crate::base::futures::BoxFuture;
use crate::call::asynchronous::extension::run_at;
use crate::call::asynchronous::guard::guard;
use crate::call::asynchronous::typed::AsyncCallErased;
use crate::call::chain::{Chain, Clearing};
use crate::call::fold::{Flow, ValueStep};
use crate::call::policy::recover;
use crate::call::trace::Tracer;
use crate::erased::future_buffer::FutureBuffer;
use crate::registry::Snapshot;

impl Snapshot {
    /// Returns a buffer for the futures of the extensions, as large as earlier calls needed.
    #[inline]
    pub(super) fn future_buffer(&self) -> FutureBuffer<'static> {
        FutureBuffer::of(self.future_size.load(Ordering::Relaxed))
    }

    /// Returns a buffer for the futures of all wrappers and extensions, as large as earlier calls needed.
    #[inline]
    pub(super) fn wrapper_buffer(&self) -> FutureBuffer<'static> {
        let wrappers = self.array.front_len().saturating_mul(self.wrapper_size.load(Ordering::Relaxed));
        FutureBuffer::of(wrappers.saturating_add(self.future_size.load(Ordering::Relaxed)))
    }

    /// Records the memory that the futures of a call needed.
    #[inline]
    pub(super) fn record_future_size(&self, buffer: &FutureBuffer<'_>) {
        if let Some(missed) = buffer.missed() {
            self.future_size.fetch_max(missed.get(), Ordering::Relaxed);
        }
    }

    /// Records the memory that the future of a wrapper needed.
    #[inline]
    pub(super) fn record_wrapper_size(&self, buffer: &FutureBuffer<'_>) {
        if let Some(missed) = buffer.missed() {
            self.wrapper_size.fetch_max(missed.get(), Ordering::Relaxed);
        }
    }
}

/// Runs the extensions one after the other until the call ends, and sets the outcome.
pub(super) fn run_extensions<'s>(chain: Chain<'s>, call: &'s mut dyn AsyncCallErased) -> BoxFuture<'s, ()> {
    Box::pin(run_each(chain, call))
}

/// Does the same, not boxed.
pub(super) async fn run_each(chain: Chain<'_>, call: &mut dyn AsyncCallErased) {
    let mut call = Clearing::new(call);
    let (mut buffer, count) = (chain.snapshot.future_buffer(), chain.len());
    call.call.call().results().start(count);
    let mut has_answer = false;
    for index in 0..count {
        if has_answer && chain.snapshot.is_default(index) {
            break;
        }
        let last = index + 1 == count;
        let ran = match chain.recovering() {
            Some(tracer) if call.call.call().running(ValueStep::Spare) => {
                // Boxed, to keep its size out of the futures of all other calls.
                Box::pin(run_recovering(tracer, call.call, chain, index, last, &mut buffer)).await
            }
            _ if chain.calls_at_once(index) => chain.run_extension(index, last, call.call.call()),
            _ => run_at(call.call, chain, index, last, &mut buffer).await,
        };
        match chain.take(ran, call.call.call()) {
            Flow::Next => has_answer = true,
            Flow::Pass => {}
            Flow::Done => break,
        }
    }
    chain.snapshot.record_future_size(&buffer);
    call.call.call().finish(chain.tracer, chain.branch);
    call.end();
}

/// Runs the extension at `index`. If it fails, the call continues as its policy says.
async fn run_recovering(
    tracer: &Tracer<'_>,
    call: &mut dyn AsyncCallErased,
    chain: Chain<'_>,
    index: usize,
    last: bool,
    buffer: &mut FutureBuffer<'_>,
) -> bool {
    let visit = chain.visit(index);
    let ran = guard(tracer, Some(visit), run_at(call, chain, index, last, buffer)).await;
    if ran.is_err() {
        tracer.drop_returned(visit.position, &mut || call.call().results().drop_held());
    }
    recover(tracer, visit, ran, call.call())
}
