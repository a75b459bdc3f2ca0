//! [`CircuitBreaker`]: leaves plugins out of calls that fail again and again.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};
use std::time::SystemTime;

use crate::base::name::PluginId;
use crate::base::sync::{AtomicUsize, Mutex, MutexGuard};
use crate::limits::circuit::{Circuit, Verdict};
use crate::limits::part::LimitsPart;
use crate::limits::policy::{BreakerPolicy, Trips};
use crate::observe::circuit::CircuitState;
use crate::observe::gate::{Ending, Gate, Run};
use crate::observe::observer::{Event, Fault, ObserverGuard};
use crate::registry::{NeededPlugins, Registry};

/// Leaves plugins out of calls that fail again and again. [`break_circuits`](crate::PluginManager::break_circuits) returns
/// it.
///
/// A breaker that is dropped takes no more plugins out. Plugins that are out stay out.
///
/// The failures of all extensions and wrappers of a plugin are counted together, over all points but the phases of a
/// [lifecycle](crate::guide::lifecycle). [Limits](crate::guide::limits#circuit-breakers) has the rules.
#[must_use = "dropping the breaker stops it at once"]
pub struct CircuitBreaker {
    breaker: Arc<Breaker>,
    _guards: ObserverGuard,
}

impl CircuitBreaker {
    pub(super) fn new(policies: Policies, registry: &Registry) -> Self {
        let breaker = Arc::new(Breaker {
            policies,
            registry: registry.downgrade(),
            circuits: Mutex::default(),
            tripped: AtomicUsize::new(0),
            needed: Mutex::default(),
        });
        registry.part::<LimitsPart>().add(&breaker);
        let gate: Arc<dyn Gate> = Arc::clone(&breaker) as _;
        Self { breaker, _guards: registry.guard_with(gate) }
    }

    /// Returns the state of the circuit of the plugin of that name; `Closed` if there is none.
    pub fn state(&self, plugin: impl AsRef<str>) -> CircuitState {
        self.breaker.state(plugin.as_ref())
    }

    /// Tries the plugins again whose retry time is over: their circuits are half-open from now on.
    ///
    /// Each call that starts does so, too.
    pub fn retry(&self) {
        self.breaker.retry();
    }
}

#[cfg(all(feature = "config", feature = "macros"))]
impl CircuitBreaker {
    /// Closes the circuits of plugins that have no policy any more, and takes the plugins back into calls.
    pub(super) fn release(&self) {
        self.breaker.release();
    }
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker").field("policies", &self.breaker.policies).finish_non_exhaustive()
    }
}

/// The policies of a breaker.
#[derive(Debug)]
pub(super) enum Policies {
    /// One policy for all plugins that have none of their own in the configuration.
    Host(Arc<BreakerPolicy>, Arc<OwnPolicies>),
    /// The policies in the configuration.
    #[cfg_attr(
        not(all(feature = "config", feature = "macros")),
        expect(dead_code, reason = "for loads, which such a build has not")
    )]
    Configured(Arc<OwnPolicies>),
}

/// The policies that plugins have in the configuration.
#[derive(Debug, Default)]
pub(super) struct OwnPolicies {
    all: Mutex<HashMap<PluginId, Arc<BreakerPolicy>>>,
    count: AtomicUsize,
}

impl OwnPolicies {
    /// Replaces all policies. Returns whether there are any.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(super) fn replace(&self, policies: HashMap<PluginId, Arc<BreakerPolicy>>) -> bool {
        let count = policies.len();
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let _old = std::mem::replace(&mut *all, policies);
        self.count.store(count, Ordering::Release);
        drop(all);
        count > 0
    }

    fn get(&self, plugin: &PluginId) -> Option<Arc<BreakerPolicy>> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.all.lock().unwrap_or_else(PoisonError::into_inner).get(plugin).cloned()
    }
}

impl Policies {
    /// Returns the policy of a plugin.
    fn of(&self, plugin: &PluginId) -> Option<Arc<BreakerPolicy>> {
        match self {
            Self::Host(_, own) if own.get(plugin).is_some() => None,
            Self::Host(policy, _) => Some(Arc::clone(policy.of_plugin(plugin).unwrap_or(policy))),
            Self::Configured(own) => own.get(plugin),
        }
    }

    /// Returns whether any policy may have a retry time.
    fn may_retry(&self) -> bool {
        self.host().is_none_or(BreakerPolicy::may_retry)
    }

    /// Returns the policy that names required plugins, and has a clock.
    fn host(&self) -> Option<&BreakerPolicy> {
        match self {
            Self::Host(policy, _) => Some(policy),
            Self::Configured(_) => None,
        }
    }
}

/// All circuits of a breaker. One that never changed its state may be missing.
#[derive(Default)]
struct Circuits {
    /// Drawn at each change of a state. A run that begins gets the last one.
    generation: u64,
    /// The number of circuits that are not closed.
    tripped: usize,
    all: HashMap<PluginId, Circuit>,
}

impl Circuits {
    /// Changes the state of a circuit that is in the generation `from`. Returns the generation that it is in then.
    fn enter(&mut self, plugin: &PluginId, from: u64, state: CircuitState, now: SystemTime) -> Option<u64> {
        let next = self.generation + 1;
        let circuit = self.of(plugin).filter(|circuit| circuit.generation == from)?;
        let was_tripped = circuit.state != CircuitState::Closed;
        circuit.enter(state, next, now);
        self.generation = next;
        self.tripped -= usize::from(was_tripped);
        self.tripped += usize::from(state != CircuitState::Closed);
        Some(next)
    }

    /// Adds the closed circuit of a plugin. All that has begun so far counts for it.
    fn add(&mut self, plugin: &PluginId) {
        // That of an earlier plugin of its name.
        let old = self.all.insert(plugin.clone(), Circuit::new(plugin));
        self.tripped -= usize::from(old.is_some_and(|old| old.state != CircuitState::Closed));
    }

    /// Returns the circuit of this very registration.
    fn of(&mut self, plugin: &PluginId) -> Option<&mut Circuit> {
        self.all.get_mut(plugin.as_str()).filter(|circuit| circuit.is_of(plugin))
    }
}

pub(super) struct Breaker {
    policies: Policies,
    registry: Weak<Registry>,
    /// No foreign code and no lock of the registry is met while this is held.
    circuits: Mutex<Circuits>,
    /// The number of circuits that are not closed.
    tripped: AtomicUsize,
    /// The plugins that the required ones cannot do without, themselves included, as last looked up.
    needed: Mutex<Arc<NeededPlugins>>,
}

impl Breaker {
    /// Changes circuits.
    fn change<R>(&self, change: impl FnOnce(&mut Circuits) -> R) -> R {
        let mut circuits = self.circuits();
        let result = change(&mut circuits);
        self.tripped.store(circuits.tripped, Ordering::Release);
        result
    }

    fn circuits(&self) -> MutexGuard<'_, Circuits> {
        self.circuits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the time, by the clock of the policy or of the manager.
    fn now(&self, registry: &Registry) -> SystemTime {
        let own = self.policies.host().and_then(|policy| policy.clock.as_ref());
        own.unwrap_or(&registry.clock).now_at_any_rate()
    }

    pub(super) fn state(&self, plugin: &str) -> CircuitState {
        let Some(registry) = self.registry.upgrade() else { return CircuitState::Closed };
        let Some(plugin) = registry.id_of(plugin) else { return CircuitState::Closed };
        self.close_if_decided(&registry, &plugin);
        self.circuits().of(&plugin).map_or(CircuitState::Closed, |circuit| circuit.state)
    }

    /// Returns the state of a plugin's circuit as it is; `None` if there is no circuit.
    pub(super) fn known_state(&self, plugin: &PluginId) -> Option<CircuitState> {
        self.circuits().of(plugin).map(|circuit| circuit.state)
    }

    /// Returns whether a plugin is required, or another requires it that is.
    fn is_needed(&self, registry: &Registry, plugin: &PluginId) -> bool {
        let Some(policy) = self.policies.host() else { return false };
        let needed = || self.needed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = Arc::clone(&needed());
        let current = registry.needed(&policy.required, known);
        *needed() = Arc::clone(&current);
        current.contains(plugin)
    }

    /// Closes an open circuit if the host has enabled its plugin, or disabled it for a reason of its own.
    fn close_if_decided(&self, registry: &Registry, plugin: &PluginId) {
        let is_out = |circuit: &&mut Circuit| circuit.state == CircuitState::Open && circuit.is_left_out;
        let generation = || self.circuits().of(plugin).filter(is_out).map(|circuit| circuit.generation);
        let Some(generation) = generation() else { return };
        if !registry.is_left_out(plugin) {
            self.enter_and_tell(registry, plugin, generation, CircuitState::Closed, SystemTime::UNIX_EPOCH);
        }
    }

    /// Takes in the end of a run of a plugin that has this policy.
    fn take(
        &self,
        run: &Run<'_>,
        ticket: u64,
        verdict: Verdict,
        fault: Option<&Fault<'_>>,
        policy: &BreakerPolicy,
    ) {
        let is_counted = verdict == Verdict::Bad || matches!(policy.trips, Trips::ByRate { .. });
        let plugin = run.plugin;
        let is_known = self.circuits().of(plugin).is_some();
        if !is_known && (!is_counted || verdict == Verdict::Undecided) {
            return;
        }
        let Some(registry) = self.registry.upgrade() else { return };
        if !is_known && !registry.id_of(plugin).is_some_and(|current| current.is_same(plugin)) {
            // It was unregistered meanwhile. A later plugin of its name has not failed.
            return;
        }
        let now = if is_counted { self.now(&registry) } else { SystemTime::UNIX_EPOCH };
        let decides = policy.concerns(run);
        let next = {
            if !is_known {
                self.change(|circuits| {
                    if circuits.of(plugin).is_none() {
                        circuits.add(plugin);
                    }
                });
            }
            let mut circuits = self.circuits();
            let Some(circuit) = circuits.of(plugin).filter(|circuit| ticket >= circuit.generation) else {
                return;
            };
            let Some(state) = circuit.take(verdict, decides, policy, now) else { return };
            (state, circuit.generation, fault.map(|fault| circuit.reason(policy, fault, now)))
        };
        match next {
            (CircuitState::Open, generation, Some(reason)) => {
                self.open(&registry, plugin, generation, reason, policy, now);
            }
            (state, generation, _) => {
                self.enter_and_tell(&registry, plugin, generation, state, now);
            }
        }
    }

    /// Opens a circuit that is in this generation, unless nothing of its plugin may be left out.
    fn open(
        &self,
        registry: &Registry,
        plugin: &PluginId,
        generation: u64,
        reason: String,
        policy: &BreakerPolicy,
        now: SystemTime,
    ) {
        let what = policy.leaves_out();
        if !registry.can_leave_out(plugin, what) || self.is_needed(registry, plugin) {
            // Nothing has been taken out of calls for it, or all of it is back in them.
            let is_half_open = |circuit: &&mut Circuit| circuit.state == CircuitState::HalfOpen;
            if self.circuits().of(plugin).as_ref().is_some_and(is_half_open) {
                self.enter_and_tell(registry, plugin, generation, CircuitState::Closed, now);
            }
            return;
        }
        let Some(opened) = self.enter(plugin, generation, CircuitState::Open, now) else { return };
        registry.leave_out(plugin, what, reason.into());
        if let Some(circuit) = self.circuits().of(plugin).filter(|circuit| circuit.generation == opened) {
            circuit.is_left_out = true;
        }
        registry.tell(&Event::CircuitChanged { plugin, state: CircuitState::Open });
    }

    /// Changes the state of a circuit that is in this generation, and tells observers of it.
    fn enter_and_tell(
        &self,
        registry: &Registry,
        plugin: &PluginId,
        from: u64,
        state: CircuitState,
        now: SystemTime,
    ) {
        if self.enter(plugin, from, state, now).is_some() {
            registry.tell(&Event::CircuitChanged { plugin, state });
        }
    }

    /// Changes the state of a circuit that is in this generation. Returns the generation that it is in then.
    fn enter(&self, plugin: &PluginId, from: u64, state: CircuitState, now: SystemTime) -> Option<u64> {
        self.change(|circuits| circuits.enter(plugin, from, state, now))
    }

    /// Closes the circuits of plugins that have no policy any more, and takes the plugins back into calls.
    #[cfg(all(feature = "config", feature = "macros"))]
    fn release(&self) {
        let Some(registry) = self.registry.upgrade() else { return };
        let released = self.change(|circuits| {
            let is_released = |circuit: &&Circuit| {
                circuit.state != CircuitState::Closed && self.policies.of(&circuit.plugin).is_none()
            };
            let released = circuits.all.values().filter(is_released);
            let released: Vec<_> =
                released.map(|circuit| (circuit.plugin.clone(), circuit.generation)).collect();
            for (plugin, from) in &released {
                let _ = circuits.enter(plugin, *from, CircuitState::Closed, SystemTime::UNIX_EPOCH);
            }
            released
        });
        for (plugin, _) in &released {
            registry.take_back(plugin);
            registry.tell(&Event::CircuitChanged { plugin, state: CircuitState::Closed });
        }
    }

    fn retry(&self) {
        if self.tripped.load(Ordering::Acquire) == 0 || !self.policies.may_retry() {
            return;
        }
        let Some(registry) = self.registry.upgrade() else { return };
        let now = self.now(&registry);
        let due = self.change(|circuits| {
            let mut due = Vec::new();
            let mut generation = circuits.generation;
            for circuit in circuits.all.values_mut() {
                if self.policies.of(&circuit.plugin).is_some_and(|policy| circuit.is_due(&policy, now)) {
                    generation += 1;
                    if circuit.state == CircuitState::Open {
                        due.push((circuit.plugin.clone(), generation));
                    }
                    circuit.enter(CircuitState::HalfOpen, generation, now);
                }
            }
            circuits.generation = generation;
            due
        });
        for (plugin, generation) in due {
            if registry.take_back(&plugin) {
                registry.tell(&Event::CircuitChanged { plugin: &plugin, state: CircuitState::HalfOpen });
            } else {
                // The host has enabled it, or disabled it for a reason of its own: the rest is up to the host.
                self.enter_and_tell(&registry, &plugin, generation, CircuitState::Closed, now);
            }
        }
    }
}

impl Gate for Breaker {
    fn called(&self) {
        self.retry();
    }

    fn admit(&self, run: &Run<'_>) -> Option<u64> {
        if self.tripped.load(Ordering::Acquire) > 0
            && let Some(registry) = self.registry.upgrade()
        {
            // A call that began before may run it still.
            self.close_if_decided(&registry, run.plugin);
        }
        let policy = self.policies.of(run.plugin);
        let mut circuits = self.circuits();
        let generation = circuits.generation;
        let is_left_out = match (circuits.of(run.plugin), policy) {
            (Some(circuit), Some(policy)) => {
                circuit.state == CircuitState::HalfOpen
                    && policy.concerns(run)
                    && !circuit.lets_through(&policy)
            }
            _ => false,
        };
        (!is_left_out).then_some(generation)
    }

    fn ended(&self, run: &Run<'_>, ticket: u64, ending: Ending<'_>) {
        let Some(policy) = self.policies.of(run.plugin) else { return };
        let (verdict, fault) = match ending {
            Ending::Failed(fault) if policy.counts(fault) => (Verdict::Bad, Some(fault)),
            Ending::Failed(_) | Ending::Well => (Verdict::Good, None),
            Ending::Undecided => (Verdict::Undecided, None),
        };
        self.take(run, ticket, verdict, fault, &policy);
    }
}
