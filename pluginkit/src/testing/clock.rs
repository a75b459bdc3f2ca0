//! [`FakeClock`]: a clock that a test advances.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A clock that only the test advances, from the beginning of 1970 on. Clones share one time.
///
/// A [manager](crate::manager::ManagerBuilder::clock) takes a clock for timestamps, circuit breakers, time limits, drain
/// limits and metrics. A breaker may have a clock of its own.
///
/// A call or a stop that waits for a limit ends when a test advances the clock up to that limit: it looks at the clock
/// every two milliseconds. Under `tokio::time::pause`, these looks take the time of tokio, so that no call waits for real
/// time. The limit itself follows the clock only, not `tokio::time::advance`.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use pluginkit::testing::FakeClock;
/// use pluginkit::limits::BreakerPolicy;
/// use pluginkit::PluginManager;
///
/// let clock = FakeClock::new();
/// let pm = PluginManager::builder("feed").clock(clock.reader()).build();
/// let _breaker = pm.break_circuits(BreakerPolicy::new(3).retry_after(Duration::from_secs(30)));
/// clock.advance(Duration::from_secs(31));
/// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(31));
/// ```
#[derive(Clone, Default)]
pub struct FakeClock(Arc<AtomicU64>);

impl FakeClock {
    /// Returns a clock at the beginning of 1970.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the time of the clock.
    pub fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }

    /// Advances the clock by `time`.
    pub fn advance(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_add(nanoseconds, Ordering::SeqCst);
    }

    /// Returns a function that reads the clock, for every setting that takes one.
    pub fn reader(&self) -> impl Fn() -> SystemTime + Send + Sync + 'static {
        let clock = self.clone();
        move || clock.now()
    }
}

impl fmt::Debug for FakeClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FakeClock").field(&self.now()).finish()
    }
}
