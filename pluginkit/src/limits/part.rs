//! [`LimitsPart`]: what a manager keeps of its circuit breakers.

#[cfg(all(feature = "config", feature = "macros"))]
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};

use crate::base::name::PluginId;
use crate::base::sync::Mutex;
#[cfg(all(feature = "config", feature = "macros"))]
use crate::limits::breaker::CircuitBreaker;
use crate::limits::breaker::{Breaker, OwnPolicies};
#[cfg(all(feature = "config", feature = "macros"))]
use crate::limits::configured::Set;
use crate::observe::circuit::CircuitState;
use crate::registry::RegistryPart;

/// The circuit breakers of a manager, and what its configuration says of plugins.
#[derive(Default)]
pub(super) struct LimitsPart {
    breakers: Mutex<Vec<Weak<Breaker>>>,
    /// The policies that plugins have in the configuration.
    pub(super) own: Arc<OwnPolicies>,
    /// The breaker for them.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(super) configured: Mutex<Option<CircuitBreaker>>,
    /// What the configuration has set for each plugin.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(super) set: Mutex<HashMap<PluginId, Set>>,
}

impl RegistryPart for LimitsPart {
    fn circuit(&self, plugin: &PluginId) -> Option<CircuitState> {
        most_open(self.breakers().iter().filter_map(|breaker| breaker.known_state(plugin)))
    }
}

/// Returns the most open of some states.
fn most_open(states: impl Iterator<Item = CircuitState>) -> Option<CircuitState> {
    states.max_by_key(|state| match state {
        CircuitState::Closed => 0,
        CircuitState::HalfOpen => 1,
        CircuitState::Open => 2,
    })
}

impl LimitsPart {
    pub(super) fn add(&self, breaker: &Arc<Breaker>) {
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        breakers.retain(|breaker| breaker.strong_count() > 0);
        breakers.push(Arc::downgrade(breaker));
    }

    /// Returns the state of a plugin's circuit, the most open one if several breakers have one.
    pub(super) fn state(&self, plugin: &str) -> CircuitState {
        most_open(self.breakers().iter().map(|breaker| breaker.state(plugin))).unwrap_or_default()
    }

    fn breakers(&self) -> Vec<Arc<Breaker>> {
        let breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        breakers.iter().filter_map(Weak::upgrade).collect()
    }
}
