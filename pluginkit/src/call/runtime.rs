//! Where sync code waits for async code, and where async code has its blocking work done.
#![forbid(unsafe_code)]

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

#[cfg(feature = "tokio")]
use crate::__private::offload::Returnable;
use crate::base::drops::contain;
#[cfg(feature = "tokio")]
use crate::call::permits;
use crate::erased::room::ExtensionFuture;
use crate::spec::point::PointInfo;

/// Something that runs a future to its end while the current thread waits: what a
/// [`PluginManager`](crate::PluginManager) needs to accept `async fn` extensions.
///
/// With the feature `tokio` its `Runtime` and `Handle` are such things. For another executor, a closure
/// is one:
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

    /// Whether the current thread runs async code, so that it must not wait.
    fn is_entered(&self) -> bool {
        false
    }

    /// Lets go of the runtime when its manager goes, which may be anywhere.
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
        if let Some(runtime) = self.0.take() {
            contain(None, || runtime.close());
        }
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

    /// Waits for what it is blocked by, except in async code, which must not wait.
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

/// An async extension of a sync manager, and what that awaits it on.
pub struct Awaits<E: ?Sized> {
    extension: Arc<E>,
    runtime: Arc<dyn BlockOn>,
    point: &'static PointInfo,
}

impl<E: ?Sized> Awaits<E> {
    /// The extension, to be awaited on `runtime`.
    pub fn new(extension: Arc<E>, runtime: Arc<dyn BlockOn>, point: &'static PointInfo) -> Self {
        Self { extension, runtime, point }
    }

    /// The extension.
    pub fn extension(&self) -> &E {
        &self.extension
    }

    /// Waits for what the extension does.
    ///
    /// # Panics
    ///
    /// If the current thread runs async code, or if the extension panics.
    pub fn wait<T>(&self, work: ExtensionFuture<'_, T>) -> T {
        assert!(
            !self.runtime.is_entered(),
            "`{}` was called from async code, which must not wait for its `async fn` extensions: await it on an `AsyncPluginManager`, or call it in `spawn_blocking`",
            self.point
        );
        let mut returned = None;
        {
            let work = std::pin::pin!(async { returned = Some(work.await) });
            self.runtime.block_on(work);
        }
        match returned {
            Some(returned) => returned,
            None => panic!("`block_on` of the runtime returned before the future was ready"),
        }
    }
}

impl<E: ?Sized> fmt::Debug for Awaits<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Awaits").field("point", &format_args!("{}", self.point)).finish_non_exhaustive()
    }
}

/// Whether the current thread polls async code for tokio.
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

/// A timer of the current runtime; `None` where there is no runtime, or one without timers.
#[cfg(feature = "tokio")]
pub(crate) fn timer(limit: std::time::Duration) -> Option<tokio::time::Sleep> {
    tokio::runtime::Handle::try_current().ok()?;
    // Whether it has timers a runtime tells by a panic only.
    std::panic::catch_unwind(|| tokio::time::sleep(limit)).ok()
}

/// Does `work` on the blocking pool of the current runtime, or in place where there is none.
///
/// # Panics
///
/// When awaited: if `work` panics, or if the runtime is shut down before it can start.
#[cfg(feature = "tokio")]
pub fn offload<'f, R: Returnable>(work: impl FnOnce() -> R + Send + 'static) -> ExtensionFuture<'f, R> {
    ExtensionFuture::new(async move {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return work() };
        let held = permits::current();
        let work = move || permits::holding(held, work);
        #[cfg(feature = "tracing")]
        let work = {
            let span = tracing::Span::current();
            move || span.in_scope(work)
        };
        match runtime.spawn_blocking(work).await {
            Ok(returned) => returned,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => panic!("a blocking extension could not run, as the runtime is shut down: {error}"),
        }
    })
}

/// Where an async manager waits for its calls on behalf of sync code.
#[cfg(feature = "tokio")]
#[derive(Default)]
pub(crate) struct Waiting {
    /// What the host chose.
    chosen: Option<tokio::runtime::Handle>,
    /// What the manager made, as there was nothing else.
    own: std::sync::OnceLock<Own>,
}

#[cfg(feature = "tokio")]
impl Waiting {
    pub(crate) fn on(handle: tokio::runtime::Handle) -> Self {
        Self { chosen: Some(handle), ..Self::default() }
    }

    /// The runtime the host chose, the one of the current thread, or the manager's own.
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
