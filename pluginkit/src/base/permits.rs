//! [`Permits`]: a limit of how much runs at once.
//!
//! A holder of a permit may call code that needs another one of the same limit: waiting for it would be waiting for
//! itself. So a permit is lent to such re-entrant calls, one at a time. They are recognized by the thread: a permit is
//! current wherever the future that holds it is polled, and on the thread of the pool that runs its body.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A number of permits, given in the order in which they are requested.
pub(crate) struct Permits(Arc<Semaphore>);

impl Permits {
    pub(crate) fn new(count: NonZeroUsize) -> Arc<Self> {
        Arc::new(Self(Arc::new(Semaphore::new(count.get().min(Semaphore::MAX_PERMITS)))))
    }

    /// Waits for a permit. A re-entrant call waits for the permit of its caller, `outer`.
    pub(crate) async fn enter(self: &Arc<Self>, outer: Option<Arc<Permit>>) -> Arc<Permit> {
        let mut others = std::iter::successors(outer.as_deref(), |held| held.outer.as_deref());
        let lender = others.find(|held| Arc::ptr_eq(&held.of, self));
        let places = lender.map_or(&self.0, |held| &held.lent);
        let place = Arc::clone(places).acquire_owned().await.expect("it is never closed");
        let lent = Arc::new(Semaphore::new(1));
        Arc::new(Permit { of: Arc::clone(self), lent, outer, _place: place })
    }
}

/// A permit that is held. It is free again when it and every permit lent from it are dropped.
pub(crate) struct Permit {
    of: Arc<Permits>,
    /// Re-entrant calls wait for this.
    lent: Arc<Semaphore>,
    /// The permit of the caller, if it holds one.
    outer: Option<Arc<Permit>>,
    _place: OwnedSemaphorePermit,
}

thread_local! {
    /// The permit that the current code of this thread holds.
    ///
    /// It has no destructor, so that destructors of other thread locals can call. Between calls it is `None`.
    static CURRENT: ManuallyDrop<RefCell<Option<Arc<Permit>>>> = const { ManuallyDrop::new(RefCell::new(None)) };
}

/// The permit that the current code of this thread holds.
pub(crate) fn current() -> Option<Arc<Permit>> {
    CURRENT.with(|current| current.borrow().clone())
}

/// Runs `work`, which holds the permit `held`.
pub(crate) fn holding<R>(held: Option<Arc<Permit>>, work: impl FnOnce() -> R) -> R {
    /// Puts back what was held.
    struct Back(Option<Arc<Permit>>);
    impl Drop for Back {
        fn drop(&mut self) {
            let held = CURRENT.with(|current| current.replace(self.0.take()));
            // This may wake a task that waits for it.
            drop(held);
        }
    }
    if held.is_none() {
        return work();
    }
    let _back = Back(CURRENT.with(|current| current.replace(held)));
    work()
}
