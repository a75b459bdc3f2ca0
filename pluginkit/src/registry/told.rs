//! Events outside of calls, and what observers may ask.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::drops::contain_quietly;
use crate::base::name::PluginId;
use crate::observe::circuit::CircuitState;
use crate::observe::manager::Observed;
use crate::observe::observer::{self, Event, Observer, Observers};
use crate::plugin::PluginState;
use crate::registry::{Entry, EntryPart, Registry, State};

/// Shows `event` to `observer`. A panic of the observer does not reach the operation.
fn show(observer: &dyn Observer, event: &Event<'_>) {
    contain_quietly(&mut || observer.observe(event));
}

/// Shows `event` to all of `observers`.
pub(super) fn show_all(observers: &Observers, event: &Event<'_>) {
    for observer in observers.iter().flat_map(|watchers| watchers.iter()) {
        show(&**observer, event);
    }
}

impl Registry {
    /// Shows an event outside of calls to the observers. A panic of an observer does not reach the operation.
    pub fn tell(&self, event: &Event<'_>) {
        let observers = self.observers();
        show_all(&observers, event);
        observer::release(observers, false);
    }

    /// Tells the observers the state of a plugin, unless it is beside the registered ones.
    #[cfg(feature = "macros")]
    pub fn tell_state(&self, plugin: &Entry) {
        let observers = self.observers();
        if observers.is_none() {
            return;
        }
        let is_registered = self.look(|state| state.plugins.contains_key(&plugin.number));
        if is_registered {
            let state = Some(plugin.known_state());
            show_all(&observers, &Event::StateChanged { plugin: plugin.id(), state });
        }
        observer::release(observers, false);
    }

    /// Tells the observers of plugins that came or went.
    pub(super) fn tell_moved(&self, moved: Vec<PluginId>) {
        if moved.is_empty() {
            return;
        }
        let observers = self.observers();
        let mut told = HashSet::new();
        for plugin in moved {
            if told.insert(plugin.clone()) {
                let state = self.state(&plugin);
                show_all(&observers, &Event::StateChanged { plugin: &plugin, state });
            }
        }
        observer::release(observers, false);
    }

    /// Tells a new observer the state of each plugin and of each circuit that is not closed.
    pub(super) fn tell_all(&self, observer: &Arc<dyn Observer>) {
        for plugin in self.plugin_names() {
            if let Some(state) = self.state(&plugin) {
                show(&**observer, &Event::StateChanged { plugin: &plugin, state: Some(state) });
            }
            if let Some(state) = self.circuit(&plugin).filter(|state| *state != CircuitState::Closed) {
                show(&**observer, &Event::CircuitChanged { plugin: &plugin, state });
            }
        }
    }
}

impl State {
    /// Notes that a plugin came or went, if there are observers to tell.
    pub(super) fn note_move(&mut self, plugin: &PluginId) {
        if self.watchers.is_some() {
            self.moved.push(plugin.clone());
        }
    }
}

impl Entry {
    /// Returns the state of the plugin. May be called under the registry's lock.
    fn known_state(&self) -> PluginState {
        self.parts.iter().find_map(EntryPart::state).unwrap_or(PluginState::Loaded)
    }
}

impl Observed for Registry {
    fn remove_observer(&self, id: u64) {
        self.change(|state, deferred| {
            if let Some(at) = state.observers.iter().position(|observer| observer.id == id) {
                deferred.push(state.observers.remove(at));
                state.watch(&self.project, self.clock.of_host(), deferred);
            }
        });
    }

    fn state(&self, plugin: &str) -> Option<PluginState> {
        let state = self.lock();
        let number = state.names.get(plugin)?;
        Some(state.plugins.get(number)?.entry.known_state())
    }

    fn circuit(&self, plugin: &str) -> Option<CircuitState> {
        let plugin = self.id_of(plugin)?;
        self.parts.iter().find_map(|part| part.circuit(&plugin))
    }
}
