//! [`Table`]: the services of a manager, in the order of look-ups.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::plugin::{AnyPlugin, ServiceType};
use crate::registry::{Entry, Sight, StatePart, Taken};
use crate::services::places::Places;
use crate::services::traits::Traits;
use crate::services::{Key, ServicePointInfo, StagedService};

/// The position of a service: by priority, the highest first, then by its place, which is at the end if it is not that of an
/// earlier service of the plugin.
type Position = (Reverse<i32>, u64);

/// The identity of a service that was provided at run time, with which it is withdrawn. No other service of the process
/// has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServiceId(u64);

impl ServiceId {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// One object that is provided.
pub(crate) struct Provided {
    id: ServiceId,
    key: Key,
    /// The type it is provided as.
    service: ServiceType,
    object: Foreign<AnyPlugin>,
    /// Its plugin; the host, if none.
    owner: Option<Arc<Entry>>,
    /// Whether a phase provided it, which will provide it again.
    by_phase: bool,
}

impl Provided {
    /// Returns whether its plugin is in a state that lets others use it.
    fn is_shown(&self) -> bool {
        self.owner.as_ref().is_none_or(|owner| owner.is_available())
    }

    /// Returns whether a look-up sees its plugin.
    fn is_in(&self, sight: &Sight) -> bool {
        self.owner.as_ref().is_none_or(|owner| sight.sees(owner))
    }

    /// Returns the number of its plugin.
    fn owner(&self) -> Option<u64> {
        self.owner.as_ref().map(|owner| owner.number)
    }
}

/// A name that was declared at run time.
struct Declaration {
    name: PluginId,
    service: ServiceType,
    /// The number of the plugin that declared it; the host, if none.
    owner: Option<u64>,
}

/// The services of a manager.
#[derive(Default)]
pub(crate) struct Table {
    /// In the order they are looked up in.
    entries: BTreeMap<Position, Provided>,
    positions: HashMap<ServiceId, Position>,
    /// In the order they were made in.
    declarations: BTreeMap<u64, Declaration>,
    /// The entries under each key.
    by_key: HashMap<Key, BTreeSet<Position>>,
    /// The declarations of each name.
    by_name: HashMap<PluginId, BTreeSet<u64>>,
    /// The entries and the declarations of each plugin, by its number.
    of: HashMap<u64, (BTreeSet<Position>, BTreeSet<u64>)>,
    /// The places that services of each plugin have left, by its number.
    left: HashMap<u64, Places>,
    /// The last place.
    last: u64,
    declared: u64,
    /// Whether undeclared services may be provided.
    pub(crate) lenient: bool,
}

impl Table {
    /// Returns the type that is declared under `key` in a manager of `project`.
    fn declared(&self, key: &Key, project: &str) -> Option<ServiceType> {
        match key {
            Key::Type(service) => {
                let stub = Traits::declared().get(service)?;
                stub.project.is_none_or(|own| own == project).then_some(*service)
            }
            Key::Named(name) => Some(self.declarations[self.by_name.get(name)?.first()?].service),
        }
    }

    /// Returns the services under `key`, in order.
    fn under(&self, key: &Key) -> impl Iterator<Item = &Provided> {
        self.by_key.get(key).into_iter().flatten().map(|order| &self.entries[order])
    }

    /// Refuses a service of an undeclared or another type.
    pub(crate) fn check(&self, staged: &StagedService, project: &str) -> Result<(), Error> {
        match self.declared(&staged.key, project) {
            Some(declared) if declared != staged.service => Err(Error::ServiceType {
                service: staged.key.name(),
                expected: declared.to_string().into(),
                found: staged.service.to_string().into(),
            }),
            None if !self.lenient => Err(Error::UnknownService { service: staged.key.name() }),
            _ => Ok(()),
        }
    }

    /// Adds a service that was checked. One that a phase provides gets the place of an earlier service of its plugin, if such a
    /// place is free.
    pub(crate) fn add(
        &mut self,
        staged: StagedService,
        owner: Option<Arc<Entry>>,
        by_phase: bool,
    ) -> ServiceId {
        let StagedService { key, service, priority, object } = staged;
        let left = owner.as_ref().filter(|_| by_phase).and_then(|owner| self.left.get_mut(&owner.number));
        let place = left.and_then(|left| left.claim(&key)).unwrap_or_else(|| self.end());
        let object = match &owner {
            Some(owner) => object.of(owner.id()),
            None => object,
        };
        let id = ServiceId::new();
        self.insert((Reverse(priority), place), Provided { id, key, service, object, owner, by_phase });
        id
    }

    /// Returns the place behind all others.
    fn end(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn insert(&mut self, position: Position, entry: Provided) {
        self.by_key.entry(entry.key.clone()).or_default().insert(position);
        if let Some(owner) = entry.owner() {
            self.of.entry(owner).or_default().0.insert(position);
        }
        self.positions.insert(entry.id, position);
        self.entries.insert(position, entry);
    }

    fn remove(&mut self, position: &Position) -> Option<Provided> {
        let entry = self.entries.remove(position)?;
        self.positions.remove(&entry.id);
        if let Some(own) = self.by_key.get_mut(&entry.key) {
            own.remove(position);
            if own.is_empty() {
                self.by_key.remove(&entry.key);
            }
        }
        if let Some((own, _)) = entry.owner().and_then(|owner| self.of.get_mut(&owner)) {
            own.remove(position);
        }
        Some(entry)
    }

    /// Gives services other places. No other service has these places, or it gets another one, too.
    fn relocate(&mut self, moved: impl IntoIterator<Item = (Position, u64)>) {
        let moved: Vec<_> = moved.into_iter().map(|(from, to)| (from.0, to, self.remove(&from))).collect();
        for (priority, place, entry) in moved {
            if let Some(entry) = entry {
                self.insert((priority, place), entry);
            }
        }
    }

    /// Declares a name for services of a type.
    pub(crate) fn declare(
        &mut self,
        name: PluginId,
        service: ServiceType,
        owner: Option<u64>,
    ) -> Result<(), Error> {
        let key = Key::Named(name.clone());
        let declared = self.by_name.get(&name).and_then(BTreeSet::first);
        let declared = declared.map(|number| self.declarations[number].service);
        let provided = self.under(&key).map(|entry| entry.service);
        let mut others = declared.into_iter().chain(provided);
        if let Some(other) = others.find(|other| *other != service) {
            return Err(Error::ServiceType {
                service: name,
                expected: other.to_string().into(),
                found: service.to_string().into(),
            });
        }
        drop(others);
        self.insert_declaration(Declaration { name, service, owner });
        Ok(())
    }

    fn insert_declaration(&mut self, declaration: Declaration) {
        self.declared += 1;
        self.by_name.entry(declaration.name.clone()).or_default().insert(self.declared);
        if let Some(owner) = declaration.owner {
            self.of.entry(owner).or_default().1.insert(self.declared);
        }
        self.declarations.insert(self.declared, declaration);
    }

    fn remove_declaration(&mut self, number: u64) -> Option<Declaration> {
        let declaration = self.declarations.remove(&number)?;
        if let Some(own) = self.by_name.get_mut(&declaration.name) {
            own.remove(&number);
            if own.is_empty() {
                self.by_name.remove(&declaration.name);
            }
        }
        Some(declaration)
    }

    /// Returns the services under `key` as an `S`: the available ones, or all.
    pub(crate) fn get<S: ?Sized + Send + Sync + 'static>(
        &self,
        key: &Key,
        all: bool,
        sight: &Sight,
    ) -> Vec<Arc<S>> {
        let shown = self.under(key).filter(|entry| entry.is_in(sight) && (all || entry.is_shown()));
        shown.filter_map(|entry| entry.object.downcast_ref::<Arc<S>>().cloned()).collect()
    }

    /// Returns the available services under `key` of these plugins as an `S`, in the order of the plugins.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(crate) fn get_of<S: ?Sized + Send + Sync + 'static>(
        &self,
        key: &Key,
        plugins: &HashMap<u64, usize>,
    ) -> Vec<Arc<S>> {
        let place = |entry: &Provided| plugins.get(&entry.owner()?).copied();
        let shown = self.under(key).filter(|entry| entry.is_shown());
        let mut found: Vec<_> = shown.filter_map(|entry| Some((place(entry)?, entry))).collect();
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().filter_map(|(_, entry)| entry.object.downcast_ref::<Arc<S>>().cloned()).collect()
    }

    /// Returns the first available service under `key` as an `S`.
    pub(crate) fn first<S: ?Sized + Send + Sync + 'static>(
        &self,
        key: &Key,
        project: &str,
        sight: &Sight,
    ) -> Result<Arc<S>, Error> {
        let mut shown = self.under(key).filter(|entry| entry.is_in(sight) && entry.is_shown());
        if let Some(first) = shown.find_map(|entry| entry.object.downcast_ref::<Arc<S>>()) {
            return Ok(Arc::clone(first));
        }
        let service = key.name();
        match self.declared(key, project) {
            None if !self.by_key.contains_key(key) => Err(Error::UnknownService { service }),
            Some(declared) if declared != ServiceType::of::<S>() => Err(Error::ServiceType {
                service,
                expected: declared.to_string().into(),
                found: ServiceType::of::<S>().to_string().into(),
            }),
            _ => {
                // A plugin and its replacement have one id.
                let mut told = HashSet::new();
                let owners = self.under(key).filter_map(|entry| Some(entry.owner.as_ref()?.id()));
                let hidden = owners.filter(|id| told.insert(*id)).cloned().collect();
                Err(Error::NoService { service, hidden })
            }
        }
    }

    /// Removes a service of the plugin with this number, or of the host.
    pub(crate) fn withdraw(&mut self, id: ServiceId, owner: Option<u64>) -> Option<Foreign<AnyPlugin>> {
        let position = *self.positions.get(&id)?;
        self.entries.get(&position).filter(|entry| entry.owner() == owner)?;
        let services = owner.map_or(0, |owner| self.count_of(owner));
        let entry = self.remove(&position)?;
        if let Some(owner) = owner {
            let left = self.left.entry(owner).or_default();
            left.note(services);
            left.leave(entry.key, position.1);
            left.forget(services - 1);
        }
        Some(entry.object)
    }

    /// Returns the number of services of a plugin.
    fn count_of(&self, plugin: u64) -> usize {
        self.of.get(&plugin).map_or(0, |(own, _)| own.len())
    }

    /// Returns the positions of the services of a plugin, in the order of their places.
    fn positions_of(&self, plugin: u64) -> Vec<Position> {
        let own = self.of.get(&plugin).into_iter().flat_map(|(own, _)| own);
        let mut own: Vec<_> = own.copied().collect();
        own.sort_by_key(|position| position.1);
        own
    }

    /// Removes the services and declarations of the plugin with this number: all of them, or those of its phases.
    fn take_of(&mut self, owner: u64, only_by_phase: bool) -> Option<Taken> {
        let (own, declared) = self.of.remove(&owner)?;
        let (leaving, staying): (BTreeSet<_>, BTreeSet<_>) =
            own.into_iter().partition(|position| self.entries[position].by_phase || !only_by_phase);
        if only_by_phase && !leaving.is_empty() {
            let left = self.left.entry(owner).or_default();
            left.note(leaving.len() + staying.len());
            for position in &leaving {
                left.leave(self.entries[position].key.clone(), position.1);
            }
            left.forget(staying.len());
        }
        let entries: Vec<_> = leaving.into_iter().filter_map(|position| self.remove(&position)).collect();
        for number in declared {
            self.remove_declaration(number);
        }
        if !staying.is_empty() {
            self.of.insert(owner, (staying, BTreeSet::new()));
        }
        Some(Box::new(entries))
    }

    /// Returns the kinds of services in a manager of `project`: traits by their names, then names in the order of
    /// their declaration, then undeclared kinds.
    pub(crate) fn points(&self, project: &str) -> Vec<ServicePointInfo> {
        let mut keys: Vec<(Key, PluginId, bool)> = Vec::new();
        let traits = Traits::declared().by_type.iter();
        let traits = traits.filter(|(_, stub)| stub.project.is_none_or(|own| own == project));
        for (service, stub) in traits {
            keys.push((Key::Type(*service), stub.name.into(), true));
        }
        // Two traits may have one name.
        keys.sort_by(|(left, left_name, _), (right, right_name, _)| {
            left_name.cmp(right_name).then_with(|| left.full_name().cmp(right.full_name()))
        });
        for declaration in self.declarations.values() {
            keys.push((Key::Named(declaration.name.clone()), declaration.name.clone(), true));
        }
        for entry in self.entries.values() {
            let (name, is_declared) = (entry.key.name(), self.declared(&entry.key, project).is_some());
            // An instantiation of a generic trait is called like other declared traits.
            let name =
                name.strip_prefix("dyn ").filter(|_| is_declared).map_or_else(|| name.clone(), Into::into);
            keys.push((entry.key.clone(), name, is_declared));
        }
        let mut known = HashSet::new();
        keys.retain(|(key, ..)| known.insert(key.clone()));
        let count = |key: &Key| self.by_key.get(key).map_or(0, BTreeSet::len);
        let points = keys.into_iter();
        points.map(|(key, name, declared)| ServicePointInfo { count: count(&key), name, declared }).collect()
    }
}

impl StatePart for Table {
    fn take(&mut self, plugin: u64) -> Option<Taken> {
        self.left.remove(&plugin);
        self.take_of(plugin, false)
    }

    fn release(&mut self, plugin: u64) -> Option<Taken> {
        self.take_of(plugin, true)
    }

    fn owners(&self, service: ServiceType) -> Vec<Option<Arc<Entry>>> {
        self.under(&Key::Type(service)).map(|entry| entry.owner.clone()).collect()
    }

    fn services_of(&self, plugin: u64) -> Vec<ServiceType> {
        let own = self.of.get(&plugin).into_iter().flat_map(|(own, _)| own);
        own.filter_map(|position| self.entries[position].key.service()).collect()
    }

    /// Of each kind of service, the first one of `new` gets the first place of `old`, and so on. The places that are left are
    /// for what `new` provides later.
    fn take_places(&mut self, new: u64, old: u64) {
        let mut left = self.left.remove(&old).unwrap_or_default();
        let replaced = self.positions_of(old);
        left.note(replaced.len());
        for position in &replaced {
            left.leave(self.entries[position].key.clone(), position.1);
        }
        let replaced: Vec<_> = replaced.into_iter().map(|position| (position, self.end())).collect();
        self.relocate(replaced);
        let own = self.positions_of(new);
        let place = |position: Position| Some((position, left.claim(&self.entries[&position].key)?));
        let moved: Vec<_> = own.iter().copied().filter_map(place).collect();
        self.relocate(moved);
        left.note(own.len());
        left.forget(own.len());
        self.left.insert(new, left);
    }

    /// Orders what plugins were registered with.
    fn reorder(&mut self, plugins: &[u64]) {
        let own = plugins.iter().flat_map(|plugin| self.positions_of(*plugin));
        let own: Vec<_> = own.filter(|position| !self.entries[position].by_phase).collect();
        let mut places: Vec<u64> = own.iter().map(|position| position.1).collect();
        places.sort_unstable();
        self.relocate(own.into_iter().zip(places));
    }

    /// Orders what phases of plugins have provided, and the places that it has left.
    fn reorder_started(&mut self, plugins: &[u64]) {
        let mut own = Vec::new();
        let mut old: Vec<u64> = Vec::new();
        for plugin in plugins {
            let positions = self.positions_of(*plugin).into_iter();
            let first = (own.len(), old.len());
            own.extend(positions.filter(|position| self.entries[position].by_phase));
            old.extend(own[first.0..].iter().map(|position| position.1));
            old.extend(self.left.get(plugin).into_iter().flat_map(Places::numbers));
            old[first.1..].sort_unstable();
        }
        let mut places = old.clone();
        places.sort_unstable();
        let places: HashMap<u64, u64> = old.into_iter().zip(places).collect();
        self.relocate(own.into_iter().map(|position| (position, places[&position.1])));
        for plugin in plugins {
            if let Some(left) = self.left.get_mut(plugin) {
                left.renumber(|place| places[&place]);
            }
        }
    }
}
