//! [`Limit`]: a time limit that can be read and set without a lock.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::base::sync::AtomicU64;

/// A time limit, if there is one, in nanoseconds; 0 stands for none.
#[derive(Default)]
pub(crate) struct Limit(AtomicU64);

impl Limit {
    /// Returns the limit.
    pub(crate) fn get(&self) -> Option<Duration> {
        Some(self.0.load(Ordering::Relaxed)).filter(|limit| *limit > 0).map(Duration::from_nanos)
    }

    /// Sets the limit. A limit of zero becomes one nanosecond.
    pub(crate) fn set(&self, limit: Option<Duration>) {
        let nanoseconds = |limit: Duration| u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX).max(1);
        self.0.store(limit.map_or(0, nanoseconds), Ordering::Relaxed);
    }
}
