//! [`Clock`]: the time as the host tells it. [`Stopwatch`]: the time that something takes.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::base::drops::{Foreign, contain_quietly};

/// A function that tells the time: the system's clock, unless the host sets another.
#[derive(Clone)]
pub(crate) struct Clock(Arc<Foreign<Box<Now>>>);

type Now = dyn Fn() -> SystemTime + Send + Sync;

impl Clock {
    pub(crate) fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(Foreign::new(Box::new(now), None)))
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.0)()
    }

    /// Returns the time, by the system's clock if the host's panics.
    #[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "for the phases of a life"))]
    pub(crate) fn now_at_any_rate(&self) -> SystemTime {
        let mut now = None;
        contain_quietly(&mut || now = Some(self.now()));
        now.unwrap_or_else(system_time)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(system_time)
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
