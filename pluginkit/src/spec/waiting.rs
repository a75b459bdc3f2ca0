//! [`WaitingExtension`]: an async extension of a sync manager.
#![forbid(unsafe_code)]

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use crate::base::runtime::BlockOn;
use crate::erased::Object;
use crate::erased::future_buffer::{ExtensionFuture, Filling};
use crate::erased::here::Here;
use crate::spec::point::PointInfo;

/// An async extension in a sync manager: the manager waits for it on a runtime.
///
/// For a point that is written by hand, implement the trait of its sync extensions for `WaitingExtension`, and let
/// [`AsyncPointTypes::awaited`](crate::manual::AsyncPointTypes::awaited) return `Some` of its argument.
pub struct WaitingExtension {
    extension: Object,
    runtime: Arc<dyn BlockOn>,
    point: &'static PointInfo,
}

impl WaitingExtension {
    pub(crate) fn new(extension: Object, runtime: Arc<dyn BlockOn>, point: &'static PointInfo) -> Self {
        Self { extension, runtime, point }
    }

    /// Returns the async extension. `E` is the [`AsyncExtension`](crate::manual::AsyncPointTypes::AsyncExtension) of the
    /// point.
    ///
    /// # Panics
    ///
    /// Panics if `E` is another type.
    #[must_use]
    pub fn extension<E: ?Sized + 'static>(&self) -> &E {
        self.extension.get()
    }

    /// Waits for the future of the extension and returns its result.
    ///
    /// # Panics
    ///
    /// Panics in async code, and if the extension panics.
    pub fn wait<T>(&self, work: ExtensionFuture<'_, T>) -> T {
        let mut returned = Here::EMPTY;
        self.fill(work.filling(&mut returned));
        match returned.take() {
            Some(returned) => returned,
            None => not_ready(),
        }
    }

    fn fill(&self, work: Filling<'_>) {
        assert!(
            !self.runtime.is_entered(),
            "`{}` was called from async code, which must not block on its `async fn` extensions: await it on an `AsyncPluginManager`, or call it in `spawn_blocking`",
            self.point
        );
        self.runtime.block_on(pin!(work));
    }
}

#[cold]
fn not_ready() -> ! {
    panic!("`block_on` of the runtime returned before the future was ready")
}

impl fmt::Debug for WaitingExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitingExtension")
            .field("point", &format_args!("{}", self.point))
            .finish_non_exhaustive()
    }
}
