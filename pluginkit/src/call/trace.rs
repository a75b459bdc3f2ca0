//! [`Tracer`]: follows one call for its observers, and attributes failures to plugins.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::base::clock::{Clock, Moment};
use crate::base::drops::{DropPanic, Foreign, caught, contain, contain_quietly, reported};
use crate::base::name::PluginId;
use crate::base::sync::{AtomicU8, Mutex};
use crate::call::around::Host;
use crate::call::blame::{Branch, Failures, How, text_of};
#[cfg(feature = "tokio")]
use crate::call::bounds::Spent;
use crate::call::bounds::{Bounds, Late, Rests};
use crate::call::overruns::{Overrun, Overruns, Visit};
use crate::call::policy::Failure;
use crate::call::scope::{Entered, Scope};
use crate::observe::gate::{Ending, Gate, Run};
use crate::observe::observer::{End, Event, Fault, FaultKind, Watchers, report};
use crate::plugin::implementation::{Implementation, Role};
use crate::registry::{Implementations, Snapshot};
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::point::{Mode, PointInfo};

/// The position of a failure that no implementation has raised.
const NO_IMPLEMENTATION: usize = usize::MAX;

/// Follows one call.
#[allow(clippy::struct_excessive_bools, reason = "what spans look at first, each by itself")]
pub(crate) struct Tracer<'c> {
    point: &'static PointInfo,
    implementations: Implementations<'c>,
    observers: Option<&'c Arc<Watchers>>,
    /// The clock that measures the call, if the host has set one.
    pub(super) clock: Option<&'c Clock>,
    /// What decides which implementations run.
    gates: &'c [Foreign<Arc<dyn Gate>>],
    /// The number of wrappers of the call.
    wrappers: usize,
    /// The failures that are on their way out of the call.
    pub(super) raised: Failures,
    /// The work of the host that runs in the place of the extensions.
    pub(super) host: Option<&'c (dyn Host + 'c)>,
    /// Whether the call applies time limits.
    timed: bool,
    /// Whether no implementation has an observer or a time limit, so that only its failure counts.
    quiet: bool,
    /// Whether the call applies time limits, and any implementation has one.
    limits: bool,
    /// The time limit that all implementations share: that of the point or of the call.
    limit: Option<Duration>,
    /// The time that wrappers spend in what they run.
    pub(super) rests: Rests,
    pub(super) overruns: Overruns,
    /// The failure policy of the call.
    pub(super) policy: FailurePolicy,
    /// The failures after which the call continued.
    pub(super) failures: Mutex<Vec<Failure>>,
    /// The first panic of a destructor of a value that the call no longer needed.
    dropped: Mutex<Option<DropPanic>>,
}

impl<'c> Tracer<'c> {
    pub(crate) fn new(
        point: &'static PointInfo,
        implementations: Implementations<'c>,
        observers: Option<&'c Arc<Watchers>>,
    ) -> Self {
        let gates = observers.map_or(&[][..], |all| all.gates());
        let wrappers = if let Implementations::All(all) = implementations { all.front_len() } else { 0 };
        Self {
            point,
            implementations,
            observers,
            clock: observers.and_then(|watchers| watchers.clock()),
            gates,
            wrappers,
            raised: Failures::new(),
            host: None,
            timed: false,
            quiet: false,
            limits: false,
            limit: None,
            rests: Rests::new(),
            overruns: Overruns::new(),
            policy: FailurePolicy::FailFast,
            failures: Mutex::new(Vec::new()),
            dropped: Mutex::new(None),
        }
    }

    /// Returns a tracer of a call on `snapshot`, if it has observers.
    pub(crate) fn of(snapshot: &'c Snapshot, point: &'static PointInfo) -> Option<Self> {
        snapshot.observers.as_ref()?;
        Some(Self::on(snapshot, point))
    }

    fn on(snapshot: &'c Snapshot, point: &'static PointInfo) -> Self {
        let tracer = Self::new(point, snapshot.implementations(), snapshot.observers.as_ref());
        let tracer = Self { clock: snapshot.clock(), ..tracer };
        if snapshot.gated { tracer } else { Self { gates: &[], ..tracer } }
    }

    /// Returns a tracer that also records the first implementation that exceeds its time limit.
    pub(crate) fn timed(snapshot: &'c Snapshot, point: &'static PointInfo) -> Self {
        let limits = snapshot.timed || snapshot.timeout.is_some();
        Self { timed: true, limits, limit: snapshot.timeout, ..Self::on(snapshot, point) }
    }

    /// Returns a tracer of a call around the work of `host`.
    pub(crate) fn around(
        snapshot: &'c Snapshot,
        point: &'static PointInfo,
        host: &'c (dyn Host + 'c),
    ) -> Self {
        let quiet = snapshot.observers.is_none();
        Self { quiet, ..Self::on(snapshot, point) }.with_host(Some(host))
    }

    /// Itself, in a call around the work of a host.
    pub(crate) fn with_host(self, host: Option<&'c (dyn Host + 'c)>) -> Self {
        Self { host, ..self }
    }

    /// Records a failure of what is at `position` in `branch`, and no wrapper.
    pub(super) fn raise(&self, branch: Branch, position: usize, how: How) {
        self.raised.raise(branch, position, false, how);
    }

    /// Records that no failure is on its way in `branch`.
    pub(super) fn clear(&self, branch: Branch) {
        self.raised.clear(branch, None);
    }

    /// Applies the failure policy of `snapshot`, or of the point.
    pub(crate) fn under_policy(self, snapshot: &Snapshot) -> Self {
        let quiet = self.observers.is_none() && !self.limits;
        Self { policy: snapshot.on_failure.unwrap_or(self.point.failure_policy), quiet, ..self }
    }

    /// Returns the first plugin that exceeded its time limit, with the limit and the time.
    pub(crate) fn overrun(&self) -> Option<(&'c PluginId, Duration, Duration)> {
        let Overrun { visit, limit, elapsed, .. } = self.overruns.first()?;
        Some((self.implementations.at(visit.position).plugin(), limit, elapsed))
    }

    /// Clears the failure recorded for the extension of `visit` and returns its overrun, if any.
    pub(super) fn clear_failure(&self, visit: Visit) -> Option<(Duration, Duration)> {
        self.raised.clear(visit.branch, None);
        self.overruns.take(visit)
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

    /// Returns the time limits of an implementation: its own, its plugin's, its point's and the call's.
    #[inline]
    fn bounds(&self, implementation: &Implementation) -> Option<Bounds> {
        if self.limits { self.bounds_of(implementation) } else { None }
    }

    #[inline(never)]
    fn bounds_of(&self, implementation: &Implementation) -> Option<Bounds> {
        let own =
            implementation.options().timeout.into_iter().chain(implementation.owner.timeout.get()).min();
        Bounds::of(is_wrapper(implementation), own, self.limit)
    }

    /// Returns whether the call has wrappers, and a limit that they share with what they run.
    #[inline]
    pub(super) fn bounds_wrappers(&self) -> bool {
        self.limits && self.limit.is_some() && self.wraps()
    }

    /// Records that the implementation of `visit` was dropped at its time limit. `began` is unset if it still waited
    /// for a permit.
    #[cfg(feature = "tokio")]
    fn expire(&self, visit: Visit, Late { limit, elapsed }: Late, began: bool) {
        self.overruns.record(Overrun { visit, limit, elapsed, is_expired: true });
        // An `async fn` is dropped, but a blocking body still runs.
        if began && !self.implementations.at(visit.position).contribution.is_async {
            self.count_overrun(visit.position);
        }
    }

    fn count_overrun(&self, position: usize) {
        self.implementations.at(position).owner.overruns.fetch_add(1, Ordering::Relaxed);
    }

    /// Runs `work` of the host in `branch`. Its panic is that of no plugin, whichever wrappers it passes.
    pub(crate) fn of_host(this: Option<&Self>, branch: Branch, work: &mut dyn FnMut()) {
        let Some(tracer) = this.filter(|tracer| tracer.wraps()) else { return work() };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            tracer.raised.raise(branch, NO_IMPLEMENTATION, false, How::panicked(&*panic));
            resume_unwind(panic);
        }
    }

    /// Returns a new branch for another run of the rest behind the wrapper at a position.
    pub(crate) fn another(&self, branch: Branch, wrapper: usize) -> Branch {
        self.raised.another(branch, wrapper)
    }

    /// Returns a new branch for an extension that runs beside others in `branch`.
    #[cfg(feature = "async")]
    pub(super) fn beside(&self, branch: Branch) -> Branch {
        self.raised.another(branch, NO_IMPLEMENTATION)
    }

    /// Makes the failure in `chosen` that of `branch`, in which its extension ran beside others.
    #[cfg(feature = "async")]
    pub(super) fn choose(&self, branch: Branch, chosen: Option<Branch>) {
        self.raised.choose(branch, chosen);
    }

    /// Returns whether the call catches panics and applies time limits.
    #[cfg(feature = "async")]
    pub(super) fn guards(&self) -> bool {
        self.timed
    }

    /// Returns the plugin whose code raised the error or, if `panicked`, the panic of the call.
    pub(crate) fn blamed(&self, panicked: bool) -> Option<&'c PluginId> {
        Some(self.implementations.get(self.raised.blamed(panicked)?)?.plugin())
    }

    fn wraps(&self) -> bool {
        self.wrappers > 0
    }

    fn is_wrapper(&self, position: usize) -> bool {
        is_wrapper(self.implementations.at(position))
    }

    /// Opens the span of the whole call.
    pub(crate) fn call(&self) -> Span<'_, 'c> {
        self.emit(|| Event::CallStarted { point: self.point });
        let mut span = Span::new(self, None, Branch::MAIN);
        span.started = span.clock();
        span
    }

    /// Opens the span of the implementation at `position`, in `branch`.
    ///
    /// Observers get an event when it [starts](Span::started), and none if its predicate declines.
    pub(crate) fn implementation(&self, branch: Branch, position: usize) -> Span<'_, 'c> {
        Span::new(self, Some(position), branch)
    }

    fn emit<'e>(&self, event: impl FnOnce() -> Event<'e>) {
        let Some(observers) = self.observers else { return };
        let event = event();
        for observer in observers.iter() {
            observer.observe(&event);
        }
    }
}

fn is_wrapper(implementation: &Implementation) -> bool {
    implementation.contribution.role == Role::Wrapper
}

/// A running call or implementation.
///
/// A span that is dropped before its end belongs to code that panicked, or to a future that was dropped.
pub(crate) struct Span<'t, 'c> {
    tracer: &'t Tracer<'c>,
    position: Option<usize>,
    /// The implementation; `None` for a call, and if only its failure counts.
    implementation: Option<&'c Implementation>,
    started: Option<Moment>,
    over: bool,
    branch: Branch,
    /// What is known of its end: one of the constants of [`seen`].
    seen: AtomicU8,
    /// What the gates gave out when it started.
    tickets: Box<[u64]>,
    scope: Scope<'c>,
}

/// What is known of the end of an implementation that does not return.
mod seen {
    /// Nothing.
    pub(super) const NOTHING: u8 = 0;
    /// It panicked, and the panic is its own.
    pub(super) const OWN_PANIC: u8 = 1;
    /// It panicked, and the panic is that of another implementation.
    pub(super) const PASSED_ON: u8 = 2;
    /// It was dropped at its time limit.
    pub(super) const EXPIRED: u8 = 3;
}

impl<'t, 'c> Span<'t, 'c> {
    fn new(tracer: &'t Tracer<'c>, position: Option<usize>, branch: Branch) -> Self {
        let watchers = tracer.observers.map(|watchers| &**watchers);
        let position_heard = position.filter(|_| !tracer.quiet);
        let implementation = position_heard.map(|position| &**tracer.implementations.at(position));
        let scope = match implementation {
            Some(implementation) => Scope::of_implementation(watchers, implementation),
            None => Scope::of_call(watchers, tracer.point),
        };
        let seen = AtomicU8::new(seen::NOTHING);
        let tickets = Box::default();
        Self { tracer, position, implementation, started: None, over: false, branch, seen, tickets, scope }
    }

    /// Returns the time, if an observer or the time limit of the implementation needs it.
    fn clock(&self) -> Option<Moment> {
        let is_limited = || self.implementation.is_some_and(|each| self.tracer.bounds(each).is_some());
        (self.tracer.observers.is_some() || is_limited()).then(|| Moment::now(self.tracer.clock))
    }

    /// Returns the clock that measures the call, if the host has set one.
    #[cfg(feature = "tokio")]
    pub(crate) fn clock_of_host(&self) -> Option<&'c Clock> {
        self.tracer.clock
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
        Self::watch(this, work)
    }

    /// Runs a wrapper in the scope of its span.
    ///
    /// Wrappers may nest a thousand deep, each with a frame of this function. So it is not generic, and has few variables.
    pub(crate) fn wrap(&self, work: &mut dyn FnMut()) {
        let _entered = self.scope.enter();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            self.unwind(panic);
        }
    }

    /// Runs `work`. If the call has wrappers, the span of an implementation sees its panic.
    #[inline]
    pub(crate) fn watch<T>(this: Option<&Self>, work: impl FnOnce() -> T) -> T {
        match this {
            Some(span) if span.tracer.wraps() && span.position.is_some() => {
                catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| span.unwind(panic))
            }
            _ => work(),
        }
    }

    /// Continues a panic that comes out of the implementation.
    #[cold]
    fn unwind(&self, panic: Box<dyn Any + Send>) -> ! {
        if let Some(position) = self.position {
            let is_own = self.blame(position, How::panicked(&*panic));
            let seen = if is_own { seen::OWN_PANIC } else { seen::PASSED_ON };
            self.seen.store(seen, Ordering::Relaxed);
        }
        resume_unwind(panic)
    }

    /// Reports to observers that the implementation runs. Returns whether it does: a gate may leave it out.
    #[must_use = "an implementation that is left out does not run"]
    pub(crate) fn started(&mut self) -> bool {
        // What failed before is not inside of it.
        self.clear_raised();
        if self.tracer.quiet {
            return true;
        }
        if !self.is_admitted() {
            return false;
        }
        if let Some(plugin) = self.plugin() {
            self.tracer.emit(|| Event::ExtensionStarted { plugin, point: self.tracer.point });
        }
        self.started = self.clock();
        true
    }

    /// Records that the implementation at `position` failed. Returns whether the failure is its own.
    fn blame(&self, position: usize, how: How) -> bool {
        self.tracer.raised.raise(self.branch, position, self.tracer.is_wrapper(position), how)
    }

    /// Records that no failure is on its way: the implementation starts, or has returned a value.
    #[inline]
    fn clear_raised(&self) {
        let wrapper = self.position.filter(|position| *position < self.tracer.wrappers);
        self.tracer.raised.clear(self.branch, wrapper);
    }

    /// Asks the gates.
    fn is_admitted(&mut self) -> bool {
        if self.tracer.gates.is_empty() {
            return true;
        }
        let Some(run) = self.run() else { return true };
        let tickets: Vec<u64> = self.tracer.gates.iter().map_while(|gate| gate.admit(&run)).collect();
        let is_admitted = tickets.len() == self.tracer.gates.len();
        self.tickets = tickets.into();
        if !is_admitted {
            self.tell_gates(Ending::Undecided);
        }
        is_admitted
    }

    /// Tells the gates how it ended.
    fn tell_gates(&mut self, ending: Ending<'_>) {
        if self.tickets.is_empty() {
            return;
        }
        let Some(run) = self.run() else { return };
        for (gate, ticket) in self.tracer.gates.iter().zip(std::mem::take(&mut self.tickets)) {
            gate.ended(&run, ticket, ending);
        }
    }

    /// Returns what runs, as gates know it.
    fn run(&self) -> Option<Run<'c>> {
        let implementation = self.implementation?;
        Some(Run {
            plugin: implementation.plugin(),
            is_wrapper: is_wrapper(implementation),
            is_exempt: self.tracer.point.mode == Mode::Historic,
        })
    }

    /// Returns the time limits of the implementation; `None` for a call.
    #[cfg(feature = "tokio")]
    pub(crate) fn bounds(&self) -> Option<Bounds> {
        self.tracer.bounds(self.implementation?)
    }

    /// Returns the time that the wrapper has spent in what it ran, and whether it runs something.
    #[cfg(feature = "tokio")]
    pub(crate) fn rest(&self) -> (Spent, bool) {
        self.position.map_or_else(Default::default, |position| self.tracer.rest_of(self.visit(position)))
    }

    /// Returns whether the call ends at the limit of something that the wrapper runs.
    #[cfg(feature = "tokio")]
    pub(crate) fn runs_late(&self) -> bool {
        self.tracer.overruns.has_expired() && self.implementation.is_some_and(is_wrapper)
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
    pub(crate) fn expire(&self, late: Late, began: bool) {
        if let Some(position) = self.position {
            self.seen.store(seen::EXPIRED, Ordering::Relaxed);
            self.tracer.expire(self.visit(position), late, began);
        }
    }

    /// Returns whether the call has observers.
    pub(crate) fn is_observed(&self) -> bool {
        self.tracer.observers.is_some()
    }

    /// Ends the span with a value, or with the error that has this text.
    pub(crate) fn end(mut self, error: Option<&str>) {
        self.finish(error.map_or(End::Returned, End::Failed), error);
    }

    /// Ends the span with an error that no observer sees. Only a wrapper around it asks for its `text`.
    pub(crate) fn end_unseen(mut self, text: &mut dyn FnMut() -> Option<String>) {
        let is_asked = self.tracer.wraps() && self.position.is_some();
        let text = if is_asked { text_of(text) } else { None };
        self.finish(End::Failed(""), text.as_deref());
    }

    /// Ends the span of an implementation that declined.
    pub(crate) fn skip(mut self) {
        self.over = true;
        self.scope.decline("declined");
    }

    /// Ends the span of an implementation that a gate leaves out.
    pub(crate) fn leave_out(mut self) {
        self.over = true;
        self.scope.decline("left_out");
    }

    /// Ends the span, if there is one, of an implementation that declined.
    pub(crate) fn skip_any(span: Option<Self>) {
        if let Some(span) = span {
            span.skip();
        }
    }

    /// Returns its own visit, to the implementation at `position`.
    fn visit(&self, position: usize) -> Visit {
        Visit { branch: self.branch, position }
    }

    fn plugin(&self) -> Option<&'c PluginId> {
        self.implementation.map(Implementation::plugin)
    }

    /// Returns the end of the implementation at `position` as its own code has it, and whether it has failed by itself.
    fn judge<'e>(&self, position: usize, end: End<'e>, text: Option<&str>) -> (End<'e>, bool) {
        let tracer = self.tracer;
        match end {
            End::Returned => {
                self.clear_raised();
                (end, false)
            }
            End::Failed(error) => {
                let how = How::Failed(text.filter(|_| tracer.wraps()).map(Into::into));
                let is_own = self.blame(position, how);
                (if is_own { end } else { End::PassedOn { error: Some(error) } }, is_own)
            }
            End::Panicked => match self.seen.load(Ordering::Relaxed) {
                seen::OWN_PANIC => (end, true),
                seen::PASSED_ON => (End::PassedOn { error: None }, false),
                // Dropped because another has panicked.
                _ if tracer.raised.has_panic(self.branch) => (End::Cancelled, false),
                _ => (end, self.blame(position, How::unseen_panic())),
            },
            End::TimedOut => (end, true),
            End::PassedOn { .. } | End::Cancelled => (end, false),
        }
    }

    /// Ends the span. `text` is that of an error, if it has one.
    fn finish(&mut self, end: End<'_>, text: Option<&str>) {
        self.over = true;
        match (self.position, self.implementation) {
            (Some(position), Some(implementation)) => {
                self.finish_implementation(position, implementation, end, text);
            }
            (Some(position), None) => {
                self.judge(position, end, text);
            }
            (None, _) => self.finish_call(end),
        }
    }

    #[inline(never)]
    fn finish_implementation(
        &mut self,
        position: usize,
        implementation: &'c Implementation,
        end: End<'_>,
        text: Option<&str>,
    ) {
        let (point, plugin) = (self.tracer.point, implementation.plugin());
        let is_wrapper = is_wrapper(implementation);
        let (end, is_own) = self.judge(position, end, text);
        let error = if let End::Failed(error) = end { Some(error) } else { None };
        let mut fault =
            end.fault().filter(|_| is_own).map(|kind| Fault { plugin, point, kind, error, is_wrapper });
        self.tell_fault(fault.as_ref());
        let elapsed = self.started.map(|started| started.elapsed(self.tracer.clock));
        let mut overran = false;
        if let Some(elapsed) = elapsed.filter(|_| end.is_end())
            && let Some(Late { limit, elapsed }) = self.late(position, implementation, elapsed)
        {
            let is_only = self.tracer.overruns.record(Overrun {
                visit: self.visit(position),
                limit,
                elapsed,
                #[cfg(feature = "async")]
                is_expired: false,
            });
            self.tracer.count_overrun(position);
            // The call ends with the first overrun: a wrapper around it is not told of as well.
            overran = matches!(end, End::Returned) && (is_only || !is_wrapper);
            if overran {
                let kind = FaultKind::Overran { limit, elapsed };
                fault = Some(Fault { plugin, point, kind, error: None, is_wrapper });
                self.tell_fault(fault.as_ref());
            }
        }
        if fault.is_some() && self.tickets.is_empty() {
            // Its predicate has failed, before the gates were asked.
            self.is_admitted();
        }
        self.tell_gates(match &fault {
            Some(fault) => Ending::Failed(fault),
            None if end == End::Returned => Ending::Well,
            None => Ending::Undecided,
        });
        self.scope.end(end, elapsed, overran);
        if let Some(elapsed) = elapsed {
            self.tracer.emit(|| Event::ExtensionFinished { plugin, point, elapsed, end, overran });
        }
    }

    /// Returns the limit that an implementation has exceeded in a time.
    fn late(&self, position: usize, implementation: &Implementation, elapsed: Duration) -> Option<Late> {
        let bounds = self.tracer.bounds(implementation)?;
        let (spent, _) = self.tracer.rest_of(self.visit(position));
        bounds.exceeded(elapsed, spent.measured)
    }

    fn tell_fault(&self, fault: Option<&Fault<'_>>) {
        let Some(fault) = fault else { return };
        for observer in self.tracer.observers.into_iter().flat_map(|observers| observers.iter()) {
            observer.fault(fault);
        }
    }

    #[inline(never)]
    fn finish_call(&self, end: End<'_>) {
        let (text, mut first_failed) = (self.tracer.text_of_failures(), None);
        let end = match (end, &text) {
            // A guarded call may fail although its last implementation returned.
            (End::Returned, Some((plugin, text))) => {
                first_failed = Some(plugin);
                End::Failed(text)
            }
            (End::Returned, None) if self.tracer.overrun().is_some() => End::TimedOut,
            _ => end,
        };
        let Some(started) = self.started else {
            return self.scope.end(end, None, false);
        };
        let elapsed = started.elapsed(self.tracer.clock);
        self.scope.end(end, Some(elapsed), false);
        let source = match end {
            End::Failed(_) => first_failed.or_else(|| self.tracer.blamed(false)),
            End::Panicked => self.tracer.blamed(true),
            End::TimedOut => self.tracer.overrun().map(|(plugin, ..)| plugin),
            End::Returned | End::PassedOn { .. } | End::Cancelled => None,
        };
        self.tracer.emit(|| Event::CallFinished { point: self.tracer.point, elapsed, end, source });
    }
}

impl Tracer<'_> {
    /// Returns the plugin of the first failure after which the call continued, and a text for all of them.
    fn text_of_failures(&self) -> Option<(PluginId, String)> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let plugin = failures.first()?.plugin().clone();
        Some((plugin, format!("{} of its extensions failed", failures.len())))
    }
}

impl Drop for Span<'_, '_> {
    fn drop(&mut self) {
        if !self.over {
            let expired = match self.position {
                Some(_) => self.seen.load(Ordering::Relaxed) == seen::EXPIRED,
                #[cfg(feature = "async")]
                None => self.tracer.overruns.has_expired(),
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
            contain_quietly(&mut || end.take().into_iter().for_each(|end| self.finish(end, None)));
        }
    }
}
