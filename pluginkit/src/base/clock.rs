//! [`Clock`]: the time as the host tells it.

use std::sync::Arc;
use std::time::SystemTime;

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
        now.unwrap_or_else(SystemTime::now)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}
