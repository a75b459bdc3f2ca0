//! [`ObservedManager`]: the manager that an observer observes; and [`ObserverId`]: which observers are one.
#![forbid(unsafe_code)]

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};

use crate::observe::circuit::CircuitState;
use crate::plugin::PluginState;

/// Something that observers watch.
pub(crate) trait Observed: Send + Sync {
    /// Lets the observer of this number watch no longer.
    fn remove_observer(&self, id: u64);

    /// Returns the state of the plugin of that name.
    fn state(&self, plugin: &str) -> Option<PluginState>;

    /// Returns the state of the circuit of the plugin of that name; `None` if it has none.
    fn circuit(&self, plugin: &str) -> Option<CircuitState>;
}

/// A manager, as an observer knows it.
///
/// Two managers are equal if they are one. Managers of the same name may differ. An `ObservedManager` does not keep its
/// manager.
#[derive(Clone)]
pub struct ObservedManager {
    number: u64,
    name: Arc<str>,
    observed: Weak<dyn Observed>,
}

impl ObservedManager {
    pub(crate) fn new(number: u64, name: Arc<str>, observed: Weak<dyn Observed>) -> Self {
        Self { number, name, observed }
    }

    /// Returns the number of the manager: no other manager of the process has it.
    #[doc(hidden)]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns whether the manager lives.
    #[cfg(feature = "metrics")]
    #[doc(hidden)]
    pub fn lives(&self) -> bool {
        self.observed.strong_count() > 0
    }

    /// Returns the name of the manager, which is its project.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the current state of the plugin of that name; `None` if it is not registered.
    pub fn state(&self, plugin: impl AsRef<str>) -> Option<PluginState> {
        self.observed.upgrade()?.state(plugin.as_ref())
    }

    /// Returns the current state of the circuit of the plugin of that name; `None` if it has no circuit.
    pub fn circuit(&self, plugin: impl AsRef<str>) -> Option<CircuitState> {
        self.observed.upgrade()?.circuit(plugin.as_ref())
    }
}

impl PartialEq for ObservedManager {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for ObservedManager {}

impl Hash for ObservedManager {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl fmt::Debug for ObservedManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObservedManager").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The identity of an observer.
///
/// Of several observers with the same id, a manager shows its events to the first. If that one is removed, the next takes
/// its place.
///
/// ```
/// use pluginkit::observe::ObserverId;
///
/// struct Log;
///
/// assert_eq!(ObserverId::of::<Log>("errors"), ObserverId::of::<Log>("errors"));
/// assert_ne!(ObserverId::of::<Log>("errors"), ObserverId::of::<Log>("calls"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObserverId {
    kind: TypeId,
    name: Cow<'static, str>,
}

impl ObserverId {
    /// Returns the identity of the observers of type `T` with this name.
    pub fn of<T: 'static>(name: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: TypeId::of::<T>(), name: name.into() }
    }
}
