//! [`Table`]: the services of a manager, in the order of look-ups.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::plugin::{AnyPlugin, ServiceType};
use crate::registry::{Entry, Sight, StatePart, Taken};
use crate::services::stub::Declares;
use crate::services::{Key, ServicePointInfo, ServicePointStub, StagedService};

/// The position of a service: by priority, the highest first, then by the order of provision.
type Order = (Reverse<i32>, u64);

/// The identity of a service that was provided at run time, with which it is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServiceId(Order);

/// One object that is provided.
pub(crate) struct Provided {
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
    entries: BTreeMap<Order, Provided>,
    /// In the order they were made in.
    declarations: BTreeMap<u64, Declaration>,
    /// The entries under each key.
    by_key: HashMap<Key, BTreeSet<Order>>,
    /// The declarations of each name.
    by_name: HashMap<PluginId, BTreeSet<u64>>,
    /// The entries and the declarations of each plugin, by its number.
    of: HashMap<u64, (BTreeSet<Order>, BTreeSet<u64>)>,
    provided: u64,
    declared: u64,
    /// Whether undeclared services may be provided.
    pub(crate) lenient: bool,
}

/// The traits under `#[extension_point(service)]`.
#[derive(Default)]
struct Traits {
    by_type: HashMap<ServiceType, &'static ServicePointStub>,
    /// Generic traits, by the start of the names of their objects, like `dyn feed::Store<`.
    generic: Vec<(String, &'static ServicePointStub)>,
}

impl Traits {
    fn declared() -> &'static Self {
        static INDEX: OnceLock<Traits> = OnceLock::new();
        INDEX.get_or_init(|| {
            let mut traits = Self::default();
            for stub in inventory::iter::<ServicePointStub> {
                match stub.service {
                    Declares::One(service) => drop(traits.by_type.insert(service(), stub)),
                    Declares::Each(beside) => {
                        let module = beside().rsplit_once("::_::").map_or("", |(module, _)| module);
                        traits.generic.push((format!("dyn {module}::{}<", stub.name), stub));
                    }
                }
            }
            traits
        })
    }

    /// Returns the trait that declares a service.
    fn get(&self, service: &ServiceType) -> Option<&'static ServicePointStub> {
        let of_generic = || {
            let name = service.full_name();
            // `dyn Store<u8> + Send` is another type.
            let found = self.generic.iter().find(|(start, _)| {
                name.strip_prefix(&**start)
                    .is_some_and(|arguments| end_of(arguments) == Some(arguments.len()))
            })?;
            Some(found.1)
        };
        self.by_type.get(service).copied().or_else(of_generic)
    }
}

/// Returns the length of type arguments, with the `>` that ends them.
fn end_of(arguments: &str) -> Option<usize> {
    let mut open = 1;
    let mut before = ' ';
    for (at, character) in arguments.char_indices() {
        match character {
            '<' => open += 1,
            '>' if before != '-' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at + 1);
        }
        before = character;
    }
    None
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

    /// Adds a service that was checked.
    pub(crate) fn add(
        &mut self,
        staged: StagedService,
        owner: Option<Arc<Entry>>,
        by_phase: bool,
    ) -> ServiceId {
        self.provided += 1;
        let StagedService { key, service, priority, object } = staged;
        let order = (Reverse(priority), self.provided);
        let object = match &owner {
            Some(owner) => object.of(owner.id()),
            None => object,
        };
        self.insert(order, Provided { key, service, object, owner, by_phase });
        ServiceId(order)
    }

    fn insert(&mut self, order: Order, entry: Provided) {
        self.by_key.entry(entry.key.clone()).or_default().insert(order);
        if let Some(owner) = entry.owner() {
            self.of.entry(owner).or_default().0.insert(order);
        }
        self.entries.insert(order, entry);
    }

    fn remove(&mut self, order: &Order) -> Option<Provided> {
        let entry = self.entries.remove(order)?;
        if let Some(own) = self.by_key.get_mut(&entry.key) {
            own.remove(order);
            if own.is_empty() {
                self.by_key.remove(&entry.key);
            }
        }
        if let Some((own, _)) = entry.owner().and_then(|owner| self.of.get_mut(&owner)) {
            own.remove(order);
        }
        Some(entry)
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
        self.entries.get(&id.0).filter(|entry| entry.owner() == owner)?;
        self.remove(&id.0).map(|entry| entry.object)
    }

    /// Returns the places of what a plugin was registered with, in the order of provision.
    fn registered(&self, plugin: u64) -> Vec<Order> {
        let orders = self.of.get(&plugin).into_iter().flat_map(|(orders, _)| orders);
        let mut orders: Vec<_> = orders.filter(|order| !self.entries[order].by_phase).copied().collect();
        orders.sort_by_key(|order| order.1);
        orders
    }

    /// Removes the services and declarations of the plugin with this number: all of them, or those of its phases.
    fn take_of(&mut self, owner: u64, only_by_phase: bool) -> Option<Taken> {
        let (orders, declared) = self.of.remove(&owner)?;
        let (leaving, staying): (BTreeSet<_>, BTreeSet<_>) =
            orders.into_iter().partition(|order| self.entries[order].by_phase || !only_by_phase);
        let entries: Vec<_> = leaving.into_iter().filter_map(|order| self.remove(&order)).collect();
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
        self.take_of(plugin, false)
    }

    fn release(&mut self, plugin: u64) -> Option<Taken> {
        self.take_of(plugin, true)
    }

    fn owners(&self, service: ServiceType) -> Vec<Option<Arc<Entry>>> {
        self.under(&Key::Type(service)).map(|entry| entry.owner.clone()).collect()
    }

    fn services_of(&self, plugin: u64) -> Vec<ServiceType> {
        let orders = self.of.get(&plugin).into_iter().flat_map(|(orders, _)| orders);
        orders.filter_map(|order| self.entries[order].key.service()).collect()
    }

    /// Of each kind of service, the first one of `new` gets the place of the first one of `old`, and so on.
    fn take_places(&mut self, new: u64, old: u64) {
        let mut places = self.registered(old);
        for order in self.registered(new) {
            let key = &self.entries[&order].key;
            let Some(at) = places.iter().position(|place| self.entries[place].key == *key) else { continue };
            let place = places.remove(at);
            if let (Some(own), Some(replaced)) = (self.remove(&order), self.remove(&place)) {
                self.insert((order.0, place.1), own);
                self.insert((place.0, order.1), replaced);
            }
        }
    }

    /// Orders what plugins were registered with as their numbers are ordered here.
    fn reorder(&mut self, plugins: &[u64]) {
        let own: Vec<Order> = plugins.iter().flat_map(|plugin| self.registered(*plugin)).collect();
        let mut numbers: Vec<u64> = own.iter().map(|order| order.1).collect();
        numbers.sort_unstable();
        let entries: Vec<_> = own.iter().filter_map(|order| Some((order.0, self.remove(order)?))).collect();
        for ((priority, entry), number) in entries.into_iter().zip(numbers) {
            self.insert((priority, number), entry);
        }
    }
}
