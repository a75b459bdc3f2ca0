//! [`CircuitBreaker`]: takes plugins out of calls that fail again and again.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

use crate::base::clock::Clock;
use crate::base::name::PluginId;
use crate::base::sync::thread::{self, ThreadId};
use crate::base::sync::{Mutex, MutexGuard};
use crate::observe::observer::{End, Event, Fault, Observer, ObserverGuard};
use crate::registry::{NeededPlugins, Registry};

/// The policy of a [`CircuitBreaker`]: when it disables a plugin, and when it tries the plugin again.
///
/// ```
/// use std::time::Duration;
/// use pluginkit::limits::BreakerPolicy;
///
/// let policy = BreakerPolicy::new(3).retry_after(Duration::from_secs(30)).required(["store"]);
/// ```
#[derive(Clone)]
#[must_use = "a policy does nothing before a manager breaks circuits by it"]
pub struct BreakerPolicy {
    failures: u32,
    retry_after: Option<Duration>,
    required: HashSet<PluginId>,
    clock: Clock,
}

impl BreakerPolicy {
    /// Returns a policy that disables a plugin after this number of failures in a row.
    ///
    /// A failure is an `Err`, a panic, a timeout or an overrun.
    ///
    /// # Panics
    ///
    /// Panics if `failures` is 0.
    #[track_caller]
    pub fn new(failures: u32) -> Self {
        assert!(failures > 0, "a circuit breaks after at least 1 failure, but `failures` is 0");
        Self { failures, retry_after: None, required: HashSet::new(), clock: Clock::default() }
    }

    /// Enables a disabled plugin again after this time, to try it.
    ///
    /// The first failure disables the plugin again, and the first success keeps it enabled. Without a retry time, a
    /// plugin stays disabled until the host enables it.
    pub fn retry_after(self, time: Duration) -> Self {
        Self { retry_after: Some(time), ..self }
    }

    /// Never disables these plugins, nor the plugins that these plugins require.
    pub fn required(mut self, plugins: impl IntoIterator<Item = impl Into<PluginId>>) -> Self {
        self.required.extend(plugins.into_iter().map(Into::into));
        self
    }

    /// Sets the clock. The default is the system clock.
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { clock: Clock::new(now), ..self }
    }
}

impl fmt::Debug for BreakerPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerPolicy")
            .field("failures", &self.failures)
            .field("retry_after", &self.retry_after)
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}

/// The state of a plugin's circuit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CircuitState {
    /// The plugin takes part in calls.
    #[default]
    Closed,
    /// The breaker has disabled the plugin.
    Open,
    /// The breaker has enabled the plugin again, to try it.
    HalfOpen,
}

impl fmt::Display for CircuitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        })
    }
}

/// Disables plugins that fail again and again. [`break_circuits`](crate::PluginManager::break_circuits) returns it.
///
/// A breaker that is dropped disables no more plugins. Plugins that are disabled stay disabled.
///
/// The failures of all extensions and wrappers of a plugin are counted together, over all points. A wrapper that passes
/// on a failure has not failed. Name each plugin that protects others, for example a wrapper that checks permissions,
/// as [required](BreakerPolicy::required).
///
/// After the [retry time](BreakerPolicy::retry_after), a disabled plugin is enabled again at the first call of any
/// point, or by [`retry`](Self::retry). The plugin takes part in all calls that start later. The first of these calls
/// that ends decides whether the plugin stays enabled.
#[must_use = "dropping the breaker stops it at once"]
pub struct CircuitBreaker {
    breaker: Arc<Breaker>,
    _observes: ObserverGuard,
}

impl CircuitBreaker {
    pub(crate) fn new(policy: BreakerPolicy, registry: &Arc<Registry>) -> Self {
        let (circuits, needed) = (Mutex::default(), Mutex::default());
        let breaker = Arc::new(Breaker { policy, registry: Arc::downgrade(registry), circuits, needed });
        let observes = registry.observe(Arc::new(Watch(Arc::clone(&breaker))));
        Self { breaker, _observes: observes }
    }

    /// Returns the state of the plugin of that name; `Closed` if there is none.
    pub fn state(&self, plugin: impl AsRef<str>) -> CircuitState {
        let name = plugin.as_ref();
        let registered = self.breaker.registry.upgrade().and_then(|registry| registry.id_of(name));
        let circuits = self.breaker.circuits();
        let circuit = circuits.get(name).filter(|circuit| registered.is_some_and(|id| circuit.is_of(&id)));
        circuit.map_or(CircuitState::Closed, |circuit| circuit.state)
    }

    /// Enables the plugins again whose retry time is over.
    pub fn retry(&self) {
        self.breaker.retry();
    }
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker").field("policy", &self.breaker.policy).finish_non_exhaustive()
    }
}

/// The circuit of one plugin.
struct Circuit {
    /// The name of its registration. The address of the name tells it from a later plugin of the same name.
    plugin: PluginId,
    state: CircuitState,
    failures: u32,
    /// Since when it is open, and what was said then.
    opened: Option<(SystemTime, String)>,
    /// Whether the plugin is disabled by now, where the circuit is open: if not, it is about to be.
    is_disabled: bool,
    half_open_since: Option<Instant>,
    /// Threads on which it has failed in what has not been told to be over.
    failing: Vec<ThreadId>,
}

struct Breaker {
    policy: BreakerPolicy,
    registry: Weak<Registry>,
    /// No plugin code and no lock of the registry is met while this is held.
    circuits: Mutex<HashMap<PluginId, Circuit>>,
    /// The plugins that the required ones cannot do without, themselves included, as last looked up.
    needed: Mutex<Arc<NeededPlugins>>,
}

impl Breaker {
    fn circuits(&self) -> MutexGuard<'_, HashMap<PluginId, Circuit>> {
        self.circuits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether a plugin is required, or another requires it that is.
    fn is_needed(&self, registry: &Registry, plugin: &PluginId) -> bool {
        let needed = || self.needed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = Arc::clone(&needed());
        let current = registry.needed(&self.policy.required, known);
        *needed() = Arc::clone(&current);
        current.contains(plugin)
    }

    fn failed(&self, fault: &Fault<'_>) {
        let Fault { plugin, point, kind } = *fault;
        let now = self.policy.clock.now();
        let Some(registry) = self.registry.upgrade() else { return };
        if !registry.id_of(plugin).is_some_and(|current| current.is_same(plugin)) {
            // It was unregistered meanwhile. A later plugin of its name has not failed.
            return;
        }
        let reason = {
            let mut circuits = self.circuits();
            let circuit = circuits.entry(plugin.clone()).or_insert_with(|| Circuit::new(plugin));
            if !circuit.is_of(plugin) {
                *circuit = Circuit::new(plugin);
            }
            circuit.failing.push(thread::current().id());
            circuit.failures = circuit.failures.saturating_add(1);
            let trips = match circuit.state {
                CircuitState::Closed => circuit.failures >= self.policy.failures,
                CircuitState::HalfOpen => true,
                CircuitState::Open => false,
            };
            if !trips {
                return;
            }
            match circuit.failures {
                1 => format!("failed by {kind} in `{point}`"),
                many => format!("failed {many} times in a row, at last by {kind} in `{point}`"),
            }
        };
        if self.is_needed(&registry, plugin) {
            return;
        }
        {
            let mut circuits = self.circuits();
            // A success on another thread may have taken it away meanwhile, and another failure may have opened it.
            let circuit = circuits.entry(plugin.clone()).or_insert_with(|| Circuit::new(plugin));
            if circuit.state == CircuitState::Open {
                return;
            }
            circuit.state = CircuitState::Open;
            circuit.half_open_since = None;
            circuit.opened = Some((now, reason.clone()));
            circuit.is_disabled = false;
        }
        registry.disable(plugin, reason.into());
        if let Some(circuit) = self.circuits().get_mut(plugin.as_str()) {
            circuit.is_disabled = true;
        }
    }

    /// Notes that an extension has ended.
    fn ended(&self, plugin: &PluginId, end: End<'_>, elapsed: Duration) {
        let mut circuits = self.circuits();
        let circuit = circuits.get_mut(plugin.as_str()).filter(|circuit| circuit.is_of(plugin));
        let Some(circuit) = circuit else { return };
        if let Some(at) = circuit.failing.iter().position(|thread| *thread == thread::current().id()) {
            circuit.failing.swap_remove(at);
            return;
        }
        // An extension that was under way when the plugin was disabled does not count.
        let is_stale = circuit.half_open_since.is_some_and(|since| since.elapsed() < elapsed);
        if end == End::Returned && circuit.state != CircuitState::Open && !is_stale {
            circuits.remove(plugin.as_str());
        }
    }

    fn retry(&self) {
        let Some(after) = self.policy.retry_after else { return };
        if self.circuits().values().all(|circuit| circuit.opened.is_none()) {
            return;
        }
        let now = self.policy.clock.now();
        let is_due = |opened: &SystemTime| now.duration_since(*opened).is_ok_and(|elapsed| elapsed >= after);
        let mut due = Vec::new();
        for circuit in self.circuits().values_mut().filter(|circuit| circuit.is_disabled) {
            if circuit.opened.as_ref().is_some_and(|(opened, _)| is_due(opened)) {
                due.extend(circuit.opened.take().map(|(_, reason)| (circuit.plugin.clone(), reason)));
            }
        }
        let Some(registry) = self.registry.upgrade() else { return };
        for (plugin, reason) in due {
            if registry.disabled_reason(&plugin) != Some(reason) {
                // The host has disabled it for a reason of its own, or enabled it: the rest is up to the host.
                self.circuits().remove(plugin.as_str());
                continue;
            }
            if let Some(circuit) = self.circuits().get_mut(plugin.as_str()) {
                circuit.state = CircuitState::HalfOpen;
                circuit.half_open_since = Some(Instant::now());
            }
            let _ = registry.set_enabled(&plugin, true, None);
        }
    }

    /// Notes that an extension of a plugin starts. If the circuit is open, the host has enabled the plugin.
    fn runs(&self, plugin: &PluginId) {
        let is_open = |circuits: &HashMap<PluginId, Circuit>| {
            let circuit = circuits.get(plugin.as_str());
            circuit.is_some_and(|circuit| circuit.state == CircuitState::Open && circuit.is_disabled)
        };
        if !is_open(&self.circuits()) {
            return;
        }
        let Some(registry) = self.registry.upgrade() else { return };
        if registry.is_enabled(plugin) && is_open(&self.circuits()) {
            self.circuits().remove(plugin.as_str());
        }
    }
}

impl Circuit {
    fn new(plugin: &PluginId) -> Self {
        let state = CircuitState::Closed;
        let plugin = plugin.clone();
        Self {
            plugin,
            state,
            failures: 0,
            opened: None,
            is_disabled: false,
            half_open_since: None,
            failing: Vec::new(),
        }
    }

    /// Returns whether it is the circuit of this very registration.
    fn is_of(&self, plugin: &PluginId) -> bool {
        self.plugin.is_same(plugin)
    }
}

/// The observer of a breaker.
struct Watch(Arc<Breaker>);

impl Observer for Watch {
    fn observe(&self, event: &Event<'_>) {
        match *event {
            Event::CallStarted { .. } => self.0.retry(),
            Event::ExtensionStarted { plugin, .. } => self.0.runs(plugin),
            Event::ExtensionFinished { plugin, end, elapsed, .. } => self.0.ended(plugin, end, elapsed),
            Event::CallFinished { .. } | Event::Drained { .. } | Event::DropPanicked { .. } => {}
        }
    }

    fn called(&self) {
        self.0.retry();
    }

    fn fault(&self, fault: &Fault<'_>) {
        self.0.failed(fault);
    }
}
