//! [`Bounds`]: the time limits of one implementation. [`Rests`]: the time that wrappers spend in what they run.
//!
//! The limit of a point or of a call bounds what each implementation does itself: what a wrapper runs has limits of its
//! own. So a call is late with its wrappers if it is late without them, and one failure is that of one plugin. The limits
//! of a wrapper and of its plugin bound all of its time.

use std::sync::PoisonError;
use std::time::Duration;

use crate::base::clock::{Clock, Moment};
use crate::base::sync::Mutex;
use crate::call::blame::Branch;
use crate::call::overruns::Visit;
use crate::call::trace::Tracer;

/// The time limits of one implementation.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// The limit of all of its time.
    pub(super) whole: Option<Duration>,
    /// The limit of a wrapper for the time that it does not spend in what it runs.
    pub(super) own: Option<Duration>,
}

/// A limit, and the longer time that an implementation took.
#[derive(Clone, Copy)]
pub(crate) struct Late {
    pub(crate) limit: Duration,
    pub(crate) elapsed: Duration,
}

impl Bounds {
    /// Returns the bounds of an implementation with a limit of its own, and one that it shares with others.
    pub(super) fn of(is_wrapper: bool, own: Option<Duration>, shared: Option<Duration>) -> Option<Self> {
        let bounds = if is_wrapper {
            Self { whole: own, own: shared }
        } else {
            Self { whole: own.into_iter().chain(shared).min(), own: None }
        };
        (bounds.whole.is_some() || bounds.own.is_some()).then_some(bounds)
    }

    /// Returns the tightest of the limits.
    #[cfg(feature = "tokio")]
    pub(super) fn first(&self) -> Option<Duration> {
        self.whole.into_iter().chain(self.own).min()
    }

    /// Returns the time that is left of that which has passed; `None` while it is not known. It is not while a wrapper that
    /// has no limit for all of its time `is_in_rest`, in what it runs.
    ///
    /// # Errors
    ///
    /// Returns the limit that is reached.
    #[cfg(feature = "tokio")]
    pub(super) fn left(
        &self,
        elapsed: Duration,
        in_rest: Duration,
        is_in_rest: bool,
    ) -> Result<Option<Duration>, Late> {
        let own = self.own.filter(|_| !is_in_rest);
        let each = [(own, elapsed.saturating_sub(in_rest)), (self.whole, elapsed)];
        let mut left = None;
        for (limit, elapsed) in each {
            let Some(limit) = limit else { continue };
            match limit.checked_sub(elapsed).filter(|left| !left.is_zero()) {
                None => return Err(Late { limit, elapsed }),
                Some(time) => left = Some(left.map_or(time, |other: Duration| other.min(time))),
            }
        }
        Ok(left)
    }

    /// Returns the tightest limit that an implementation has exceeded in a time. It has spent a part of it in what it runs.
    pub(super) fn exceeded(&self, elapsed: Duration, in_rest: Duration) -> Option<Late> {
        let late = |limit: Option<Duration>, elapsed| {
            limit.filter(|limit| elapsed > *limit).map(|limit| Late { limit, elapsed })
        };
        let all = [late(self.own, elapsed.saturating_sub(in_rest)), late(self.whole, elapsed)];
        all.into_iter().flatten().min_by_key(|late| late.limit)
    }
}

/// A moment, by the clocks that limits go by.
#[derive(Clone, Copy)]
struct Now {
    moment: Moment,
    #[cfg(feature = "tokio")]
    timer: Option<tokio::time::Instant>,
}

/// A time, by the same clocks.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spent {
    pub(super) measured: Duration,
    /// By the time of tokio, which timers go by where the host has set no clock.
    #[cfg(feature = "tokio")]
    pub(super) timed: Duration,
}

impl Now {
    fn read(clock: Option<&Clock>) -> Self {
        Self {
            moment: Moment::now(clock),
            #[cfg(feature = "tokio")]
            timer: clock.is_none().then(tokio::time::Instant::now),
        }
    }

    /// Adds the time since then.
    fn add_to(self, spent: &mut Spent, clock: Option<&Clock>) {
        spent.measured += self.moment.elapsed(clock);
        #[cfg(feature = "tokio")]
        {
            spent.timed += self.timer.map(|then| then.elapsed()).unwrap_or_default();
        }
    }
}

/// The time that each wrapper of one call has spent in what it runs.
pub(super) struct Rests(Mutex<Vec<Rest>>);

/// The runs of what one wrapper runs. Several may be under way at once.
struct Rest {
    wrapper: Visit,
    under_way: usize,
    since: Now,
    spent: Spent,
}

impl Rests {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn with<T>(&self, change: impl FnOnce(&mut Vec<Rest>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins a run.
    fn begin(&self, wrapper: Visit, now: Now) {
        self.with(|all| match all.iter_mut().rev().find(|rest| rest.wrapper == wrapper) {
            None => all.push(Rest { wrapper, under_way: 1, since: now, spent: Spent::default() }),
            Some(rest) => {
                if rest.under_way == 0 {
                    rest.since = now;
                }
                rest.under_way += 1;
            }
        });
    }

    /// Ends a run. Returns when the first of those under way began, if it is the last of them.
    fn end(&self, wrapper: Visit) -> Option<Now> {
        self.with(|all| {
            let rest = all.iter_mut().rev().find(|rest| rest.wrapper == wrapper)?;
            rest.under_way -= 1;
            (rest.under_way == 0).then_some(rest.since)
        })
    }

    fn add(&self, wrapper: Visit, since: Now, clock: Option<&Clock>) {
        // The clock of the host is read without the lock.
        let mut time = Spent::default();
        since.add_to(&mut time, clock);
        self.with(|all| {
            if let Some(rest) = all.iter_mut().rev().find(|rest| rest.wrapper == wrapper) {
                rest.spent.measured += time.measured;
                #[cfg(feature = "tokio")]
                {
                    rest.spent.timed += time.timed;
                }
            }
        });
    }

    /// Returns the time that a wrapper has spent in the runs that have ended, and whether one is under way.
    fn of(&self, wrapper: Visit) -> (Spent, bool) {
        self.with(|all| {
            let rest = all.iter().rev().find(|rest| rest.wrapper == wrapper);
            rest.map_or((Spent::default(), false), |rest| (rest.spent, rest.under_way > 0))
        })
    }
}

/// A run of what a wrapper runs, until it is dropped.
pub(crate) struct InRest<'t, 'c> {
    tracer: &'t Tracer<'c>,
    wrapper: Visit,
}

impl Drop for InRest<'_, '_> {
    fn drop(&mut self) {
        if let Some(since) = self.tracer.rests.end(self.wrapper) {
            self.tracer.rests.add(self.wrapper, since, self.tracer.clock);
        }
    }
}

impl<'c> Tracer<'c> {
    /// Begins a run of the rest in `branch`, behind `depth` wrappers, if a limit asks for the time of the last of these.
    #[inline]
    pub(crate) fn in_rest(this: Option<&Self>, branch: Branch, depth: usize) -> Option<InRest<'_, 'c>> {
        let tracer = this.filter(|tracer| tracer.bounds_wrappers())?;
        Some(tracer.begin_rest(branch, depth.checked_sub(1)?))
    }

    #[inline(never)]
    fn begin_rest(&self, branch: Branch, wrapper: usize) -> InRest<'_, 'c> {
        let wrapper = Visit { branch: self.raised.runner(branch, wrapper), position: wrapper };
        self.rests.begin(wrapper, Now::read(self.clock));
        InRest { tracer: self, wrapper }
    }

    /// Returns the time that the wrapper of `visit` has spent in what it ran, and whether it runs something.
    pub(super) fn rest_of(&self, visit: Visit) -> (Spent, bool) {
        if self.bounds_wrappers() { self.rests.of(visit) } else { (Spent::default(), false) }
    }
}
