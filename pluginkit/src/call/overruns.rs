//! [`Overruns`]: the runs of implementations that exceeded their limits in one call.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::base::sync::{AtomicBool, Mutex, MutexGuard};
use crate::call::blame::Branch;

/// One run of an implementation: its position, and the part of the call that runs it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(super) branch: Branch,
    pub(super) position: usize,
}

/// A run of an implementation that exceeded its limit: the limit and the time.
#[derive(Clone, Copy)]
pub(super) struct Overrun {
    pub(super) visit: Visit,
    pub(super) limit: Duration,
    pub(super) elapsed: Duration,
    /// Whether the implementation was dropped at its limit.
    #[cfg(feature = "async")]
    pub(super) is_expired: bool,
}

/// The overruns that count for one call.
pub(super) struct Overruns {
    all: Mutex<Vec<Overrun>>,
    /// Whether there was any.
    late: AtomicBool,
    /// Whether an implementation was dropped at its limit.
    #[cfg(feature = "async")]
    expired: AtomicBool,
}

impl Overruns {
    pub(super) fn new() -> Self {
        Self {
            all: Mutex::new(Vec::new()),
            late: AtomicBool::new(false),
            #[cfg(feature = "async")]
            expired: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Overrun>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn first(&self) -> Option<Overrun> {
        self.lock().first().copied()
    }

    /// Records an overrun. Returns whether no other counts for the call.
    pub(super) fn record(&self, overrun: Overrun) -> bool {
        let mut all = self.lock();
        all.push(overrun);
        #[cfg(feature = "async")]
        if overrun.is_expired {
            self.expired.store(true, Ordering::Relaxed);
        }
        self.late.store(true, Ordering::Relaxed);
        all.len() == 1
    }

    /// Removes the overrun of `visit`, and returns its limit and its time, if there is one.
    pub(super) fn take(&self, visit: Visit) -> Option<(Duration, Duration)> {
        if !self.late.load(Ordering::Relaxed) {
            return None;
        }
        let mut all = self.lock();
        let index = all.iter().position(|overrun| overrun.visit == visit)?;
        let overrun = all.remove(index);
        #[cfg(feature = "async")]
        self.expired.store(all.iter().any(|overrun| overrun.is_expired), Ordering::Relaxed);
        Some((overrun.limit, overrun.elapsed))
    }

    /// Returns whether an implementation was dropped at its limit.
    #[cfg(feature = "async")]
    pub(super) fn has_expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    /// Returns whether the implementation of `visit` was dropped at its limit.
    #[cfg(feature = "async")]
    pub(super) fn has_expired_at(&self, visit: Visit) -> bool {
        let is_it = |overrun: &Overrun| overrun.is_expired && overrun.visit == visit;
        self.has_expired() && self.lock().iter().any(is_it)
    }
}
