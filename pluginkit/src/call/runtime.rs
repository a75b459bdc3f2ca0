//! Timers, and async code that offloads blocking work.
#![forbid(unsafe_code)]

#[cfg(feature = "tokio")]
use std::any::Any;

#[cfg(feature = "tokio")]
use crate::base::futures::BoxFuture;
#[cfg(feature = "tokio")]
pub(crate) use crate::base::runtime::{Waiting, in_async_code};
#[cfg(feature = "tokio")]
use crate::call::offload::Returnable;
#[cfg(feature = "tokio")]
use crate::call::permits;
#[cfg(feature = "tokio")]
use crate::erased::future_buffer::ExtensionFuture;

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
    let run = run_on_pool(Box::new(move || Box::new(work())));
    ExtensionFuture::new(async move {
        match run.await.downcast::<R>() {
            Ok(returned) => *returned,
            Err(_) => not_the_result(),
        }
    })
}

/// The result of work on the blocking pool.
///
/// Boxed like the work, because a host would compile a task of the runtime for each point.
#[cfg(feature = "tokio")]
type Returned = Box<dyn Any + Send>;

#[cfg(feature = "tokio")]
fn run_on_pool(work: Box<dyn FnOnce() -> Returned + Send>) -> BoxFuture<'static, Returned> {
    Box::pin(async move {
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

#[cold]
#[cfg(feature = "tokio")]
fn not_the_result() -> ! {
    panic!("work on the blocking pool returns its own result")
}
