//! What plugins are held to, and what becomes of those who do not keep to it.
#![forbid(unsafe_code)]

mod breaker;
mod failure;
#[cfg(feature = "tokio")]
pub(crate) mod places;

pub use breaker::{BreakerPolicy, CircuitBreaker, CircuitState};
pub use failure::FailurePolicy;
pub(crate) use failure::SetPolicy;

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::sync::AtomicU64;

/// A time that something may take, if there is one; in nanoseconds, of which 0 is none.
#[derive(Default)]
pub(crate) struct Limit(AtomicU64);

impl Limit {
    pub(crate) fn get(&self) -> Option<Duration> {
        Some(self.0.load(Ordering::Relaxed)).filter(|limit| *limit > 0).map(Duration::from_nanos)
    }

    /// A limit of no time at all is one of a nanosecond.
    pub(crate) fn set(&self, limit: Option<Duration>) {
        let nanoseconds = |limit: Duration| u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX).max(1);
        self.0.store(limit.map_or(0, nanoseconds), Ordering::Relaxed);
    }
}
