//! Helpers for operations that are written once, as futures, for both kinds of managers.
#![forbid(unsafe_code)]
#![allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "public for `__core` only")]

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
#[cfg(any(feature = "macros", feature = "testing"))]
use std::sync::Arc;
#[cfg(any(feature = "macros", feature = "testing"))]
use std::task::Wake;
use std::task::{Context, Poll, Waker};

#[cfg(any(feature = "macros", feature = "testing"))]
use crate::base::sync::thread;

/// A future of any type.
#[cfg(any(feature = "async", feature = "macros"))]
pub type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// Returns the outcome of a future that is ready when it is first polled.
///
/// The operations of a sync manager are such futures: their steps wait in place.
///
/// # Panics
///
/// Panics if the future is pending, which is a bug of this crate.
pub fn now<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => unreachable!("a synchronous operation waits in place"),
    }
}

/// Awaits a future, and returns its outcome or its panic. The future is dropped when it has ended.
///
/// It is pinned by the caller, since each `async fn` that a future is moved through makes room for it twice.
pub async fn caught<T>(
    mut work: Pin<&mut Option<impl Future<Output = T>>>,
) -> Result<T, Box<dyn Any + Send>> {
    let outcome = poll_fn(|cx| {
        let work = work.as_mut().as_pin_mut().expect("a future is awaited once");
        match catch_unwind(AssertUnwindSafe(|| work.poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await;
    work.set(None);
    outcome
}

/// Wakes a thread.
#[cfg(any(feature = "macros", feature = "testing"))]
struct Unpark(thread::Thread);

#[cfg(any(feature = "macros", feature = "testing"))]
impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls `work` on the current thread, which sleeps between polls.
#[cfg(any(feature = "macros", feature = "testing"))]
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let (mut work, mut cx) = (pin!(work), Context::from_waker(&waker));
    loop {
        if let Poll::Ready(outcome) = work.as_mut().poll(&mut cx) {
            return outcome;
        }
        thread::park();
    }
}
