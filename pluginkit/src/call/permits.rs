//! [`Seated`]: an extension that waits for its places.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

pub(crate) use crate::base::permits::{Permit, current, holding};
use crate::erased::future_buffer::ExtensionFuture;
use crate::plugin::implementation::Implementation;

/// Waits for the place of an extension among those of its plugin, then for one on the blocking pool if it
/// goes there.
async fn enter(implementation: &Implementation, pool: bool) -> Option<Arc<Permit>> {
    let mut held = current();
    if let Some(places) = implementation.owner.permits() {
        held = Some(places.enter(held).await);
    }
    if let Some(places) = implementation.contribution.pool.as_ref().filter(|_| pool) {
        held = Some(places.enter(held).await);
    }
    held
}

/// What an extension does, once it has its places.
pub(crate) struct Seated<'f, T> {
    /// Until it has them.
    waiting: Option<ExtensionFuture<'f, Option<Arc<Permit>>>>,
    // Dropped before what it holds.
    work: ExtensionFuture<'f, T>,
    held: Option<Arc<Permit>>,
}

impl<'f, T> Seated<'f, T> {
    /// What is awaited.
    pub(crate) fn new(limited: &'f Implementation, work: ExtensionFuture<'f, T>) -> Self {
        let waiting = Some(ExtensionFuture::new(enter(limited, true)));
        Self { waiting, held: None, work }
    }

    /// Whether it has its places.
    pub(crate) fn has_begun(&self) -> bool {
        self.waiting.is_none()
    }
}

impl<'f> Seated<'f, Option<Arc<Permit>>> {
    /// The place of what is called and not awaited.
    pub(crate) fn place(limited: &'f Implementation) -> Self {
        let waiting = Some(ExtensionFuture::new(enter(limited, false)));
        Self { waiting, held: None, work: ExtensionFuture::new(async { current() }) }
    }
}

impl<T> Future for Seated<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = &mut *self;
        if let Some(waiting) = &mut this.waiting {
            match Pin::new(waiting).poll(cx) {
                Poll::Ready(held) => (this.waiting, this.held) = (None, held),
                Poll::Pending => return Poll::Pending,
            }
        }
        match &this.held {
            None => Pin::new(&mut this.work).poll(cx),
            held => holding(held.clone(), || Pin::new(&mut this.work).poll(cx)),
        }
    }
}

impl<T> fmt::Debug for Seated<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seated").field("has_begun", &self.has_begun()).finish_non_exhaustive()
    }
}
