//! Helpers for operations that are written once, as futures, for both kinds of managers.
#![forbid(unsafe_code)]

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Returns the outcome of a future that is ready when it is first polled.
///
/// The operations of a sync manager are such futures: their steps wait in place.
///
/// # Panics
///
/// Panics if the future is pending, which is a bug of this crate.
pub(crate) fn now<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => unreachable!("a synchronous operation waits in place"),
    }
}

/// Awaits a future, and returns its outcome or its panic.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut work = pin!(work);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}
