//! [`Permitted`]: the future of an extension that runs under permits.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

pub(crate) use crate::base::permits::{Permit, current, holding};
use crate::erased::future_buffer::ExtensionFuture;
use crate::plugin::implementation::Implementation;

/// Waits for a permit of the plugin, then for one of the blocking pool if the extension runs there.
async fn acquire(implementation: &Implementation, pool: bool) -> Option<Arc<Permit>> {
    let mut permit = current();
    if let Some(permits) = implementation.owner.permits() {
        permit = Some(permits.enter(permit).await);
    }
    if let Some(permits) = implementation.contribution.pool.as_ref().filter(|_| pool) {
        permit = Some(permits.enter(permit).await);
    }
    permit
}

/// The work of an extension, which starts when the extension has its permits.
pub(crate) struct Permitted<'f, F> {
    /// Set until the permits are acquired.
    waiting: Option<ExtensionFuture<'f, Option<Arc<Permit>>>>,
    // Dropped before the permit.
    work: F,
    permit: Option<Arc<Permit>>,
}

impl<'f, F> Permitted<'f, F> {
    /// Returns the future of an extension that is awaited.
    pub(crate) fn new(limited: &'f Implementation, work: F) -> Self {
        let waiting = Some(ExtensionFuture::new(acquire(limited, true)));
        Self { waiting, permit: None, work }
    }

    /// Returns whether the permits are acquired.
    pub(crate) fn has_begun(&self) -> bool {
        self.waiting.is_none()
    }
}

/// The future of the permit that the current code holds.
pub(crate) struct Current;

impl Future for Current {
    type Output = Option<Arc<Permit>>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(current())
    }
}

impl<'f> Permitted<'f, Current> {
    /// Returns a future of the permits of an extension that is called, not awaited.
    pub(crate) fn acquire(limited: &'f Implementation) -> Self {
        let waiting = Some(ExtensionFuture::new(acquire(limited, false)));
        Self { waiting, permit: None, work: Current }
    }
}

impl<F: Future + Unpin> Future for Permitted<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if let Some(waiting) = &mut this.waiting {
            match Pin::new(waiting).poll(cx) {
                Poll::Ready(permit) => (this.waiting, this.permit) = (None, permit),
                Poll::Pending => return Poll::Pending,
            }
        }
        match &this.permit {
            None => Pin::new(&mut this.work).poll(cx),
            permit => holding(permit.clone(), || Pin::new(&mut this.work).poll(cx)),
        }
    }
}

impl<F> fmt::Debug for Permitted<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permitted").field("has_begun", &self.has_begun()).finish_non_exhaustive()
    }
}
