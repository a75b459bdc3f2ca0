//! [`Observer`]: sees every call and every extension of a manager.
#![forbid(unsafe_code)]

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::drops::{DropPanic, Foreign, caught, contain_quietly, scope};
use crate::base::name::PluginId;
use crate::observe::circuit::CircuitState;
use crate::observe::gate::Gate;
use crate::observe::manager::{Observed, ObservedManager, ObserverId};
#[cfg(feature = "tracing")]
use crate::observe::spans::Spans;
use crate::plugin::PluginState;
use crate::spec::point::PointInfo;

/// An event of a manager: of a call, an extension, a state, a stop or a destructor.
///
/// Wrappers count as extensions: the events of a wrapper come before and after the events of the extensions that it
/// wraps. In `iter`, `stream` and `settle`, and in the replay of [historic
/// calls](macro@crate::extension_point#historic-points), extensions have events, but the call as a whole has none.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A call starts.
    CallStarted {
        /// The point that is called.
        point: &'static PointInfo,
    },
    /// A call has ended.
    CallFinished {
        /// The point that was called.
        point: &'static PointInfo,
        /// The time it took.
        elapsed: Duration,
        /// How it ended.
        end: End<'a>,
        /// The plugin whose code raised the failure of the call; `None` if it did not fail, or if no plugin is to blame.
        source: Option<&'a PluginId>,
    },
    /// An extension starts.
    ExtensionStarted {
        /// The plugin of the extension.
        plugin: &'a PluginId,
        /// The point it extends.
        point: &'static PointInfo,
    },
    /// An extension has ended.
    ExtensionFinished {
        /// The plugin of the extension.
        plugin: &'a PluginId,
        /// The point it extends.
        point: &'static PointInfo,
        /// The time it took.
        elapsed: Duration,
        /// How it ended.
        end: End<'a>,
        /// Whether it returned a value after its time limit, in a `try_call` or a `settle`: a
        /// [fault](FaultKind::Overran), although the code ended well.
        overran: bool,
    },
    /// The state of a plugin is another one.
    ///
    /// A new observer gets an event for each registered plugin. Other events are those of registrations, of the phases of
    /// a [lifecycle](crate::guide::lifecycle), of plugins that replace each other, and of plugins that leave. The event
    /// comes after the change. Changes that threads make at the same time may share a state, and their events may come in
    /// any order: [`ObservedManager::state`] returns the current state.
    ///
    /// An observer of `Starting` or `Stopping` cannot wait for the phases that follow: an operation that would do so returns
    /// [`Error::LifecycleBusy`](crate::Error::LifecycleBusy).
    #[non_exhaustive]
    StateChanged {
        /// The plugin.
        plugin: &'a PluginId,
        /// The state of the plugin; `None` if it is not registered any more.
        state: Option<PluginState>,
    },
    /// The state of the [circuit](crate::guide::limits#circuit-breakers) of a plugin is another one.
    ///
    /// A new observer gets an event for each circuit that is not closed. As with states,
    /// [`ObservedManager::circuit`] returns the current state.
    #[non_exhaustive]
    CircuitChanged {
        /// The plugin.
        plugin: &'a PluginId,
        /// The state of its circuit.
        state: CircuitState,
    },
    /// A plugin that stops has waited for the calls that were under way with it.
    #[non_exhaustive]
    Drained {
        /// The plugin.
        plugin: &'a PluginId,
        /// The time of the wait.
        elapsed: Duration,
        /// The number of calls that were still under way at the drain limit.
        calls_left: usize,
    },
    /// A destructor panicked, and the panic does not reach the caller.
    ///
    /// There are three reasons: another destructor of the same operation has panicked before, the operation returns an
    /// error, or the thread is already unwinding.
    #[non_exhaustive]
    DropPanicked {
        /// The plugin of the dropped value, if it had one.
        plugin: Option<&'a PluginId>,
        /// The text of the panic, if it had one.
        message: &'a str,
    },
}

impl<'a> Event<'a> {
    /// Returns the point of the call; `None` for an event outside of calls.
    pub fn point(&self) -> Option<&'static PointInfo> {
        match *self {
            Self::CallStarted { point }
            | Self::CallFinished { point, .. }
            | Self::ExtensionStarted { point, .. }
            | Self::ExtensionFinished { point, .. } => Some(point),
            Self::StateChanged { .. }
            | Self::CircuitChanged { .. }
            | Self::Drained { .. }
            | Self::DropPanicked { .. } => None,
        }
    }

    /// Returns the plugin of the event; `None` for an event of a whole call.
    pub fn plugin(&self) -> Option<&'a PluginId> {
        match *self {
            Self::CallStarted { .. } | Self::CallFinished { .. } => None,
            Self::ExtensionStarted { plugin, .. }
            | Self::ExtensionFinished { plugin, .. }
            | Self::StateChanged { plugin, .. }
            | Self::CircuitChanged { plugin, .. }
            | Self::Drained { plugin, .. } => Some(plugin),
            Self::DropPanicked { plugin, .. } => plugin,
        }
    }

    /// Returns the text of the error, if the call or the extension failed. `None` for a wrapper that passed on the error
    /// of another plugin.
    pub fn error(&self) -> Option<&'a str> {
        match *self {
            Self::CallFinished { end: End::Failed(error), .. }
            | Self::ExtensionFinished { end: End::Failed(error), .. } => Some(error),
            _ => None,
        }
    }

    /// Returns how the call or the extension ended, in one word, as spans and metrics have it: `returned`, `failed`,
    /// `panicked`, `passed_on`, `timed_out`, `overran` or `cancelled`; `None` for other events.
    pub fn outcome(&self) -> Option<&'static str> {
        match self {
            Self::ExtensionFinished { overran: true, .. } => Some(OVERRAN),
            Self::CallFinished { end, .. } | Self::ExtensionFinished { end, .. } => Some(end.word()),
            _ => None,
        }
    }
}

/// The outcome of an extension that returned a value after its time limit.
pub const OVERRAN: &str = "overran";

/// The end of a call or of an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End<'a> {
    /// The code returned a value.
    Returned,
    /// The code returned an `Err` with this text: the `Display` form of the error or, without one, the `Debug` form.
    Failed(&'a str),
    /// The code panicked.
    Panicked,
    /// The code of a wrapper passed on a failure of the extensions and wrappers that it ran. [Whose
    /// failure](crate::guide::limits#whose-failure) says when.
    PassedOn {
        /// The text of the `Err`; `None` for a panic.
        error: Option<&'a str>,
    },
    /// The code did not end: the future of the async call was dropped.
    Cancelled,
    /// The code did not end: the future of an `async fn` or a `blocking` extension was dropped at its timeout. The body
    /// of a `blocking` extension runs on. Code that cannot be dropped ends normally, and then `try_call` or `settle`
    /// reports the [overrun](crate::guide::limits#timeouts).
    TimedOut,
}

impl End<'_> {
    /// Its name, as a label.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Failed(_) => "failed",
            Self::Panicked => "panicked",
            Self::PassedOn { .. } => "passed_on",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
        }
    }

    /// Returns the kind of fault, if it is one.
    pub(crate) fn fault(&self) -> Option<FaultKind> {
        match self {
            Self::Failed(_) => Some(FaultKind::Failed),
            Self::Panicked => Some(FaultKind::Panicked),
            Self::TimedOut => Some(FaultKind::TimedOut),
            Self::Returned | Self::PassedOn { .. } | Self::Cancelled => None,
        }
    }

    /// Returns whether the code itself ended, in any way.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self, Self::Returned | Self::Failed(_) | Self::Panicked | Self::PassedOn { .. })
    }
}

/// A failure, with the plugin that caused it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Fault<'a> {
    /// The plugin that caused the failure.
    pub plugin: &'a PluginId,
    /// The point it extends.
    pub point: &'static PointInfo,
    /// The kind of the failure.
    pub kind: FaultKind,
    /// The text of the `Err`, if it is one.
    pub error: Option<&'a str>,
    /// Whether a wrapper failed.
    pub is_wrapper: bool,
}

/// A kind of failure. Here, a wrapper counts as an extension, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// The extension returned an `Err`.
    Failed,
    /// The extension panicked.
    Panicked,
    /// The future of the extension was dropped at its timeout.
    TimedOut,
    /// The extension exceeded its timeout in a `try_call` or a `settle`. The extension ran to its end, because it could
    /// not be dropped.
    #[non_exhaustive]
    Overran {
        /// The shortest of its timeouts.
        limit: Duration,
        /// The time that the extension took.
        elapsed: Duration,
    },
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed => f.write_str("an error"),
            Self::Panicked => f.write_str("a panic"),
            Self::TimedOut => f.write_str("a timeout"),
            Self::Overran { limit, elapsed } => write!(f, "an overrun ({elapsed:?} instead of {limit:?})"),
        }
    }
}

/// Receives the events of a manager, on the thread of the call.
///
/// Every `Fn(&Event<'_>)` is an observer. A closure needs the type of its parameter here, but not in
/// [`observe_fn`](crate::PluginManager::observe_fn).
///
/// ```
/// # use pluginkit::PluginManager;
/// let pm = PluginManager::new("feed");
/// let guard = pm.observe(|event: &pluginkit::observe::Event<'_>| println!("{event:?}"));
/// drop(guard); // observes no more
/// ```
pub trait Observer: Send + Sync + 'static {
    /// Called with each event: before and after every call and every extension, and after some [panics of
    /// destructors](Event::DropPanicked).
    fn observe(&self, event: &Event<'_>);

    /// Called for the extension or the wrapper that caused a failure, before its [`Event::ExtensionFinished`].
    ///
    /// A failure is told once. A wrapper that [passes on](crate::guide::limits#whose-failure) the failure of another
    /// plugin has not caused it.
    fn fault(&self, fault: &Fault<'_>) {
        let _ = fault;
    }

    /// Returns the observer that observes `manager` instead of this one; `None` if this one does. Called once, when the
    /// observation begins. An observer that tells managers apart returns an observer for each.
    ///
    /// An observer that hands its events on to a [`Metrics`](crate::insight::Metrics) returns one that hands them on to
    /// [`Metrics::of_manager`](crate::insight::Metrics::of_manager).
    fn for_manager(&self, manager: &ObservedManager) -> Option<Arc<dyn Observer>> {
        let _ = manager;
        None
    }

    /// Returns the identity of the observer; `None` if it is no other than itself. A manager shows each event only once to
    /// observers with the same id. Called once, when the observation begins, on what [`for_manager`](Self::for_manager)
    /// returned.
    fn id(&self) -> Option<ObserverId> {
        None
    }

    /// Returns a value that other code looks up by its type. For example, the [report](crate::PluginManager::report) of
    /// a manager looks here for [`Metrics`](crate::insight::Metrics). An observer that contains a `Metrics` returns
    /// that `Metrics`. Other observers need not implement this method.
    fn inner(&self) -> Option<&dyn Any> {
        None
    }

    /// Returns the spans in which calls and extensions run, if the observer makes spans. Called once, when the
    /// observation begins.
    #[cfg(feature = "tracing")]
    fn spans(&self) -> Option<Arc<dyn Spans>> {
        None
    }
}

impl<F: Fn(&Event<'_>) + Send + Sync + 'static> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}

/// The observers of a manager at one moment; `None` where there are none.
pub(crate) type Observers = Option<Arc<Watchers>>;

/// Tells `observers` of a panic of a destructor that reaches no caller.
pub(crate) fn report(observers: &Observers, panic: &DropPanic) {
    for observer in observers.iter().flat_map(|watchers| watchers.iter()) {
        contain_quietly(&mut || observer.observe(&dropped(panic)));
    }
}

/// Returns the event of a panic of a destructor.
fn dropped(panic: &DropPanic) -> Event<'_> {
    Event::DropPanicked { plugin: panic.plugin.as_ref(), message: panic.message() }
}

/// Observers, as long as their manager has them.
struct Left(Vec<Weak<dyn Observer>>);

impl Left {
    /// Returns the observers of a moment that nothing else has, and those that may be left when they are dropped.
    fn of(observers: Observers) -> Option<(Option<Watchers>, Self)> {
        let watchers = Arc::into_inner(observers?)?;
        let left = watchers.iter().map(Arc::downgrade).collect();
        Some((Some(watchers), Self(left)))
    }

    /// Tells them of a panic of a destructor.
    fn tell(&self, panic: &DropPanic) {
        for observer in &self.0 {
            contain_quietly(&mut || {
                if let Some(observer) = observer.upgrade() {
                    observer.observe(&dropped(panic));
                }
            });
        }
    }
}

/// Drops the observers of a moment, of which some may have been removed since. Returns the first panic of a destructor if
/// it `goes_on` to the caller. The observers that are left are told of the others.
pub(crate) fn release(observers: Observers, goes_on: bool) -> Option<DropPanic> {
    let (mut last, left) = Left::of(observers)?;
    let first = caught(&|panic| left.tell(panic), &mut || last = None)?;
    if goes_on {
        return Some(first);
    }
    left.tell(&first);
    None
}

/// Drops the observers of a moment, of which some may have been removed since. The first panic of a destructor goes on to the
/// caller. The observers that are left are told of the others.
pub(crate) fn drop_last(observers: Observers) {
    if let Some((mut last, left)) = Left::of(observers) {
        scope(&|panic| left.tell(panic), &mut || last = None);
    }
}

/// The name of a manager and the spans that its calls have.
#[cfg(feature = "tracing")]
type ManagerSpans = (Arc<str>, Foreign<Arc<dyn Spans>>);

/// The observers of a manager.
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub struct Watchers {
    /// The clock of the manager, if the host has set one.
    clock: Option<Clock>,
    all: Box<[Foreign<Arc<dyn Observer>>]>,
    gates: Box<[Foreign<Arc<dyn Gate>>]>,
    /// The name of the manager and the spans that its calls have, if they have any.
    #[cfg(feature = "tracing")]
    spans: Option<ManagerSpans>,
}

impl Watchers {
    /// Returns the observers of the manager of this name, if there are any.
    pub(crate) fn of(manager: &Arc<str>, clock: Option<&Clock>, observations: &[Observation]) -> Observers {
        let _ = manager;
        // Of observers that are one, the first.
        let is_first = |(at, each): &(usize, &Observation)| !each.is_among(&observations[..*at]);
        let observers = observations.iter().enumerate().filter(is_first);
        let observers = observers.filter_map(|(_, each)| each.observer.as_deref());
        let gates = observations.iter().filter_map(|each| each.gate.as_deref());
        (!observations.is_empty()).then(|| {
            Arc::new(Self {
                clock: clock.cloned(),
                all: observers.map(|each| Foreign::new(Arc::clone(each), None)).collect(),
                gates: gates.map(|each| Foreign::new(Arc::clone(each), None)).collect(),
                #[cfg(feature = "tracing")]
                spans: observations
                    .iter()
                    .find_map(|each| each.spans.as_deref())
                    .map(|spans| (Arc::clone(manager), Foreign::new(Arc::clone(spans), None))),
            })
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Observer>> {
        self.all.iter().map(|observer| &**observer)
    }

    /// Returns the clock of the manager, if the host has set one.
    pub(crate) fn clock(&self) -> Option<&Clock> {
        self.clock.as_ref()
    }

    /// Returns what decides which implementations run.
    pub(crate) fn gates(&self) -> &[Foreign<Arc<dyn Gate>>] {
        &self.gates
    }

    /// Returns the name of the manager and the spans that its calls have, if they have any.
    #[cfg(feature = "tracing")]
    #[inline]
    pub(crate) fn spans(&self) -> Option<(&str, &dyn Spans)> {
        self.spans.as_ref().map(|(manager, spans)| (&**manager, &***spans))
    }
}

/// One observer of a manager, or what decides which implementations run.
#[derive(Default)]
pub(crate) struct Observation {
    pub(crate) id: u64,
    observer: Option<Foreign<Arc<dyn Observer>>>,
    observer_id: Option<ObserverId>,
    gate: Option<Foreign<Arc<dyn Gate>>>,
    /// The spans it wants calls to have.
    #[cfg(feature = "tracing")]
    spans: Option<Foreign<Arc<dyn Spans>>>,
}

impl Observation {
    /// Asks the observer for that of `manager`, for its identity and for spans. This runs its code.
    pub(crate) fn new(observer: Arc<dyn Observer>, manager: &ObservedManager) -> Self {
        let observer = observer.for_manager(manager).unwrap_or(observer);
        let observer_id = observer.id();
        #[cfg(feature = "tracing")]
        let spans = observer.spans().map(|spans| Foreign::new(spans, None));
        Self {
            observer: Some(Foreign::new(observer, None)),
            observer_id,
            #[cfg(feature = "tracing")]
            spans,
            ..Self::default()
        }
    }

    /// Returns whether an observer of `others` is this one.
    pub(crate) fn is_among(&self, others: &[Self]) -> bool {
        self.observer_id.is_some() && others.iter().any(|other| other.observer_id == self.observer_id)
    }

    /// Returns the observer.
    pub(crate) fn observer(&self) -> Option<Arc<dyn Observer>> {
        self.observer.as_deref().cloned()
    }

    /// Returns the observation of a gate.
    pub(crate) fn of_gate(gate: Arc<dyn Gate>) -> Self {
        Self { gate: Some(Foreign::new(gate, None)), ..Self::default() }
    }
}

/// Keeps an observer in place. Dropping the guard removes that observer and no other observer. A guard that is
/// forgotten (`mem::forget`) leaves the observer in place for the rest of the manager's life, as
/// [`forget`](Self::forget) does.
#[must_use = "dropping the guard removes the observer at once"]
pub struct ObserverGuard {
    observed: Weak<dyn Observed>,
    id: u64,
}

/// Nothing that observers watch.
struct Unobserved;

impl Observed for Unobserved {
    fn remove_observer(&self, _id: u64) {}

    fn state(&self, _plugin: &str) -> Option<PluginState> {
        None
    }

    fn circuit(&self, _plugin: &str) -> Option<CircuitState> {
        None
    }
}

impl ObserverGuard {
    pub(crate) fn new(observed: Weak<dyn Observed>, id: u64) -> Self {
        Self { observed, id }
    }

    /// Leaves the observer in place for the rest of the manager's life.
    pub fn forget(mut self) {
        self.observed = Weak::<Unobserved>::new();
    }
}

impl Drop for ObserverGuard {
    fn drop(&mut self) {
        if let Some(observed) = self.observed.upgrade() {
            observed.remove_observer(self.id);
        }
    }
}

impl fmt::Debug for ObserverGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObserverGuard").field("id", &self.id).finish_non_exhaustive()
    }
}
