//! What the tests share.

use std::sync::{Arc, Mutex, PoisonError};

/// A list of what happened, which plugins of a test write into.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry.
    pub fn push(&self, entry: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry.into());
    }

    /// Takes the entries out.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the entries out, joined by spaces.
    pub fn line(&self) -> String {
        self.take().join(" ")
    }
}

/// Runs `body`, which panics, and returns the panic's text.
///
/// # Panics
///
/// If `body` does not panic, or not with a text.
pub fn panic_of<R>(body: impl FnOnce() -> R) -> String {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
    let Err(panic) = result else { panic!("expected a panic") };
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a panic with a text")).to_owned(),
    }
}

/// Polls `future` on this thread until it is ready, with a waker that does nothing.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
}

/// A future that is ready when it has been polled `pending` times before.
pub async fn pending(mut pending: u32) {
    std::future::poll_fn(move |_| {
        if pending == 0 {
            return std::task::Poll::Ready(());
        }
        pending -= 1;
        std::task::Poll::Pending
    })
    .await;
}
