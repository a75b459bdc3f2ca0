//! Futures that never wait.
#![forbid(unsafe_code)]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Returns the outcome of a future that is ready when it is first polled.
///
/// Operations are written once, as futures. A sync manager runs them with steps that wait in place.
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
