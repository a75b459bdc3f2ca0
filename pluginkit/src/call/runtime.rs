//! Sync code that waits for async extensions, and async code that offloads blocking work.
#![forbid(unsafe_code)]

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

pub(crate) use crate::base::runtime::BlockOn;
#[cfg(feature = "tokio")]
pub(crate) use crate::base::runtime::{Waiting, in_async_code};
#[cfg(feature = "tokio")]
use crate::call::offload::Returnable;
#[cfg(feature = "tokio")]
use crate::call::permits;
use crate::erased::Shared;
use crate::erased::future_buffer::{ExtensionFuture, Filling};
use crate::erased::here::Here;
use crate::spec::point::PointInfo;

/// An async extension of a sync manager, which waits for it on a runtime.
pub struct WaitingExtension<E: ?Sized> {
    extension: Shared<E>,
    runtime: Arc<dyn BlockOn>,
    point: &'static PointInfo,
}

impl<E: ?Sized> WaitingExtension<E> {
    /// Returns `extension` as an extension that is awaited on `runtime`.
    pub fn new(extension: Shared<E>, runtime: Arc<dyn BlockOn>, point: &'static PointInfo) -> Self {
        Self { extension, runtime, point }
    }

    /// Returns the async extension.
    pub fn extension(&self) -> &E {
        &self.extension
    }

    /// Waits for the future of the extension and returns its result.
    ///
    /// # Panics
    ///
    /// Panics in async code, and if the extension panics.
    pub fn wait<T>(&self, work: ExtensionFuture<'_, T>) -> T {
        returned(&*self.runtime, self.point, work)
    }
}

/// Waits for the future of an extension of `point`, and returns its result.
fn returned<T>(runtime: &dyn BlockOn, point: &'static PointInfo, work: ExtensionFuture<'_, T>) -> T {
    let mut returned = Here::default();
    wait(runtime, point, work.filling(&mut returned));
    match returned.take() {
        Some(returned) => returned,
        None => not_ready(),
    }
}

/// Waits for the future of an extension of `point`.
///
/// # Panics
///
/// Panics in async code, and if the extension panics.
fn wait(runtime: &dyn BlockOn, point: &'static PointInfo, work: Filling<'_>) {
    assert!(
        !runtime.is_entered(),
        "`{point}` was called from async code, which must not block on its `async fn` extensions: await it on an `AsyncPluginManager`, or call it in `spawn_blocking`"
    );
    runtime.block_on(pin!(work));
}

#[cold]
fn not_ready() -> ! {
    panic!("`block_on` of the runtime returned before the future was ready")
}

impl<E: ?Sized> fmt::Debug for WaitingExtension<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitingExtension")
            .field("point", &format_args!("{}", self.point))
            .finish_non_exhaustive()
    }
}

/// Returns a timer of the current runtime; `None` without a runtime that has timers.
#[cfg(feature = "tokio")]
pub(crate) fn timer(limit: std::time::Duration) -> Option<tokio::time::Sleep> {
    tokio::runtime::Handle::try_current().ok()?;
    // A runtime without timers panics. It offers no other way to find out.
    std::panic::catch_unwind(|| tokio::time::sleep(limit)).ok()
}

/// Runs `work` on the blocking pool of the current runtime, or in place without a runtime.
///
/// # Panics
///
/// The future panics if `work` panics, or if the runtime shuts down before `work` starts.
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
            Err(error) => {
                panic!("a blocking extension did not run, because the runtime is shut down: {error}")
            }
        }
    })
}
