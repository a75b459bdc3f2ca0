//! An index of the plugins that use each other.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
#[cfg(feature = "macros")]
use std::sync::atomic::Ordering;

use crate::base::name::PluginId;
use crate::base::topology::reach;
use crate::plugin::ServiceType;
#[cfg(feature = "macros")]
use crate::plugin::dependency::{Graph, Node, ServiceLinks, UsedService};
use crate::registry::{Entry, Registry, State};

/// The plugins that use each name and each service, and those that provide each service, by their numbers.
#[derive(Default)]
pub(super) struct Users {
    by_name: HashMap<PluginId, BTreeSet<u64>>,
    by_service: HashMap<ServiceType, BTreeSet<u64>>,
    /// Those that are known to provide a service before their phases run.
    providers: HashMap<ServiceType, BTreeSet<u64>>,
    /// The number of changes.
    version: u64,
}

impl Users {
    pub(super) fn add(&mut self, entry: &Entry) {
        self.version += 1;
        for used in entry.used() {
            self.by_name.entry(used.clone()).or_default().insert(entry.number);
        }
        for service in entry.used_services() {
            self.by_service.entry(service).or_default().insert(entry.number);
        }
        for service in &entry.provides {
            self.providers.entry(*service).or_default().insert(entry.number);
        }
    }

    pub(super) fn remove(&mut self, entry: &Entry) {
        self.version += 1;
        for used in entry.used() {
            take(&mut self.by_name, used, entry.number);
        }
        for service in entry.used_services() {
            take(&mut self.by_service, &service, entry.number);
        }
        for service in &entry.provides {
            take(&mut self.providers, service, entry.number);
        }
    }
}

/// Takes a plugin out of the plugins under `key`.
fn take<Q: Hash + Eq>(index: &mut HashMap<Q, BTreeSet<u64>>, key: &Q, number: u64) {
    if let Some(numbers) = index.get_mut(key) {
        numbers.remove(&number);
        if numbers.is_empty() {
            index.remove(key);
        }
    }
}

impl Entry {
    /// Returns the names of the plugins that this one requires, or uses if they are there.
    pub(crate) fn used(&self) -> impl Iterator<Item = &PluginId> {
        self.requires().iter().chain(self.optional_requires()).map(|requirement| &requirement.id)
    }

    /// Returns the services that this plugin requires, or uses if they are provided.
    fn used_services(&self) -> impl Iterator<Item = ServiceType> {
        self.requires_services().iter().chain(self.optional_requires_services()).copied()
    }
}

/// Returns the places of plugins that are to come one after the other: each after those that it uses, as far as that is
/// possible. Else they keep their order.
#[cfg(feature = "macros")]
pub fn by_use<'e>(entries: impl IntoIterator<Item = &'e Arc<Entry>>) -> Vec<usize> {
    let links =
        |entry: &Arc<Entry>| ServiceLinks { provides: entry.provides.to_vec(), uses: uses(entry, |_| false) };
    Graph::new(entries.into_iter().map(|entry| node(entry, links(entry))).collect()).by_use()
}

#[cfg(feature = "macros")]
fn node(entry: &Entry, services: ServiceLinks) -> Node<'_> {
    Node {
        id: entry.id(),
        aliases: entry.aliases(),
        version: entry.version(),
        requires: entry.requires(),
        optional_requires: entry.optional_requires(),
        services,
    }
}

/// Returns the services that a plugin uses. `is_elsewhere` tells whether the host provides one, or a plugin outside of the
/// graph.
#[cfg(feature = "macros")]
fn uses(entry: &Entry, is_elsewhere: impl Fn(ServiceType) -> bool) -> Vec<UsedService> {
    let used = |service: &ServiceType, optional| UsedService {
        service: *service,
        optional,
        elsewhere: is_elsewhere(*service),
    };
    let required = entry.requires_services().iter().map(|service| used(service, false));
    required.chain(entry.optional_requires_services().iter().map(|service| used(service, true))).collect()
}

/// A plugin that uses a service.
#[derive(Clone)]
pub struct ServiceUse {
    /// The plugin.
    pub plugin: PluginId,
    /// The service.
    pub service: ServiceType,
    /// Whether the plugin does without it.
    pub optional: bool,
    /// The other plugins that provide the service.
    pub providers: Vec<PluginId>,
    /// Whether the host provides it.
    pub by_host: bool,
}

/// The providers of a service.
#[derive(Default)]
struct Providers {
    /// The numbers of registered plugins.
    plugins: BTreeSet<u64>,
    /// Whether the host provides the service.
    host: bool,
}

/// The plugins that one can have a service from.
#[cfg(feature = "macros")]
pub struct ServiceProviders {
    /// The plugins that provide the service now.
    pub providing: Vec<Arc<Entry>>,
    /// Those that declare that they provide it, and do not.
    pub declaring: Vec<Arc<Entry>>,
}

/// The names of some plugins and of everything they require, at one version of the registrations.
#[derive(Default)]
pub struct NeededPlugins {
    names: HashSet<PluginId>,
    version: Option<u64>,
}

impl NeededPlugins {
    /// Returns whether another plugin needs the one of this name.
    pub fn contains(&self, name: &PluginId) -> bool {
        self.names.contains(name)
    }
}

impl State {
    /// Returns the registered plugins that provide a service, or are known to do so in their phases.
    fn providers(&self, service: ServiceType) -> Providers {
        let mut providers = Providers::default();
        providers.plugins.extend(self.users.providers.get(&service).into_iter().flatten());
        for owner in self.parts.iter().flat_map(|part| part.owners(service)) {
            match owner {
                None => providers.host = true,
                Some(owner) if self.plugins.contains_key(&owner.number) => {
                    providers.plugins.insert(owner.number);
                }
                Some(_) => {}
            }
        }
        providers
    }

    /// Returns the numbers of the plugins that a plugin requires, or uses if they are there. The plugin may be prepared.
    #[cfg(feature = "macros")]
    fn used_by(&self, entry: &Entry) -> BTreeSet<u64> {
        let mut used: BTreeSet<u64> = entry.used().filter_map(|name| self.names.get(name)).copied().collect();
        for service in entry.used_services() {
            used.extend(self.providers(service).plugins);
        }
        used
    }

    /// Notes that other services are provided than before.
    pub fn note_services(&mut self) {
        self.users.version += 1;
    }

    /// Returns the names of the plugins that a plugin cannot do without.
    fn required_by<'s>(&'s self, entry: &'s Entry) -> Vec<&'s PluginId> {
        let name = |number: &u64| &self.plugins[number].owner.id;
        let mut required: Vec<_> = entry
            .requires()
            .iter()
            .map(|required| self.names.get(&required.id).map_or(&required.id, name))
            .collect();
        for service in entry.requires_services() {
            let Providers { mut plugins, host } = self.providers(*service);
            plugins.remove(&entry.number);
            if !host && plugins.len() == 1 {
                required.extend(plugins.first().map(name));
            }
        }
        required
    }

    /// Returns the services that a plugin provides, or is known to provide in its phases.
    #[cfg(feature = "macros")]
    fn provided_by(&self, entry: &Entry) -> Vec<ServiceType> {
        let mut provided = entry.provides.to_vec();
        provided.extend(self.parts.iter().flat_map(|part| part.services_of(entry.number)));
        provided
    }

    /// Returns the prepared plugins that use a registered one, unless they see another in its place.
    #[cfg(feature = "macros")]
    fn prepared_users(&self, number: u64) -> Vec<Arc<Entry>> {
        let prepared = self.aside.values().map(|record| &record.entry);
        let uses = |entry: &&Arc<Entry>| {
            let change = entry.aside.load(Ordering::Relaxed);
            !matches!(change, 0 | u64::MAX)
                && !self.superseded.contains(&(change, number))
                && self.used_by(entry).contains(&number)
        };
        prepared.filter(uses).cloned().collect()
    }

    #[cfg(feature = "macros")]
    fn users(&self, number: u64) -> BTreeSet<u64> {
        let Some(record) = self.plugins.get(&number) else { return BTreeSet::new() };
        let by_name = record.owner.names().filter_map(|name| self.users.by_name.get(name));
        let provided = self.provided_by(&record.entry);
        let by_service = provided.iter().filter_map(|service| self.users.by_service.get(service));
        by_name.chain(by_service).flatten().copied().collect()
    }

    /// Returns the numbers of these plugins and of those that use them, directly or through others.
    #[cfg(feature = "macros")]
    pub(super) fn dependents(&self, numbers: &[u64]) -> BTreeSet<u64> {
        reach(numbers.iter().copied(), |&number| self.users(number))
    }

    /// Returns the plugins with these numbers and all that they use, directly or through others.
    #[cfg(feature = "macros")]
    fn with_used(&self, numbers: impl IntoIterator<Item = u64>) -> Vec<Arc<Entry>> {
        self.entries_of(reach(numbers, |number| match self.plugins.get(number) {
            Some(record) => self.used_by(&record.entry),
            None => BTreeSet::new(),
        }))
    }

    /// Returns plugins in the order of their ranks.
    #[cfg(feature = "macros")]
    fn entries_of(&self, numbers: impl IntoIterator<Item = u64>) -> Vec<Arc<Entry>> {
        let mut records: Vec<_> =
            numbers.into_iter().filter_map(|number| self.plugins.get(&number)).collect();
        records.sort_by_key(|record| record.rank);
        records.into_iter().map(|record| Arc::clone(&record.entry)).collect()
    }
}

impl Registry {
    /// Returns the uses of services by registered plugins, in the order of the registrations.
    pub fn service_uses(&self) -> Vec<ServiceUse> {
        let state = self.lock();
        let mut uses = Vec::new();
        for record in state.ranked() {
            let entry = &record.entry;
            let required = entry.requires_services().iter().map(|service| (service, false));
            let optional = entry.optional_requires_services().iter().map(|service| (service, true));
            for (service, optional) in required.chain(optional) {
                let Providers { mut plugins, host } = state.providers(*service);
                plugins.remove(&entry.number);
                let providers = plugins.iter().map(|number| state.plugins[number].owner.id.clone());
                uses.push(ServiceUse {
                    plugin: entry.id().clone(),
                    service: *service,
                    optional,
                    providers: providers.collect(),
                    by_host: host,
                });
            }
        }
        uses
    }

    /// Returns the plugins that require one or use it, in registration order, then those that are prepared.
    #[cfg(feature = "macros")]
    pub fn users(&self, name: &PluginId) -> Vec<Arc<Entry>> {
        let state = self.lock();
        let Some(number) = state.names.get(name) else {
            return state.entries_of(state.users.by_name.get(name).into_iter().flatten().copied());
        };
        let mut users = state.entries_of(state.users(*number));
        users.extend(state.prepared_users(*number));
        users
    }

    /// Returns the registered ones of the plugins with these numbers, in registration order.
    #[cfg(feature = "macros")]
    pub fn entries_of(&self, numbers: &[u64]) -> Vec<Arc<Entry>> {
        self.lock().entries_of(numbers.iter().copied())
    }

    /// Returns the plugins with these numbers and those that use them, directly or through others, in registration order.
    #[cfg(feature = "macros")]
    pub fn dependents(&self, numbers: &[u64]) -> Vec<Arc<Entry>> {
        let state = self.lock();
        state.entries_of(state.dependents(numbers))
    }

    /// Returns the names of these plugins and of everything they require, directly or through others. Returns `known`
    /// if no plugin has come or gone since.
    pub fn needed(&self, roots: &HashSet<PluginId>, known: Arc<NeededPlugins>) -> Arc<NeededPlugins> {
        let state = self.lock();
        if known.version == Some(state.users.version) {
            return known;
        }
        let required = |name: &&PluginId| {
            let record = state.names.get(*name).and_then(|number| state.plugins.get(number));
            record.map(|record| state.required_by(&record.entry)).unwrap_or_default()
        };
        let names = reach(roots, required).into_iter().cloned().collect();
        Arc::new(NeededPlugins { names, version: Some(state.users.version) })
    }

    /// Returns the plugins with these names and all that they use, directly or through others, in registration order.
    #[cfg(feature = "macros")]
    pub fn needed_by(&self, names: &[PluginId]) -> Vec<Arc<Entry>> {
        let state = self.lock();
        let named = names.iter().filter_map(|name| state.names.get(name).copied());
        state.with_used(named)
    }

    /// Returns all that these plugins use, directly or through others, in registration order. They may be prepared.
    #[cfg(feature = "macros")]
    pub fn used_by(&self, entries: &[Arc<Entry>]) -> Vec<Arc<Entry>> {
        let state = self.lock();
        state.with_used(entries.iter().flat_map(|entry| state.used_by(entry)))
    }

    /// Returns the graph of requirements among `entries`. The plugins that are `gone` provide no services, and others that are
    /// to come provide those that are `coming`.
    #[cfg(feature = "macros")]
    pub fn requirements<'e>(
        &self,
        entries: &'e [Arc<Entry>],
        gone: &HashSet<u64>,
        coming: &[ServiceType],
    ) -> Graph<'e> {
        let links = self.service_links(entries, gone, coming);
        Graph::new(entries.iter().zip(links).map(|(entry, services)| node(entry, services)).collect())
    }

    /// Returns how services link `entries`.
    #[cfg(feature = "macros")]
    fn service_links(
        &self,
        entries: &[Arc<Entry>],
        gone: &HashSet<u64>,
        coming: &[ServiceType],
    ) -> Vec<ServiceLinks> {
        if entries.iter().all(|entry| entry.used_services().next().is_none()) {
            return entries.iter().map(|_| ServiceLinks::default()).collect();
        }
        let state = self.lock();
        let own: HashSet<u64> = entries.iter().map(|entry| entry.number).collect();
        let is_elsewhere = |service: ServiceType| {
            let Providers { plugins, host } = state.providers(service);
            let is_outside = |other: &u64| !own.contains(other) && !gone.contains(other);
            host || coming.contains(&service) || plugins.iter().any(is_outside)
        };
        let links = |entry: &Arc<Entry>| ServiceLinks {
            provides: state.provided_by(entry),
            uses: uses(entry, is_elsewhere),
        };
        entries.iter().map(links).collect()
    }

    /// Returns the registered plugins that provide a service; `None` if the host does.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub fn providers_of(&self, service: ServiceType) -> Option<Vec<PluginId>> {
        let state = self.lock();
        let Providers { plugins, host } = state.providers(service);
        (!host).then(|| plugins.iter().map(|number| state.plugins[number].owner.id.clone()).collect())
    }

    /// Returns the plugins that provide a service in what `viewer` sees; `None` if the host provides it.
    #[cfg(feature = "macros")]
    pub fn providers_for(&self, viewer: &Entry, service: ServiceType) -> Option<ServiceProviders> {
        let state = self.lock();
        let sight = state.sight(Some(viewer));
        let owners: Option<Vec<_>> = state.parts.iter().flat_map(|part| part.owners(service)).collect();
        let is_seen = |entry: &Arc<Entry>| entry.number != viewer.number && sight.sees(entry);
        let mut providing = owners?;
        providing.retain(is_seen);
        let registered = state.users.providers.get(&service).into_iter().flatten();
        let registered = registered.filter_map(|number| state.plugins.get(number));
        let prepared = state.aside.values().filter(|record| record.entry.provides.contains(&service));
        let declaring = registered.chain(prepared).map(|record| &record.entry);
        let has_not = |entry: &&Arc<Entry>| !providing.iter().any(|other| other.number == entry.number);
        let declaring = declaring.filter(|entry| is_seen(entry)).filter(has_not).cloned().collect();
        Some(ServiceProviders { providing, declaring })
    }
}
