//! The loop over the extensions of an async call.

use std::sync::atomic::Ordering;

use crate::base::futures::BoxFuture;
use crate::call::asynchronous::extension::run_at;
use crate::call::asynchronous::guard::guard;
use crate::call::asynchronous::typed::{AsyncCallErased, take};
use crate::call::chain::Chain;
use crate::call::fold::Flow;
use crate::call::guard::Stopped;
use crate::call::policy::recover;
use crate::call::trace::Tracer;
use crate::erased::future_buffer::FutureBuffer;
use crate::registry::Snapshot;

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

/// Runs the extensions one after the other until the call ends, and sets the outcome.
pub(super) fn run_extensions<'s>(chain: Chain<'s>, call: &'s mut dyn AsyncCallErased) -> BoxFuture<'s, ()> {
    Box::pin(async move {
        let (mut buffer, count) = (chain.snapshot.future_buffer(), chain.len());
        for index in 0..count {
            let last = index + 1 == count;
            let ran = match chain.recovering() {
                Some(tracer) if spare(call) => {
                    let ran = guard(tracer, run_at(call, chain, index, last, &mut buffer)).await;
                    recover_from(tracer, chain.position(index), ran, call)
                }
                _ => run_at(call, chain, index, last, &mut buffer).await,
            };
            if take(chain, ran, call) == Flow::Done {
                break;
            }
        }
        chain.snapshot.record_future_size(&buffer);
        call.step(&mut |call| call.finish());
    })
}

/// Prepares for an extension that may fail. Returns whether the call can continue after a failure.
fn spare(call: &mut dyn AsyncCallErased) -> bool {
    let mut can_continue = false;
    call.step(&mut |call| can_continue = call.spare());
    can_continue
}

/// Records and clears a failure of the extension at `position`. Returns whether it ran without a failure.
fn recover_from(
    tracer: &Tracer<'_>,
    position: usize,
    ran: Result<bool, Stopped>,
    call: &mut dyn AsyncCallErased,
) -> bool {
    let (mut ran, mut is_well) = (Some(ran), false);
    call.step(&mut |call| {
        if let Some(ran) = ran.take() {
            if ran.is_err() {
                tracer.drop_returned(position, &mut || call.drop_held());
            }
            is_well = recover(tracer, position, ran, call);
        }
    });
    is_well
}
