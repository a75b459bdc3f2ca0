//! [`Tracer`]: what observers see of one call, and whom a failure is attributed to.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "async")]
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::implementation::{Implementation, Role};
use crate::name::PluginId;
use crate::observer::{End, Event, Fault, FaultKind, Observer};
use crate::point::PointInfo;
use crate::registry::Snapshot;

/// No implementation has failed yet.
const NOBODY: usize = usize::MAX;

/// Follows one call.
pub(crate) struct Tracer<'c> {
    point: &'static PointInfo,
    implementations: &'c [Arc<Implementation>],
    observers: Option<&'c Arc<[Arc<dyn Observer>]>>,
    /// The innermost implementation that failed or panicked last.
    blamed: AtomicUsize,
    /// Whether to hold implementations to their timeouts.
    timed: bool,
    /// What all implementations of the call are held to, beside what they are by themselves.
    limit: Option<Duration>,
    /// Who was over its limit first, that limit, and how long it took.
    overrun: OnceLock<(usize, Duration, Duration)>,
    /// Whether an implementation was dropped because its time was over.
    #[cfg(feature = "async")]
    expired: AtomicBool,
}

impl<'c> Tracer<'c> {
    pub(crate) fn new(
        point: &'static PointInfo,
        implementations: &'c [Arc<Implementation>],
        observers: Option<&'c Arc<[Arc<dyn Observer>]>>,
    ) -> Self {
        let blamed = AtomicUsize::new(NOBODY);
        Self {
            point,
            implementations,
            observers,
            blamed,
            timed: false,
            limit: None,
            overrun: OnceLock::new(),
            #[cfg(feature = "async")]
            expired: AtomicBool::new(false),
        }
    }

    /// Follows a call on `snapshot`, for its observers if there are any.
    pub(crate) fn of(snapshot: &'c Snapshot, point: &'static PointInfo) -> Option<Self> {
        let observers = snapshot.observers.as_ref()?;
        Some(Self::new(point, snapshot.implementations(), Some(observers)))
    }

    /// A tracer that also notes the first implementation to exceed its timeout.
    pub(crate) fn timed(snapshot: &'c Snapshot, point: &'static PointInfo) -> Self {
        let all = Self::new(point, snapshot.implementations(), snapshot.observers.as_ref());
        Self { timed: true, limit: snapshot.timeout, ..all }
    }

    /// The first plugin that exceeded its timeout, with the limit and the time it took.
    pub(crate) fn overrun(&self) -> Option<(&'c PluginId, Duration, Duration)> {
        let &(place, limit, elapsed) = self.overrun.get()?;
        Some((self.implementations[place].plugin(), limit, elapsed))
    }

    /// The timeout that the implementation at `place` is held to: the tightest of its own, its plugin's, its
    /// point's and the call's.
    pub(crate) fn limit(&self, place: usize) -> Option<Duration> {
        if !self.timed {
            return None;
        }
        let implementation = &self.implementations[place];
        let own = implementation.contribution.options.timeout;
        [own, implementation.owner.timeout.get(), self.limit].into_iter().flatten().min()
    }

    /// Notes that the implementation at `place` was dropped because its time was over, whether or not it `began`.
    #[cfg(feature = "tokio")]
    pub(crate) fn expire(&self, place: usize, limit: Duration, elapsed: Duration, began: bool) {
        let _ = self.overrun.set((place, limit, elapsed));
        // An `async fn` is gone; a blocking body runs on.
        if began && !self.implementations[place].contribution.is_async {
            self.count_overrun(place);
        }
        self.expired.store(true, Ordering::Relaxed);
    }

    fn count_overrun(&self, place: usize) {
        self.implementations[place].owner.overruns.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether an implementation was dropped because its time was over.
    #[cfg(feature = "async")]
    pub(crate) fn has_expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    /// The plugin whose implementation failed or panicked, the innermost if several did.
    pub(crate) fn blamed(&self) -> Option<&'c PluginId> {
        self.implementations.get(self.blamed.load(Ordering::Relaxed)).map(|each| each.plugin())
    }

    /// Opens the span of the whole call.
    pub(crate) fn call(&self) -> Span<'_, 'c> {
        self.emit(|| Event::CallStarted { point: self.point });
        let span = Span::new(self, None);
        span.started.set(self.clock());
        span
    }

    /// Opens the span of the implementation at `place`; observers hear of it once it has
    /// [started](Span::started), and of one that declined never.
    pub(crate) fn implementation(&self, place: usize) -> Span<'_, 'c> {
        Span::new(self, Some(place))
    }

    /// Opens the span of the wrapper at `place`, where anyone follows the call.
    pub(crate) fn wrapper<'t>(this: Option<&'t Self>, place: usize) -> Option<Span<'t, 'c>> {
        Some(this?.implementation(place))
    }

    /// Opens the span of the extension at `index`, where anyone follows the call.
    pub(crate) fn extension<'t>(
        this: Option<&'t Self>,
        snapshot: &Snapshot,
        index: usize,
    ) -> Option<Span<'t, 'c>> {
        Some(this?.implementation(snapshot.shelf.wrapper_count() + index))
    }

    /// The time, where anyone wants to know.
    fn clock(&self) -> Option<Instant> {
        (self.timed || self.observers.is_some()).then(Instant::now)
    }

    fn emit<'e>(&self, event: impl Fn() -> Event<'e>) {
        for observer in self.observers.into_iter().flat_map(|observers| observers.iter()) {
            observer.observe(&event());
        }
    }
}

/// One call or one implementation under way; dropped without an end, it has panicked or, if it is awaited,
/// was itself dropped.
pub(crate) struct Span<'t, 'c> {
    tracer: &'t Tracer<'c>,
    place: Option<usize>,
    started: Cell<Option<Instant>>,
    over: bool,
}

impl<'t, 'c> Span<'t, 'c> {
    fn new(tracer: &'t Tracer<'c>, place: Option<usize>) -> Self {
        Self { tracer, place, started: Cell::new(None), over: false }
    }

    /// Tells the observers that the implementation runs.
    pub(crate) fn started(&self) {
        if let Some(plugin) = self.plugin() {
            self.tracer.emit(|| Event::ExtensionStarted { plugin, point: self.tracer.point });
        }
        self.started.set(self.tracer.clock());
    }

    /// Ends it with a value, or with the error whose text this is.
    pub(crate) fn end(mut self, error: Option<&str>) {
        self.finish(error.map_or(End::Returned, End::Failed));
    }

    /// Ends it as if it had never begun.
    pub(crate) fn skip(mut self) {
        self.over = true;
    }

    /// Ends a span, if there is one, as if it had never begun.
    pub(crate) fn skip_any(span: Option<Self>) {
        if let Some(span) = span {
            span.skip();
        }
    }

    fn plugin(&self) -> Option<&'c PluginId> {
        self.place.map(|place| self.tracer.implementations[place].plugin())
    }

    fn fault(&self, place: usize, kind: FaultKind) {
        let Tracer { point, implementations, observers, .. } = *self.tracer;
        for observer in observers.into_iter().flat_map(|observers| observers.iter()) {
            observer.fault(&Fault { plugin: implementations[place].plugin(), point, kind });
        }
    }

    fn finish(&mut self, end: End<'_>) {
        self.over = true;
        let point = self.tracer.point;
        let blamed = &self.tracer.blamed;
        match (end, self.place) {
            (End::Returned, Some(_)) => blamed.store(NOBODY, Ordering::Relaxed),
            // An error or a panic on its way out through wrappers belongs to where it came from.
            (_, Some(place)) if !matches!(end, End::Cancelled) => {
                let begins = blamed.compare_exchange(NOBODY, place, Ordering::Relaxed, Ordering::Relaxed);
                if begins.is_ok()
                    && let Some(kind) = end.fault()
                {
                    self.fault(place, kind);
                }
            }
            _ => {}
        }
        let Some(started) = self.started.get() else { return };
        let elapsed = started.elapsed();
        if let Some(place) = self.place.filter(|_| end.is_end())
            && let Some(limit) = self.tracer.limit(place).filter(|limit| elapsed > *limit)
        {
            let first = self.tracer.overrun.set((place, limit, elapsed)).is_ok();
            self.tracer.count_overrun(place);
            // A wrapper takes as long as what it wraps.
            let wraps = self.tracer.implementations[place].contribution.role == Role::Wrapper;
            if matches!(end, End::Returned) && (first || !wraps) {
                self.fault(place, FaultKind::Overran { limit, elapsed });
            }
        }
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
            let expired = self.tracer.overrun.get().is_some_and(|overrun| Some(overrun.0) == self.place);
            let end = match (std::thread::panicking(), expired) {
                (true, _) => End::Panicked,
                (false, true) => End::TimedOut,
                (false, false) => End::Cancelled,
            };
            // A second panic on top of one that passes would abort the process.
            let _ = catch_unwind(AssertUnwindSafe(|| self.finish(end)));
        }
    }
}

/// Whether the wrapper at `place` has a predicate and that says no; a panic in it is the plugin's.
#[cfg(feature = "async")]
#[inline]
pub(crate) fn declines(
    snapshot: &Snapshot,
    tracer: Option<&Tracer<'_>>,
    place: usize,
    accepts: impl FnOnce() -> bool,
) -> bool {
    if !snapshot.implementations()[place].contribution.conditional {
        return false;
    }
    let span = tracer.map(|tracer| tracer.implementation(place));
    let accepted = accepts();
    if let Some(span) = span {
        span.skip();
    }
    !accepted
}
