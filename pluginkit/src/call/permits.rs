//! [`Places`]: how many may be under way at once, and who has a place.
//!
//! Who has a place may itself call what needs one of the same: waiting for another would be waiting for itself.
//! So a place, while it is held, is lent to what is called from within, to one at a time. What is called from within
//! is known by the thread: a place is current wherever the future that has it is polled, and on the thread of
//! the pool where its body runs.

use std::cell::RefCell;
use std::fmt;
use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::erased::room::ExtensionFuture;
use crate::plugin::implementation::Implementation;

/// So many places, given to who asks first.
pub(crate) struct Places(Arc<Semaphore>);

impl Places {
    pub(crate) fn new(count: NonZeroUsize) -> Arc<Self> {
        Arc::new(Self(Arc::new(Semaphore::new(count.get().min(Semaphore::MAX_PERMITS)))))
    }

    /// Waits for a place: for that of whoever this is called from within, if he has one.
    async fn enter(self: &Arc<Self>, outer: Option<Arc<Held>>) -> Arc<Held> {
        let mut others = std::iter::successors(outer.as_deref(), |held| held.outer.as_deref());
        let lender = others.find(|held| Arc::ptr_eq(&held.of, self));
        let places = lender.map_or(&self.0, |held| &held.lent);
        let place = Arc::clone(places).acquire_owned().await.expect("it is never closed");
        let lent = Arc::new(Semaphore::new(1));
        Arc::new(Held { of: Arc::clone(self), lent, outer, _place: place })
    }
}

/// A place that is held; it is free again when it is dropped, and all that was lent it.
pub(crate) struct Held {
    of: Arc<Places>,
    /// What is called from within waits for this.
    lent: Arc<Semaphore>,
    /// What was held when this was asked for.
    outer: Option<Arc<Held>>,
    _place: OwnedSemaphorePermit,
}

thread_local! {
    /// What is held by what this thread does.
    ///
    /// It has no destructor, so that destructors of other thread locals can call. Between calls it is `None`.
    static CURRENT: ManuallyDrop<RefCell<Option<Arc<Held>>>> = const { ManuallyDrop::new(RefCell::new(None)) };
}

/// What is held by what this thread does.
pub(crate) fn current() -> Option<Arc<Held>> {
    CURRENT.with(|current| current.borrow().clone())
}

/// Does `work`, which holds `held`.
pub(crate) fn holding<R>(held: Option<Arc<Held>>, work: impl FnOnce() -> R) -> R {
    /// Puts back what was held.
    struct Back(Option<Arc<Held>>);
    impl Drop for Back {
        fn drop(&mut self) {
            let held = CURRENT.with(|current| current.replace(self.0.take()));
            // It wakes who waits for it.
            drop(held);
        }
    }
    if held.is_none() {
        return work();
    }
    let _back = Back(CURRENT.with(|current| current.replace(held)));
    work()
}

/// Waits for the place of an extension among those of its plugin, then for one on the blocking pool if it
/// goes there.
async fn enter(implementation: &Implementation, pool: bool) -> Option<Arc<Held>> {
    let mut held = current();
    if let Some(places) = implementation.owner.places() {
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
    waiting: Option<ExtensionFuture<'f, Option<Arc<Held>>>>,
    // Dropped before what it holds.
    work: ExtensionFuture<'f, T>,
    held: Option<Arc<Held>>,
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

impl<'f> Seated<'f, Option<Arc<Held>>> {
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
