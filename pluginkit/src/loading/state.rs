//! [`Loads`]: what a manager has loaded.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use crate::error::Error;
use crate::loading::PluginFactory;
use crate::sync::{AtomicBool, Mutex, MutexGuard};
#[cfg(feature = "config")]
use crate::{config::PluginRef, config::Section, name::PluginId};

/// What a manager has loaded, and what it is told of factories.
#[derive(Default)]
pub(crate) struct Loads {
    /// Whether a load is under way. No lock is held meanwhile, as factories run then.
    busy: AtomicBool,
    /// Whether each load finds what is linked, too.
    #[cfg(feature = "config")]
    discovers: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    factories: Vec<PluginFactory>,
    #[cfg(feature = "config")]
    loaded: Vec<Loaded>,
    #[cfg(feature = "config")]
    groups: Vec<Group>,
}

/// A plugin that was made from a configuration.
#[cfg(feature = "config")]
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) id: PluginId,
    /// The number of its registration, by which it is told from one that has its name later.
    pub(crate) number: u64,
    pub(crate) section: Section,
    /// Whether no group names it.
    pub(crate) discovered: bool,
}

/// A group and its plugins, in order.
#[cfg(feature = "config")]
#[derive(Clone)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) members: Vec<(PluginRef, PluginId)>,
}

/// The right to load, until it is dropped.
pub(crate) struct Claim<'l>(&'l Loads);

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Release);
    }
}

impl Loads {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to load, unless another has it.
    pub(crate) fn claim(&self) -> Result<Claim<'_>, Error> {
        if self.busy.swap(true, Ordering::AcqRel) { Err(Error::LoadBusy) } else { Ok(Claim(self)) }
    }

    pub(crate) fn factories(&self) -> Vec<PluginFactory> {
        self.lock().factories.clone()
    }

    /// Takes a factory in; returns the one of that id it takes the place of.
    pub(crate) fn add_factory(&self, factory: PluginFactory) -> Option<PluginFactory> {
        let mut state = self.lock();
        match state.factories.iter_mut().find(|other| other.id() == factory.id()) {
            Some(other) => Some(std::mem::replace(other, factory)),
            None => {
                state.factories.push(factory);
                None
            }
        }
    }
}

#[cfg(feature = "config")]
impl Loads {
    /// Lets each load from now on find what is linked, too.
    pub(crate) fn discover(&self) {
        self.discovers.store(true, Ordering::Release);
    }

    pub(crate) fn discovers(&self) -> bool {
        self.discovers.load(Ordering::Acquire)
    }

    pub(crate) fn loaded(&self) -> Vec<Loaded> {
        self.lock().loaded.clone()
    }

    pub(crate) fn set_loaded(&self, loaded: Vec<Loaded>) {
        let old = std::mem::replace(&mut self.lock().loaded, loaded);
        drop(old);
    }

    /// Notes what has arrived, each in place of what was loaded under its id before.
    pub(crate) fn note(&self, arrived: impl IntoIterator<Item = Loaded>) {
        let mut old = Vec::new();
        let mut state = self.lock();
        for new in arrived {
            match state.loaded.iter_mut().find(|other| other.id == new.id) {
                Some(other) => old.push(std::mem::replace(other, new)),
                None => state.loaded.push(new),
            }
        }
        drop(state);
        drop(old);
    }

    pub(crate) fn set_groups(&self, groups: Vec<Group>) {
        let old = std::mem::replace(&mut self.lock().groups, groups);
        drop(old);
    }

    pub(crate) fn groups(&self) -> Vec<Group> {
        self.lock().groups.clone()
    }

    /// The plugins of a group, in order.
    pub(crate) fn group(&self, name: &str) -> Vec<(PluginRef, PluginId)> {
        let state = self.lock();
        let group = state.groups.iter().find(|group| group.name == name);
        group.map_or_else(Vec::new, |group| group.members.clone())
    }
}
