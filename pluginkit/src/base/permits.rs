//! [`Permits`]: how many may be under way at once, and who has a place.
//!
//! Who has a place may itself call what needs one of the same: waiting for another would be waiting for itself.
//! So a place, while it is held, is lent to what is called from within, to one at a time. What is called from within
//! is known by the thread: a place is current wherever the future that has it is polled, and on the thread of
//! the pool where its body runs.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many places, given to who asks first.
pub(crate) struct Permits(Arc<Semaphore>);

impl Permits {
    pub(crate) fn new(count: NonZeroUsize) -> Arc<Self> {
        Arc::new(Self(Arc::new(Semaphore::new(count.get().min(Semaphore::MAX_PERMITS)))))
    }

    /// Waits for a place: for that of whoever this is called from within, if he has one.
    pub(crate) async fn enter(self: &Arc<Self>, outer: Option<Arc<Permit>>) -> Arc<Permit> {
        let mut others = std::iter::successors(outer.as_deref(), |held| held.outer.as_deref());
        let lender = others.find(|held| Arc::ptr_eq(&held.of, self));
        let places = lender.map_or(&self.0, |held| &held.lent);
        let place = Arc::clone(places).acquire_owned().await.expect("it is never closed");
        let lent = Arc::new(Semaphore::new(1));
        Arc::new(Permit { of: Arc::clone(self), lent, outer, _place: place })
    }
}

/// A place that is held; it is free again when it is dropped, and all that was lent it.
pub(crate) struct Permit {
    of: Arc<Permits>,
    /// What is called from within waits for this.
    lent: Arc<Semaphore>,
    /// What was held when this was asked for.
    outer: Option<Arc<Permit>>,
    _place: OwnedSemaphorePermit,
}

thread_local! {
    /// What is held by what this thread does.
    ///
    /// It has no destructor, so that destructors of other thread locals can call. Between calls it is `None`.
    static CURRENT: ManuallyDrop<RefCell<Option<Arc<Permit>>>> = const { ManuallyDrop::new(RefCell::new(None)) };
}

/// What is held by what this thread does.
pub(crate) fn current() -> Option<Arc<Permit>> {
    CURRENT.with(|current| current.borrow().clone())
}

/// Does `work`, which holds `held`.
pub(crate) fn holding<R>(held: Option<Arc<Permit>>, work: impl FnOnce() -> R) -> R {
    /// Puts back what was held.
    struct Back(Option<Arc<Permit>>);
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
