//! What features keep with a manager.
//!
//! A feature, such as services or the lives of plugins, is a module that the registry does not know. It keeps its state
//! in three places, each of which has a value of a type as soon as the feature asks for one:
//!
//! | place | trait | for |
//! |---|---|---|
//! | the registry | [`RegistryPart`] | state of one manager, under locks of the feature's own |
//! | an [`Entry`] | [`EntryPart`] | state of one registered plugin, under locks of the feature's own |
//! | the registry's lock | [`StatePart`] | state that changes in one step with the registrations |
//!
//! A plugin brings things of a feature along as [`Offer`](crate::registry::Offer)s.

use std::any::Any;
use std::sync::Arc;

use crate::base::name::PluginId;
use crate::base::parts::Part;
#[cfg(all(feature = "config", feature = "macros"))]
use crate::config::{ConfigProblem, PluginConfig};
use crate::observe::circuit::CircuitState;
use crate::plugin::{PluginDescriptor, PluginState, ServiceType};
#[cfg(all(feature = "config", feature = "macros"))]
use crate::registry::Timeouts;
use crate::registry::{Entry, Registry, State};

/// What a feature keeps for one manager.
pub trait RegistryPart: Any + Send + Sync {
    /// The manager is being dropped.
    fn close(&self, registry: &Arc<Registry>) {
        let _ = registry;
    }

    /// Returns the state of the circuit of a plugin, if this feature keeps circuits and the plugin has one.
    fn circuit(&self, plugin: &PluginId) -> Option<CircuitState> {
        let _ = plugin;
        None
    }
}

impl<T: RegistryPart> Part<dyn RegistryPart> for T {
    fn boxed(self) -> Box<dyn RegistryPart> {
        Box::new(self)
    }

    fn of(part: &dyn RegistryPart) -> Option<&Self> {
        (part as &dyn Any).downcast_ref()
    }
}

/// What a feature keeps for one registered plugin.
pub trait EntryPart: Any + Send + Sync {
    /// Adds to `descriptor` what the feature knows of the plugin.
    fn describe(&self, descriptor: &mut PluginDescriptor);

    /// Returns the state of the plugin, if this feature decides on it. May be called under the registry's lock.
    fn state(&self) -> Option<PluginState> {
        None
    }

    /// Returns whether others may use what the plugin offers. May be called under the registry's lock.
    fn is_available(&self) -> bool;

    /// The plugin is no longer registered. Called under no lock.
    fn left(&self);
}

impl<T: EntryPart> Part<dyn EntryPart> for T {
    fn boxed(self) -> Box<dyn EntryPart> {
        Box::new(self)
    }

    fn of(part: &dyn EntryPart) -> Option<&Self> {
        (part as &dyn Any).downcast_ref()
    }
}

/// What a feature keeps under the registry's lock, so that it changes in one step with the registrations.
///
/// No method may run code of plugins, such as a destructor: what is taken out is dropped when the lock is free.
pub trait StatePart: Any + Send {
    /// Takes out all that the plugin with this number has, as the plugin leaves.
    fn take(&mut self, plugin: u64) -> Option<Taken>;

    /// Takes out what the plugin with this number has got since it was registered. What it gets next comes in the places of that.
    fn release(&mut self, plugin: u64) -> Option<Taken>;

    /// Gives what the plugin `new` has, and what it gets later, the places of what the plugin `old` has or had. The plugin `old`
    /// leaves with the change.
    fn take_places(&mut self, new: u64, old: u64);

    /// Orders what the plugins with these numbers were registered with as they are ordered here.
    fn reorder(&mut self, plugins: &[u64]);

    /// Orders what the plugins with these numbers have got since they were registered as they are ordered here.
    fn reorder_started(&mut self, plugins: &[u64]);

    /// Returns the owner of each service of this type, registered or not; `None` is the host.
    fn owners(&self, service: ServiceType) -> Vec<Option<Arc<Entry>>>;

    /// Returns the types of the services of the plugin with this number.
    fn services_of(&self, plugin: u64) -> Vec<ServiceType>;
}

/// What a [`StatePart`] has taken out.
pub type Taken = Box<dyn Any + Send + Sync>;

/// Reads the limits of plugins that stand in a configuration.
#[cfg(all(feature = "config", feature = "macros"))]
pub trait Limiter: Send + Sync {
    /// Returns the problems of limits that the manager cannot keep.
    fn check(&self, registry: &Registry, config: &PluginConfig) -> Vec<ConfigProblem>;

    /// Returns the time limits of the plugins that a configuration decides on, which it names by their ids.
    fn timeouts(&self, registry: &Registry, config: &PluginConfig) -> Timeouts;

    /// Sets the limits of plugins, and removes those that an earlier configuration had set.
    fn apply(&self, registry: &Registry, config: &PluginConfig);
}

#[cfg(all(feature = "config", feature = "macros"))]
impl Registry {
    /// Lets `limiter` read the limits of plugins from now on.
    pub fn set_limiter(&self, limiter: &'static dyn Limiter) {
        let _ = self.limiter.set(limiter);
    }

    /// Returns what reads the limits of plugins.
    pub fn limiter(&self) -> Option<&'static dyn Limiter> {
        self.limiter.get().copied()
    }
}

impl Registry {
    /// Returns the part of type `T`, which is made when it is first asked for.
    pub fn part<T: RegistryPart + Default>(&self) -> &T {
        self.parts.get_or_make(T::default)
    }

    /// Tells the features that the manager is being dropped.
    pub(crate) fn close(self: &Arc<Self>) {
        self.parts.iter().for_each(|part| part.close(self));
    }

    /// Takes back what a plugin has got since it was registered.
    pub fn release(&self, plugin: u64) {
        self.change(|state, deferred| {
            let taken = state.parts.iter_mut().filter_map(|part| part.release(plugin));
            taken.for_each(|taken| deferred.push_boxed(taken));
        });
    }
}

impl Entry {
    /// Returns the part of type `T`, which is made when it is first asked for.
    pub fn part<T: EntryPart>(&self, make: impl Fn() -> T) -> &T {
        self.parts.get_or_make(make)
    }

    /// Returns the part of type `T`, if there is one.
    pub fn part_if_any<T: EntryPart>(&self) -> Option<&T> {
        self.parts.get()
    }
}

impl State {
    /// Returns the part of type `T`, which is made when it is first asked for.
    pub fn part<T: StatePart + Default>(&mut self) -> &mut T {
        let is_own = |part: &dyn StatePart| (part as &dyn Any).is::<T>();
        let at = self.parts.iter().position(|part| is_own(&**part)).unwrap_or_else(|| {
            self.parts.push(Box::new(T::default()));
            self.parts.len() - 1
        });
        match (&mut *self.parts[at] as &mut dyn Any).downcast_mut() {
            Some(part) => part,
            None => unreachable!("the part was found by its type"),
        }
    }

    /// Takes out what each feature has of a plugin, in the order of the parts.
    pub(super) fn take_parts(&mut self, plugin: u64) -> Vec<Option<Taken>> {
        self.parts.iter_mut().map(|part| part.take(plugin)).collect()
    }
}
