//! [`Clock`]: the time as the host tells it. [`Stopwatch`]: the time that something takes.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::base::drops::{Foreign, contain_quietly};

/// The interval at which a wait looks at the clock of a host, which cannot wake it.
pub(crate) const LOOK: Duration = Duration::from_millis(2);

/// A function that tells the time: the system's clock, unless the host sets another.
#[derive(Clone)]
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub struct Clock {
    now: Arc<Foreign<Box<Now>>>,
    /// Whether the host has set it.
    is_of_host: bool,
}

type Now = dyn Fn() -> SystemTime + Send + Sync;

impl Clock {
    /// Returns the clock of a host.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(Foreign::new(Box::new(now), None)), is_of_host: true }
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.now)()
    }

    /// Returns the clock, if the host has set it.
    pub(crate) fn of_host(&self) -> Option<&Self> {
        Some(self).filter(|clock| clock.is_of_host)
    }

    /// Returns the time, by the system's clock if the host's panics.
    pub fn now_at_any_rate(&self) -> SystemTime {
        let mut now = None;
        contain_quietly(&mut || now = Some(self.now()));
        now.unwrap_or_else(system_time)
    }
}

impl Default for Clock {
    fn default() -> Self {
        let mut clock = Self::new(system_time);
        clock.is_of_host = false;
        clock
    }
}

/// Whether the target has clocks. `wasm32-unknown-unknown` has none: a look at one panics there.
pub(crate) const HAS_CLOCKS: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));

/// Returns the time of the system's clock; the Unix epoch where there is none.
fn system_time() -> SystemTime {
    if HAS_CLOCKS { SystemTime::now() } else { SystemTime::UNIX_EPOCH }
}

/// Measures time from its start on; it shows 0 where there is no clock.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Option<Instant>);

impl Stopwatch {
    #[inline]
    pub(crate) fn start() -> Self {
        Self(HAS_CLOCKS.then(Instant::now))
    }

    #[inline]
    pub(crate) fn elapsed(self) -> Duration {
        self.0.map_or(Duration::ZERO, |began| began.elapsed())
    }
}

/// Returns the nanoseconds since 1970.
fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// A moment from which a time is measured: by the clock of the host, or by the time that passes.
#[derive(Clone, Copy)]
pub(crate) enum Moment {
    Passing(Stopwatch),
    /// Nanoseconds since 1970. A call keeps a moment for each wrapper, so it is no larger than an `Instant`.
    Told(u64),
}

const _: () = assert!(size_of::<Option<Moment>>() == size_of::<Instant>(), "calls keep many of them");

impl Moment {
    /// Returns the moment now. `clock` is that of the host, if it has set one.
    #[inline]
    pub(crate) fn now(clock: Option<&Clock>) -> Self {
        match clock {
            None => Self::Passing(Stopwatch::start()),
            Some(clock) => Self::told(clock.now_at_any_rate()),
        }
    }

    /// Returns a moment by the clock of the host.
    pub(crate) fn told(time: SystemTime) -> Self {
        Self::Told(nanoseconds(time))
    }

    /// Returns the time since then, by the same clock. A clock that goes back measures none.
    #[inline]
    pub(crate) fn elapsed(self, clock: Option<&Clock>) -> Duration {
        match (self, clock) {
            (Self::Passing(then), _) => then.elapsed(),
            (Self::Told(then), Some(clock)) => {
                Duration::from_nanos(nanoseconds(clock.now_at_any_rate()).saturating_sub(then))
            }
            (Self::Told(_), None) => Duration::ZERO,
        }
    }
}
