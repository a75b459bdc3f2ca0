//! [`Detached`]: an operation that goes on to its end if its future is dropped.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::base::drops::contain_quietly;
use crate::base::futures::{BoxFuture, block_on};
use crate::base::signal::CancellationSignal;
use crate::base::sync::thread;

/// An operation that goes on to its end if its future is dropped. It is told then, so that it can undo what it has done.
///
/// It goes on in the drop as far as it waits for nothing, then as a task of the tokio runtime in which it began or, without
/// one, on a thread of its own.
pub(super) struct Detached<T: Send + 'static> {
    work: Option<BoxFuture<'static, T>>,
    is_dropped: CancellationSignal,
    #[cfg(feature = "tokio")]
    runtime: Option<tokio::runtime::Handle>,
}

impl<T: Send + 'static> Detached<T> {
    /// Returns the operation that `start` makes. It gets the signal that its future was dropped.
    pub(super) fn new(start: impl FnOnce(CancellationSignal) -> BoxFuture<'static, T>) -> Self {
        let is_dropped = CancellationSignal::new();
        Self {
            work: Some(start(is_dropped.clone())),
            is_dropped,
            #[cfg(feature = "tokio")]
            runtime: tokio::runtime::Handle::try_current().ok(),
        }
    }
}

impl<T: Send + 'static> Future for Detached<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.work else { return Poll::Pending };
        let polled = work.as_mut().poll(cx);
        if polled.is_ready() {
            self.work = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Detached<T> {
    fn drop(&mut self) {
        let Some(mut work) = self.work.take() else { return };
        self.is_dropped.cancel();
        let mut is_over = true;
        contain_quietly(&mut || {
            // What it returns is dropped with nobody to tell.
            is_over = work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
        });
        if is_over {
            return;
        }
        let rest = async move {
            let _ = work.await;
        };
        #[cfg(feature = "tokio")]
        if let Some(runtime) = self.runtime.take() {
            drop(runtime.spawn(rest));
            return;
        }
        // Without a thread, the operation ends here, and what it holds undoes itself as far as it can.
        let _ = thread::Builder::new().name("pluginkit-rest".to_owned()).spawn(move || block_on(rest));
    }
}

/// Awaits `work`, unless `is_dropped` is given before. Then it is dropped, and `None` is returned.
pub(super) async fn unless<T>(is_dropped: &CancellationSignal, work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|cx| {
        // The drop that gives the signal polls the operation right after.
        if is_dropped.is_cancelled() { Poll::Ready(None) } else { work.as_mut().poll(cx).map(Some) }
    })
    .await
}
