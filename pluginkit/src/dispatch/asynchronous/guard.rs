//! Futures whose panics and overruns are caught.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use crate::dispatch::guard::{Stopped, message};
use crate::dispatch::trace::Tracer;

/// Awaits `work` up to a panic, or to where `tracer` sees an implementation run out of time.
///
/// What `work` holds is dropped then, the innermost first.
pub(super) async fn guard<T>(tracer: &Tracer<'_>, work: impl Future<Output = T>) -> Result<T, Stopped> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
        Ok(Poll::Pending) if tracer.has_expired() => Poll::Ready(Err(Stopped::Expired)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(Stopped::Panicked(message(&*panic)))),
    })
    .await
}
