//! [`Registry`]: the plugins and points of one local manager.
//!
//! No plugin code runs while the state is borrowed: a change checks everything, changes everything, and drops at last what it
//! took out.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::base::drops::{Foreign, drop_each};
use crate::base::name::{PluginId, short_type_name};
use crate::error::Error;
use crate::local::history::{self, Shared};
use crate::local::implementation::{Implementation, LocalContribution, Owner};
use crate::local::slot::{Slot, Snapshot, in_order};
use crate::local::staging::LocalStaged;
use crate::plugin::implementation::{Contribution, Role, is_reserved};
use crate::registry::check_version_of;
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::options::Options;
use crate::spec::order::Cycle;
use crate::spec::point::{Declared, Key, Points, Specs};

/// The plugins and points of one local manager.
pub(super) struct Registry<'p> {
    pub(super) project: String,
    state: RefCell<State<'p>>,
    history: Shared<'p>,
}

#[derive(Default)]
struct State<'p> {
    slots: HashMap<TypeId, Rc<Slot<'p>>>,
    /// By the number of their registration.
    plugins: BTreeMap<u64, Entry<'p>>,
    /// The numbers of plugins by their names and aliases.
    names: HashMap<PluginId, u64>,
    /// The numbers of plugins by their addresses.
    addresses: HashMap<usize, u64>,
    registered: u64,
}

struct Entry<'p> {
    owner: Rc<Owner>,
    /// The address of the plugin, which the implementations keep alive; `None` for a closure.
    address: Option<usize>,
    implementations: Vec<Rc<Implementation<'p>>>,
}

/// Values that are dropped where plugin code may run.
#[derive(Default)]
struct Deferred<'p> {
    snapshots: Vec<Rc<Snapshot<'p>>>,
    implementations: Vec<Rc<Implementation<'p>>>,
    contributions: Vec<LocalContribution<'p>>,
}

impl Drop for Deferred<'_> {
    fn drop(&mut self) {
        let Self { snapshots, implementations, contributions } = self;
        let (mut snapshots, mut implementations) =
            (Some(std::mem::take(snapshots)), Some(std::mem::take(implementations)));
        let mut contributions = Some(std::mem::take(contributions));
        crate::base::drops::scope(&|_| (), &mut || {
            drop_each(snapshots.take().into_iter().flatten());
            drop_each(implementations.take().into_iter().flatten());
            drop_each(contributions.take().into_iter().flatten());
        });
    }
}

impl<'p> Registry<'p> {
    pub(super) fn new(project: &str) -> Self {
        Self { project: project.to_owned(), state: RefCell::default(), history: Shared::default() }
    }

    pub(super) fn add_points<S: Specs>(&self) -> Result<(), Error> {
        if let Some(found) = S::PROJECT
            && found != self.project
        {
            return Err(Error::WrongProject { specs: S::NAME, found, expected: self.project.clone() });
        }
        let declared = Points::of(S::declare);
        if let Some(point) = declared.iter().find(|each| each.info.failure_policy != FailurePolicy::FailFast)
        {
            let reason = "has an `on_failure`, and a failure ends each call of a local manager";
            return Err(Error::PointNotLocal { point: point.info, reason });
        }
        let mut deferred = Deferred::default();
        let mut state = self.state.borrow_mut();
        let new: Vec<_> = declared.into_iter().filter(|each| !state.slots.contains_key(&each.id)).collect();
        for Declared { id, info, origin, default_body, .. } in &new {
            let slot = Slot::new(info, *origin, &self.history);
            if let Some(object) = default_body.clone() {
                let key = Key { id: *id, info, origin: *origin };
                let contribution = Contribution::of(&key, Role::Extension, Options::new(), object);
                let contribution = LocalContribution::of_managers(contribution);
                slot.add(Rc::new(Implementation::default_body(contribution)));
            }
            state.slots.insert(*id, Rc::new(slot));
        }
        // Optional extensions of these points take part from now on.
        for Declared { id, .. } in &new {
            let slot = &state.slots[id];
            for entry in state.plugins.values() {
                let own = entry.implementations.iter().filter(|each| each.contribution.point == *id);
                deferred.snapshots.extend(own.filter_map(|each| slot.add(Rc::clone(each))));
            }
            if let Err(Cycle(cycle)) = in_order(slot.members()) {
                let info = slot.info;
                for Declared { id, .. } in &new {
                    state.slots.remove(id);
                }
                drop(state);
                return Err(Error::OrderCycle { point: info, cycle });
            }
        }
        drop(state);
        Ok(())
    }

    /// Returns the slot of the point with this type.
    pub(super) fn slot(&self, point: TypeId) -> Option<Rc<Slot<'p>>> {
        self.state.borrow().slots.get(&point).cloned()
    }

    /// Registers a plugin and replays past historic calls to it, or leaves everything as it was.
    pub(super) fn register(&self, staged: LocalStaged<'p>) -> Result<PluginId, Error> {
        let mut deferred = Deferred::default();
        let registered = self.enter(staged, &mut deferred).and_then(Registering::replay);
        // While the result is in a variable: the compiler leaks a value that is being returned if a destructor panics.
        drop(deferred);
        registered
    }

    fn enter(
        &self,
        staged: LocalStaged<'p>,
        deferred: &mut Deferred<'p>,
    ) -> Result<Registering<'_, 'p>, Error> {
        let LocalStaged { id, type_name, aliases, address, contributions, set_id } = staged;
        deferred.contributions = contributions;
        let mut state = self.state.borrow_mut();
        let owner = Rc::new(Owner::new(id, &aliases));
        state.check(&owner, type_name, &deferred.contributions)?;
        state.check_instance(&owner.id, address)?;
        let number = state.registered;
        let contributions = std::mem::take(&mut deferred.contributions);
        deferred.implementations = contributions
            .into_iter()
            .zip(0..)
            .map(|(each, index)| Rc::new(Implementation::new(&owner, number, index, each)))
            .collect();
        state.check_order(&deferred.implementations)?;
        let implementations = std::mem::take(&mut deferred.implementations);
        state.registered += 1;
        for each in &implementations {
            if let Some(slot) = state.slots.get(&each.contribution.point) {
                deferred.snapshots.extend(slot.add(Rc::clone(each)));
            }
        }
        state.names.extend(owner.names().map(|name| (name.clone(), number)));
        state.addresses.extend(address.map(|address| (address, number)));
        let registering = Registering {
            registry: self,
            number,
            owner: Rc::clone(&owner),
            implementations: implementations.clone(),
            stays: false,
        };
        self.history.borrow().begin_replays(&owner, &implementations);
        state.plugins.insert(number, Entry { owner, address, implementations });
        drop(state);
        if let Some(set_id) = set_id {
            set_id(&registering.owner.id);
        }
        Ok(registering)
    }

    /// Takes a plugin out. Returns whether there was one.
    pub(super) fn unregister(&self, name: &str) -> bool {
        let number = self.state.borrow().names.get(name).copied();
        number.is_some_and(|number| self.remove(number))
    }

    /// Takes out the plugin with this number. Returns whether there was one.
    fn remove(&self, number: u64) -> bool {
        let mut deferred = Deferred::default();
        let mut state = self.state.borrow_mut();
        let Some(Entry { owner, address, implementations }) = state.plugins.remove(&number) else {
            return false;
        };
        owner.registered.set(false);
        if let Some(address) = address {
            state.addresses.remove(&address);
        }
        for name in owner.names() {
            state.names.remove(name);
        }
        for each in &implementations {
            if let Some(slot) = state.slots.get(&each.contribution.point) {
                deferred.snapshots.extend(slot.remove(each));
            }
        }
        deferred.implementations = implementations;
        drop(state);
        true
    }

    pub(super) fn set_enabled(&self, name: &str, enabled: bool) -> Result<(), Error> {
        let mut deferred = Deferred::default();
        let state = self.state.borrow();
        let Some(entry) = state.entry(name) else {
            let known: Vec<_> = state.plugins.values().map(|entry| entry.owner.id.clone()).collect();
            return Err(Error::unknown_plugin(name, &known));
        };
        entry.owner.enabled.set(enabled);
        for each in &entry.implementations {
            if let Some(slot) = state.slots.get(&each.contribution.point) {
                deferred.snapshots.extend(slot.outdate());
            }
        }
        drop(state);
        Ok(())
    }

    /// Returns whether the plugin of this name is enabled; `None` if there is none.
    pub(super) fn is_enabled(&self, name: &str) -> Option<bool> {
        self.state.borrow().entry(name).map(|entry| entry.owner.enabled.get())
    }

    /// Returns the names of all plugins, in the order of their registrations.
    pub(super) fn names(&self) -> Vec<PluginId> {
        self.state.borrow().plugins.values().map(|entry| entry.owner.id.clone()).collect()
    }
}

/// A plugin that is registered, with replays perhaps under way. Dropping it unregisters the plugin.
struct Registering<'r, 'p> {
    registry: &'r Registry<'p>,
    number: u64,
    owner: Rc<Owner>,
    implementations: Vec<Rc<Implementation<'p>>>,
    stays: bool,
}

impl Registering<'_, '_> {
    /// Replays past historic calls, makes the registration final, and returns the name.
    fn replay(mut self) -> Result<PluginId, Error> {
        if self.owner.replaying.get()
            && let Err(error) = history::replay(&self.registry.history, &self.owner, &self.implementations)
        {
            // In a variable that contains its destructor, while others run.
            let error = Foreign::new(error, None);
            drop(self);
            return Err(error.into_inner());
        }
        self.stays = true;
        let id = Ok(self.owner.id.clone());
        // The plugin may have been unregistered meanwhile, so that its destructors run now.
        drop(self);
        id
    }
}

impl Drop for Registering<'_, '_> {
    fn drop(&mut self) {
        let mut own = Some(std::mem::take(&mut self.implementations));
        crate::base::drops::scope(&|_| (), &mut || {
            if !self.stays {
                self.registry.remove(self.number);
            }
            drop_each(own.take().into_iter().flatten());
        });
    }
}

impl<'p> State<'p> {
    fn entry(&self, name: &str) -> Option<&Entry<'p>> {
        self.plugins.get(self.names.get(name)?)
    }

    /// Refuses a plugin that cannot be registered.
    fn check(
        &self,
        owner: &Owner,
        type_name: &str,
        contributions: &[LocalContribution<'_>],
    ) -> Result<(), Error> {
        let plugin = &owner.id;
        if plugin.is_empty() {
            return Err(Error::EmptyName { type_name: short_type_name(type_name) });
        }
        if is_reserved(plugin) {
            return Err(Error::ReservedName { plugin: plugin.clone() });
        }
        if self.names.contains_key(plugin) {
            return Err(Error::NameTaken { plugin: plugin.clone() });
        }
        for alias in &owner.aliases {
            if let Some(taken_by) = self.names.get(alias).and_then(|number| self.plugins.get(number)) {
                let (plugin, alias) = (plugin.clone(), alias.clone());
                return Err(Error::AliasTaken { plugin, alias, taken_by: taken_by.owner.id.clone() });
            }
        }
        if contributions.is_empty() {
            let type_name = short_type_name(type_name);
            return Err(Error::NoExtensions { plugin: plugin.clone(), type_name });
        }
        contributions.iter().try_for_each(|each| self.check_contribution(plugin, each))
    }

    /// Refuses a plugin that is registered already.
    fn check_instance(&self, plugin: &PluginId, address: Option<usize>) -> Result<(), Error> {
        let number = address.and_then(|address| self.addresses.get(&address));
        match number.and_then(|number| self.plugins.get(number)) {
            None => Ok(()),
            Some(entry) => {
                let (plugin, registered) = (plugin.clone(), entry.owner.id.clone());
                Err(Error::AlreadyRegistered { plugin, registered })
            }
        }
    }

    fn check_contribution(
        &self,
        plugin: &PluginId,
        contribution: &LocalContribution<'_>,
    ) -> Result<(), Error> {
        let LocalContribution { info, origin, options, .. } = contribution;
        let point = *info;
        if contribution.is_async {
            return Err(match contribution.role {
                Role::Extension => Error::AsyncExtension { plugin: plugin.clone(), point },
                Role::Wrapper => Error::WrapperKind { plugin: plugin.clone(), point, is_async: true },
            });
        }
        let not_local = |reason| Err(Error::NotLocal { plugin: plugin.clone(), reason });
        if origin.module == LIFECYCLE && point.specs == "Lifecycle" {
            return not_local("has phases of a life, and a local manager starts and stops no plugins");
        }
        if options.timeout.is_some() {
            return not_local("has an extension with a `timeout`, and a local manager has no time limits");
        }
        check_version_of(plugin, options.requires, point, *origin)?;
        if !self.slots.contains_key(&contribution.point) && !options.optional {
            return Err(self.unknown_specs(plugin, contribution));
        }
        Ok(())
    }

    /// Returns the error that the manager lacks the specs of `contribution`, or has another version of them.
    fn unknown_specs(&self, plugin: &PluginId, contribution: &LocalContribution<'_>) -> Error {
        let (plugin, point, own) = (plugin.clone(), contribution.info, contribution.origin);
        let is_other =
            |slot: &&Rc<Slot<'_>>| slot.info.specs == point.specs && slot.origin.is_another_version_of(own);
        match (self.slots.values().find(is_other), own.version) {
            (Some(other), Some(version)) => {
                let found = other.origin.version.map(Into::into);
                Error::SpecsVersion { plugin, point, required: version.into(), found }
            }
            _ => Error::UnknownSpecs { plugin, point },
        }
    }

    /// Refuses implementations whose `before` and `after` close a cycle with those that are there.
    fn check_order(&self, new: &[Rc<Implementation<'p>>]) -> Result<(), Error> {
        let mut points: Vec<_> = new.iter().map(|each| each.contribution.point).collect();
        points.sort_unstable();
        points.dedup();
        for point in points {
            let Some(slot) = self.slots.get(&point) else { continue };
            let own: Vec<_> = new.iter().filter(|each| each.contribution.point == point).cloned().collect();
            if !slot.declares() && !own.iter().any(|each| each.declares()) {
                continue;
            }
            let mut all = slot.members();
            all.extend(own);
            all.sort_by_key(|each| each.place);
            if let Err(Cycle(cycle)) = in_order(all) {
                return Err(Error::OrderCycle { point: slot.info, cycle });
            }
        }
        Ok(())
    }
}

/// The module of the phases of a plugin.
const LIFECYCLE: &str = "pluginkit::lifecycle::points";

impl Drop for Registry<'_> {
    fn drop(&mut self) {
        let State { slots, plugins, .. } = std::mem::take(self.state.get_mut());
        // Callers may keep slots, and so the plugins in them.
        let slots: Vec<_> = slots.into_values().collect();
        let implementations = plugins.into_values().flat_map(|entry| entry.implementations).collect();
        let mut deferred = Deferred::default();
        deferred.implementations = implementations;
        let (mut slots, mut deferred) = (Some(slots), Some(deferred));
        let mut events = Some(self.history.borrow_mut().clear());
        crate::base::drops::scope(&|_| (), &mut || {
            drop_each(events.take().into_iter().flatten());
            drop_each(slots.take().into_iter().flatten());
            deferred = None;
        });
    }
}
