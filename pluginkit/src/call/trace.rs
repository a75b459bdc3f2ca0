//! [`Tracer`]: follows one call for its observers, and attributes failures to plugins.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use crate::base::drops::{DropPanic, caught, contain, contain_quietly, reported};
use crate::base::name::PluginId;
use crate::base::sync::{AtomicBool, AtomicUsize, Mutex, MutexGuard};
use crate::call::policy::Failure;
use crate::call::scope::{Entered, Scope};
use crate::observe::observer::{End, Event, Fault, FaultKind, Watchers, report};
use crate::plugin::implementation::{Implementation, Role};
use crate::registry::{Implementations, Snapshot};
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::point::PointInfo;

/// The value of `blamed` while no implementation has failed.
const NONE: usize = usize::MAX;

/// Encodes the position of an implementation that failed, and whether it panicked.
fn blame(position: usize, end: End<'_>) -> usize {
    position * 2 + usize::from(matches!(end, End::Panicked))
}

/// An implementation that exceeded its limit: its position, the limit and the time.
#[derive(Clone, Copy)]
struct Overrun {
    position: usize,
    limit: Duration,
    elapsed: Duration,
}

/// Follows one call.
pub(crate) struct Tracer<'c> {
    point: &'static PointInfo,
    implementations: Implementations<'c>,
    observers: Option<&'c Arc<Watchers>>,
    /// The innermost implementation that failed last, encoded by [`blame`].
    blamed: AtomicUsize,
    /// Whether the call applies time limits.
    timed: bool,
    /// Whether no implementation has an observer or a time limit, so that only its failure counts.
    quiet: bool,
    /// The time limit of the call for each implementation.
    limit: Option<Duration>,
    /// The first overrun that counts for the call.
    overrun: Mutex<Option<Overrun>>,
    /// Whether any implementation exceeded its limit.
    late: AtomicBool,
    /// The failure policy of the call.
    pub(super) policy: FailurePolicy,
    /// The failures after which the call continued.
    pub(super) failures: Mutex<Vec<Failure>>,
    /// The first panic of a destructor of a value that the call no longer needed.
    dropped: Mutex<Option<DropPanic>>,
    /// Whether an implementation was dropped at its time limit.
    #[cfg(feature = "async")]
    expired: AtomicBool,
}

impl<'c> Tracer<'c> {
    pub(crate) fn new(
        point: &'static PointInfo,
        implementations: Implementations<'c>,
        observers: Option<&'c Arc<Watchers>>,
    ) -> Self {
        let blamed = AtomicUsize::new(NONE);
        Self {
            point,
            implementations,
            observers,
            blamed,
            timed: false,
            quiet: false,
            limit: None,
            overrun: Mutex::new(None),
            late: AtomicBool::new(false),
            policy: FailurePolicy::FailFast,
            failures: Mutex::new(Vec::new()),
            dropped: Mutex::new(None),
            #[cfg(feature = "async")]
            expired: AtomicBool::new(false),
        }
    }

    /// Returns a tracer of a call on `snapshot`, if it has observers.
    pub(crate) fn of(snapshot: &'c Snapshot, point: &'static PointInfo) -> Option<Self> {
        let observers = snapshot.observers.as_ref()?;
        Some(Self::new(point, snapshot.implementations(), Some(observers)))
    }

    /// Returns a tracer that also records the first implementation that exceeds its time limit.
    pub(crate) fn timed(snapshot: &'c Snapshot, point: &'static PointInfo) -> Self {
        let all = Self::new(point, snapshot.implementations(), snapshot.observers.as_ref());
        Self { timed: true, limit: snapshot.timeout, ..all }
    }

    /// Applies the failure policy of `snapshot`, or of the point.
    pub(crate) fn under_policy(self, snapshot: &Snapshot) -> Self {
        let quiet = self.observers.is_none() && !snapshot.timed && self.limit.is_none();
        Self { policy: snapshot.on_failure.unwrap_or(self.point.failure_policy), quiet, ..self }
    }

    /// Returns the first plugin that exceeded its time limit, with the limit and the time.
    pub(crate) fn overrun(&self) -> Option<(&'c PluginId, Duration, Duration)> {
        let Overrun { position, limit, elapsed } = (*self.lock_overrun())?;
        Some((self.implementations.at(position).plugin(), limit, elapsed))
    }

    fn lock_overrun(&self) -> MutexGuard<'_, Option<Overrun>> {
        self.overrun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records an overrun. Returns whether it is the first.
    fn record_overrun(&self, overrun: Overrun) -> bool {
        self.lock_overrun().get_or_insert(overrun);
        !self.late.swap(true, Ordering::Relaxed)
    }

    /// Clears the failure recorded for `position` and returns its overrun, if any.
    pub(super) fn clear_failure(&self, position: usize) -> Option<(Duration, Duration)> {
        self.blamed.store(NONE, Ordering::Relaxed);
        #[cfg(feature = "async")]
        self.expired.store(false, Ordering::Relaxed);
        let overrun = self.lock_overrun().take_if(|overrun| overrun.position == position)?;
        Some((overrun.limit, overrun.elapsed))
    }

    /// Runs `drops`. Observers get a fault for each destructor that panics.
    pub(crate) fn drop_reporting(&self, drops: &mut dyn FnMut()) {
        let observers = self.observers.cloned();
        reported(&|panic| report(&observers, panic), drops);
    }

    /// Runs `drops`, which drops values that a call no longer needs.
    ///
    /// A guarded call continues after a panic of a destructor, and [fails](Self::take_dropped) at its end.
    pub(crate) fn drop_used(this: Option<&Self>, drops: &mut dyn FnMut()) {
        let Some(tracer) = this.filter(|tracer| tracer.timed) else { return drops() };
        let Some(panic) = tracer.caught(drops) else { return };
        let mut dropped = tracer.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        if dropped.is_some() {
            // Observers run without the lock.
            drop(dropped);
            tracer.report(&panic);
        } else {
            *dropped = Some(panic);
        }
    }

    /// Runs `drops`, and returns the first panic of a destructor. Observers get the others.
    pub(super) fn caught(&self, drops: &mut dyn FnMut()) -> Option<DropPanic> {
        let observers = self.observers.cloned();
        caught(&|panic| report(&observers, panic), drops)
    }

    /// Takes the first panic of a destructor of a value that the call no longer needed.
    pub(crate) fn take_dropped(&self) -> Option<DropPanic> {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Tells observers of a panic of a destructor that the call does not return.
    pub(crate) fn report(&self, panic: &DropPanic) {
        report(&self.observers.cloned(), panic);
    }

    /// Runs `drops`, which drops the results of a call that failed.
    ///
    /// In a guarded call, observers get the panics of destructors, and the call keeps its failure.
    pub(super) fn drop_left(this: Option<&Self>, drops: &mut dyn FnMut()) {
        match this.filter(|tracer| tracer.timed) {
            Some(tracer) => tracer.drop_reporting(drops),
            None => drops(),
        }
    }

    /// Runs `drops`, which drops the result of the implementation at `position` in a call that continues.
    ///
    /// Observers get a fault for a destructor that panics.
    pub(super) fn drop_returned(&self, position: usize, drops: &mut dyn FnMut()) {
        self.drop_reporting(&mut || contain(Some(self.plugin(position)), drops));
    }

    /// Returns the plugin of the implementation at `position`.
    pub(super) fn plugin(&self, position: usize) -> &'c PluginId {
        self.implementations.at(position).plugin()
    }

    /// Returns the time limit of the implementation at `position`: the tightest of its own, its plugin's, its point's and
    /// the call's.
    fn limit(&self, position: usize) -> Option<Duration> {
        if !self.timed || self.quiet {
            return None;
        }
        self.limit_of(self.implementations.at(position))
    }

    fn limit_of(&self, implementation: &Implementation) -> Option<Duration> {
        let own = implementation.contribution.options.timeout;
        [own, implementation.owner.timeout.get(), self.limit].into_iter().flatten().min()
    }

    /// Records that the implementation at `position` was dropped at its time limit. `began` is unset if it still waited
    /// for a permit.
    #[cfg(feature = "tokio")]
    fn expire(&self, position: usize, limit: Duration, elapsed: Duration, began: bool) {
        self.record_overrun(Overrun { position, limit, elapsed });
        // An `async fn` is dropped, but a blocking body still runs.
        if began && !self.implementations.at(position).contribution.is_async {
            self.count_overrun(position);
        }
        self.expired.store(true, Ordering::Relaxed);
    }

    fn count_overrun(&self, position: usize) {
        self.implementations.at(position).owner.overruns.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether an implementation was dropped at its time limit.
    #[cfg(feature = "async")]
    pub(crate) fn has_expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    /// Records the end of the implementation at `position`. Returns whether it is the source of a failure.
    ///
    /// An error or a panic that passes through wrappers is attributed to its source. A wrapper that turns an error into a
    /// panic, or a panic into an error, has failed itself.
    fn blame(&self, position: usize, end: End<'_>) -> bool {
        match end {
            End::Returned => {
                self.blamed.store(NONE, Ordering::Relaxed);
                false
            }
            End::Cancelled => false,
            _ => {
                let own = blame(position, end);
                let begins = |before| (before == NONE || before % 2 != own % 2).then_some(own);
                self.blamed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, begins).is_ok()
            }
        }
    }

    /// Returns the innermost plugin that failed or panicked.
    pub(crate) fn blamed(&self) -> Option<&'c PluginId> {
        self.implementations.get(self.blamed.load(Ordering::Relaxed) / 2).map(|each| each.plugin())
    }

    /// Opens the span of the whole call.
    pub(crate) fn call(&self) -> Span<'_, 'c> {
        self.emit(|| Event::CallStarted { point: self.point });
        let mut span = Span::new(self, None);
        span.started = self.clock(None);
        span
    }

    /// Opens the span of the implementation at `position`.
    ///
    /// Observers get an event when it [starts](Span::started), and none if its predicate declines.
    pub(crate) fn implementation(&self, position: usize) -> Span<'_, 'c> {
        Span::new(self, Some(position))
    }

    /// Opens the span of the wrapper at `position`, if the call is traced.
    pub(crate) fn wrapper<'t>(this: Option<&'t Self>, position: usize) -> Option<Span<'t, 'c>> {
        Some(this?.implementation(position))
    }

    /// Opens the span of the extension at `index`, if the call is traced.
    pub(crate) fn extension<'t>(
        this: Option<&'t Self>,
        snapshot: &Snapshot,
        index: usize,
    ) -> Option<Span<'t, 'c>> {
        Some(this?.implementation(snapshot.array.front_len() + index))
    }

    /// Returns the time, if an observer or a time limit of the implementation at `position` needs it.
    fn clock(&self, position: Option<usize>) -> Option<Instant> {
        let is_limited = || position.is_some_and(|position| self.limit(position).is_some());
        (self.observers.is_some() || is_limited()).then(Instant::now)
    }

    fn emit<'e>(&self, event: impl Fn() -> Event<'e>) {
        for observer in self.observers.into_iter().flat_map(|observers| observers.iter()) {
            observer.observe(&event());
        }
    }
}

/// A running call or implementation.
///
/// A span that is dropped before its end belongs to code that panicked, or to a future that was dropped.
pub(crate) struct Span<'t, 'c> {
    tracer: &'t Tracer<'c>,
    position: Option<usize>,
    started: Option<Instant>,
    over: bool,
    scope: Scope<'c>,
}

impl<'t, 'c> Span<'t, 'c> {
    fn new(tracer: &'t Tracer<'c>, position: Option<usize>) -> Self {
        let watchers = tracer.observers.map(|watchers| &**watchers);
        let scope = match position {
            Some(position) if watchers.is_some() => {
                Scope::of_implementation(watchers, tracer.implementations.at(position))
            }
            _ => Scope::of_call(watchers, tracer.point),
        };
        Self { tracer, position, started: None, over: false, scope }
    }

    /// Enters the scope of a span, if there is one, until the returned guard is dropped.
    #[inline]
    pub(crate) fn enter(this: Option<&Self>) -> Option<Entered<'_>> {
        this.map(|span| span.scope.enter())
    }

    /// Runs `work` in the scope of a span, if there is one.
    #[inline]
    pub(crate) fn inside<T>(this: Option<&Self>, work: impl FnOnce() -> T) -> T {
        let _entered = Self::enter(this);
        work()
    }

    /// Reports to observers that the implementation runs.
    pub(crate) fn started(&mut self) {
        if self.tracer.quiet {
            return;
        }
        if let Some(plugin) = self.plugin() {
            self.tracer.emit(|| Event::ExtensionStarted { plugin, point: self.tracer.point });
        }
        self.started = self.tracer.clock(self.position);
    }

    /// Returns the time limit of the implementation; `None` for a call.
    #[cfg(feature = "tokio")]
    pub(crate) fn limit(&self) -> Option<Duration> {
        self.tracer.limit(self.position?)
    }

    /// Runs `drops`, which drops the future of the implementation. Observers get a fault for a destructor that panics.
    #[cfg(feature = "tokio")]
    pub(crate) fn drop_reporting(&self, drops: &mut dyn FnMut()) {
        match self.position {
            Some(position) => self.tracer.drop_returned(position, drops),
            None => self.tracer.drop_reporting(drops),
        }
    }

    /// Records that the implementation was dropped at its time limit.
    #[cfg(feature = "tokio")]
    pub(crate) fn expire(&self, limit: Duration, elapsed: Duration, began: bool) {
        if let Some(position) = self.position {
            self.tracer.expire(position, limit, elapsed, began);
        }
    }

    /// Returns whether the call has observers.
    pub(crate) fn is_observed(&self) -> bool {
        self.tracer.observers.is_some()
    }

    /// Ends the span with a value, or with the error that has this text.
    pub(crate) fn end(mut self, error: Option<&str>) {
        self.finish(error.map_or(End::Returned, End::Failed));
    }

    /// Ends the span of an implementation that declined.
    pub(crate) fn skip(mut self) {
        self.over = true;
        self.scope.decline();
    }

    /// Ends the span, if there is one, of an implementation that declined.
    pub(crate) fn skip_any(span: Option<Self>) {
        if let Some(span) = span {
            span.skip();
        }
    }

    fn plugin(&self) -> Option<&'c PluginId> {
        self.position.map(|position| self.tracer.implementations.at(position).plugin())
    }

    fn fault(&self, position: usize, kind: FaultKind) {
        let Tracer { point, implementations, observers, .. } = *self.tracer;
        for observer in observers.into_iter().flat_map(|observers| observers.iter()) {
            observer.fault(&Fault { plugin: implementations.at(position).plugin(), point, kind });
        }
    }

    fn finish(&mut self, end: End<'_>) {
        self.over = true;
        match self.position {
            Some(position) if self.tracer.quiet => {
                self.tracer.blame(position, end);
            }
            _ => self.finish_observed(end),
        }
    }

    #[inline(never)]
    fn finish_observed(&self, end: End<'_>) {
        let text;
        let end = match (end, self.position) {
            // A guarded call may fail although its last implementation returned.
            (End::Returned, None) => {
                let failures = self.tracer.failures.lock().unwrap_or_else(PoisonError::into_inner).len();
                if failures > 0 {
                    text = format!("{failures} of its extensions failed");
                    End::Failed(&text)
                } else if self.tracer.overrun().is_some() {
                    End::TimedOut
                } else {
                    End::Returned
                }
            }
            _ => end,
        };
        let point = self.tracer.point;
        if let Some(position) = self.position
            && self.tracer.blame(position, end)
            && let Some(kind) = end.fault()
        {
            self.fault(position, kind);
        }
        let Some(started) = self.started else {
            return self.scope.end(end, None, false);
        };
        let (elapsed, mut overran) = (started.elapsed(), false);
        if let Some(position) = self.position.filter(|_| end.is_end())
            && let Some(limit) = self.tracer.limit(position).filter(|limit| elapsed > *limit)
        {
            let first = self.tracer.record_overrun(Overrun { position, limit, elapsed });
            self.tracer.count_overrun(position);
            // The time of a wrapper includes the rest of the call.
            let wraps = self.tracer.implementations.at(position).contribution.role == Role::Wrapper;
            overran = matches!(end, End::Returned) && (first || !wraps);
            if overran {
                self.fault(position, FaultKind::Overran { limit, elapsed });
            }
        }
        self.scope.end(end, Some(elapsed), overran);
        match self.plugin() {
            Some(plugin) => {
                self.tracer.emit(|| Event::ExtensionFinished { plugin, point, elapsed, end });
            }
            None => self.tracer.emit(|| Event::CallFinished { point, elapsed, end }),
        }
    }
}

impl Drop for Span<'_, '_> {
    fn drop(&mut self) {
        if !self.over {
            let expired = match self.position {
                Some(position) => {
                    self.tracer.lock_overrun().is_some_and(|overrun| overrun.position == position)
                }
                #[cfg(feature = "async")]
                None => self.tracer.has_expired(),
                #[cfg(not(feature = "async"))]
                None => false,
            };
            let end = match (std::thread::panicking(), expired) {
                (true, _) => End::Panicked,
                (false, true) => End::TimedOut,
                (false, false) => End::Cancelled,
            };
            // A second panic during an unwind would abort the process.
            let mut end = Some(end);
            contain_quietly(&mut || end.take().into_iter().for_each(|end| self.finish(end)));
        }
    }
}
