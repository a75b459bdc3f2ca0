//! Futures with caught panics and overruns.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use crate::base::drops::message;
use crate::call::guard::Stopped;
use crate::call::trace::Tracer;

/// Awaits `work` until it is ready, panics, or contains an implementation that exceeds its time limit.
///
/// Expired work is dropped. Observers get a fault for each destructor that panics then.
pub(super) async fn guard<T>(tracer: &Tracer<'_>, work: impl Future<Output = T>) -> Result<T, Stopped> {
    let mut work = std::pin::pin!(Some(work));
    std::future::poll_fn(|cx| {
        let Some(running) = work.as_mut().as_pin_mut() else { return Poll::Pending };
        match catch_unwind(AssertUnwindSafe(|| running.poll(cx))) {
            Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
            Ok(Poll::Pending) if tracer.has_expired() => {
                tracer.drop_reporting(&mut || work.set(None));
                Poll::Ready(Err(Stopped::Expired))
            }
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(Stopped::Panicked(message(panic)))),
        }
    })
    .await
}
