//! [`BlockOn`]: where sync code waits for async code.
#![forbid(unsafe_code)]

use std::pin::Pin;
use std::sync::Arc;

use crate::base::drops::contain;

/// A runtime on which sync code waits for a future.
///
/// A [`PluginManager`](crate::PluginManager) needs a runtime to accept `async fn` extensions. With the feature `tokio`,
/// tokio's `Runtime` and `Handle` implement `BlockOn`. For another executor, pass a closure:
///
/// ```
/// use std::pin::Pin;
/// use pluginkit::PluginManager;
///
/// # fn block_on(mut future: Pin<&mut (dyn Future<Output = ()> + '_)>) {
/// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
/// #     while future.as_mut().poll(&mut cx).is_pending() {}
/// # }
/// let pm = PluginManager::builder("feed")
///     .block_on(|future: Pin<&mut (dyn Future<Output = ()> + '_)>| block_on(future))
///     .build();
/// ```
pub trait BlockOn: Send + Sync + 'static {
    /// Polls `future` until it is ready.
    fn block_on(&self, future: Pin<&mut (dyn Future<Output = ()> + '_)>);

    /// Returns whether the current thread runs async code, in which `block_on` must not be called.
    fn is_entered(&self) -> bool {
        false
    }

    /// Releases the runtime when its manager is dropped, on any thread.
    fn close(self)
    where
        Self: Sized,
    {
    }
}

/// A runtime that is [closed](BlockOn::close) when it is dropped.
pub(crate) struct Closing<R: BlockOn>(Option<R>);

impl<R: BlockOn> Closing<R> {
    pub(crate) fn new(runtime: R) -> Self {
        Self(Some(runtime))
    }
}

impl<R: BlockOn> BlockOn for Closing<R> {
    fn block_on(&self, future: Pin<&mut (dyn Future<Output = ()> + '_)>) {
        if let Some(runtime) = &self.0 {
            runtime.block_on(future);
        }
    }

    fn is_entered(&self) -> bool {
        self.0.as_ref().is_some_and(R::is_entered)
    }
}

impl<R: BlockOn> Drop for Closing<R> {
    fn drop(&mut self) {
        contain(None, &mut || self.0.take().into_iter().for_each(R::close));
    }
}

impl<F: Fn(Pin<&mut (dyn Future<Output = ()> + '_)>) + Send + Sync + 'static> BlockOn for F {
    fn block_on(&self, future: Pin<&mut (dyn Future<Output = ()> + '_)>) {
        self(future);
    }
}

#[cfg(feature = "tokio")]
impl BlockOn for tokio::runtime::Runtime {
    fn block_on(&self, future: Pin<&mut (dyn Future<Output = ()> + '_)>) {
        self.block_on(future);
    }

    fn is_entered(&self) -> bool {
        in_async_code()
    }

    /// Shuts the runtime down. Waits for the work on its blocking pool, except in async code, which must not wait.
    fn close(self) {
        if in_async_code() {
            self.shutdown_background();
        }
    }
}

#[cfg(feature = "tokio")]
impl BlockOn for tokio::runtime::Handle {
    fn block_on(&self, future: Pin<&mut (dyn Future<Output = ()> + '_)>) {
        self.block_on(future);
    }

    fn is_entered(&self) -> bool {
        in_async_code()
    }
}

impl<R: BlockOn + ?Sized> BlockOn for Arc<R> {
    fn block_on(&self, future: Pin<&mut (dyn Future<Output = ()> + '_)>) {
        R::block_on(self, future);
    }

    fn is_entered(&self) -> bool {
        R::is_entered(self)
    }
}

/// Returns whether the current thread polls async code for tokio.
///
/// The runtime gives each poll a budget, and no budget to threads that may block: those of its blocking
/// pool, those that merely entered it, and the inside of `block_in_place`. Every unit taken here is given
/// back.
#[cfg(feature = "tokio")]
pub(crate) fn in_async_code() -> bool {
    use std::task::{Context, Poll, Waker};

    /// More than the runtime gives.
    const PLENTY: usize = 256;
    let mut cx = Context::from_waker(Waker::noop());
    let mut taken = Vec::with_capacity(PLENTY);
    for _ in 0..PLENTY {
        match tokio::task::coop::poll_proceed(&mut cx) {
            Poll::Ready(unit) => taken.push(unit),
            Poll::Pending => break,
        }
    }
    let limited = taken.len() < PLENTY;
    // Each gives back what was left when it was taken, so the first must be the last.
    while taken.pop().is_some() {}
    limited
}

/// The runtime on which an async manager waits for sync code.
#[cfg(feature = "tokio")]
#[derive(Default)]
pub(crate) struct Waiting {
    /// The runtime that the host set.
    chosen: Option<tokio::runtime::Handle>,
    /// The runtime that the manager made, because there was no other.
    own: std::sync::OnceLock<Own>,
}

#[cfg(feature = "tokio")]
impl Waiting {
    pub(crate) fn on(handle: tokio::runtime::Handle) -> Self {
        Self { chosen: Some(handle), ..Self::default() }
    }

    /// Returns the runtime that the host set, the one of the current thread, or the manager's own.
    pub(crate) fn handle(&self) -> std::io::Result<tokio::runtime::Handle> {
        let current = || tokio::runtime::Handle::try_current().ok();
        if let Some(handle) = self.chosen.clone().or_else(current) {
            return Ok(handle);
        }
        if self.own.get().is_none() {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("pluginkit")
                .enable_all()
                .build()?;
            // Another thread may have been faster; the one that is not needed goes away.
            let _ = self.own.set(Own(Some(runtime)));
        }
        let own = self.own.get().and_then(|own| own.0.as_ref());
        Ok(own.expect("it is there until the manager goes").handle().clone())
    }
}

/// A runtime that may go away anywhere, in async code too.
#[cfg(feature = "tokio")]
struct Own(Option<tokio::runtime::Runtime>);

#[cfg(feature = "tokio")]
impl Drop for Own {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
