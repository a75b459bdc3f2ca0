//! [`Table`]: who provides what, in order.

use std::any::{TypeId, type_name};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use crate::base::drops::Foreign;
use crate::error::Error;
use crate::lifecycle::Life;
use crate::name::{PluginId, short_type_name};
use crate::plugin::PluginState;
use crate::registry::AnyPlugin;
use crate::service::{ServicePointInfo, ServicePointStub, StagedService};

/// An object that was provided at run time, to withdraw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServiceId(u64);

/// What services are looked up by: their trait or, where it was declared at run time, a name of its own.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    Type(TypeId, &'static str),
    Named(PluginId),
}

impl Key {
    pub(crate) fn of<S: ?Sized + 'static>() -> Self {
        Self::Type(TypeId::of::<S>(), type_name::<S>())
    }

    /// With the modules it is in, if it is a trait.
    fn full_name(&self) -> &str {
        match self {
            Self::Type(_, name) => name,
            Self::Named(name) => name,
        }
    }

    /// What it is called in messages.
    pub(crate) fn name(&self) -> PluginId {
        match self {
            Self::Type(_, name) => short_type_name(name).into(),
            Self::Named(name) => name.clone(),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Type(left, _), Self::Type(right, _)) => left == right,
            (Self::Named(left), Self::Named(right)) => left == right,
            _ => false,
        }
    }
}

/// One object that is provided.
pub(crate) struct Entry {
    key: Key,
    /// The type it is provided as.
    service: (TypeId, &'static str),
    order: (Reverse<i32>, u64),
    object: Foreign<AnyPlugin>,
    /// The plugin it belongs to; the host, if none.
    owner: Option<Arc<Life>>,
    /// Whether it was provided in a phase, which will provide it again.
    by_phase: bool,
}

impl Entry {
    /// Whether the plugin it belongs to is such that it may be used.
    fn is_shown(&self) -> bool {
        self.owner.as_ref().is_none_or(|life| {
            life.owner.enabled.load(Ordering::Relaxed)
                && !matches!(life.state(), PluginState::Stopped | PluginState::Failed)
        })
    }
}

/// A name that was declared at run time.
struct Declaration {
    name: PluginId,
    service: (TypeId, &'static str),
    /// The number of the plugin that declared it; the host, if none.
    owner: Option<u64>,
}

/// What a plugin that left provided and declared.
#[cfg(feature = "macros")]
pub(crate) struct Withdrawn {
    entries: Vec<Entry>,
    declarations: Vec<Declaration>,
}

/// The services of a manager.
#[derive(Default)]
pub(crate) struct Table {
    /// In the order they are looked up in.
    entries: Vec<Entry>,
    declarations: Vec<Declaration>,
    provided: u64,
    /// Whether what was never declared may be provided.
    pub(crate) lenient: bool,
}

/// The traits under `#[extension_point(service)]`.
fn declared_traits() -> &'static HashMap<TypeId, &'static ServicePointStub> {
    static INDEX: OnceLock<HashMap<TypeId, &'static ServicePointStub>> = OnceLock::new();
    INDEX.get_or_init(|| {
        inventory::iter::<ServicePointStub>.into_iter().map(|stub| ((stub.service)(), stub)).collect()
    })
}

impl Table {
    /// What is declared under `key` in a manager of `project`: the type it is for.
    fn declared(&self, key: &Key, project: &str) -> Option<(TypeId, &'static str)> {
        match key {
            Key::Type(id, name) => {
                let stub = declared_traits().get(id)?;
                stub.project.is_none_or(|own| own == project).then_some((*id, *name))
            }
            Key::Named(name) => {
                let declaration = self.declarations.iter().find(|declaration| declaration.name == *name)?;
                Some(declaration.service)
            }
        }
    }

    /// Whether `staged`, of the type `service`, may come in.
    pub(crate) fn check(&self, staged: &StagedService, project: &str) -> Result<(), Error> {
        match self.declared(&staged.key, project) {
            Some((declared, name)) if declared != staged.service.0 => Err(Error::ServiceType {
                service: staged.key.name(),
                expected: short_type_name(name).into(),
                found: short_type_name(staged.service.1).into(),
            }),
            None if !self.lenient => Err(Error::UnknownService { service: staged.key.name() }),
            _ => Ok(()),
        }
    }

    /// Takes in what was checked.
    pub(crate) fn add(
        &mut self,
        staged: StagedService,
        owner: Option<Arc<Life>>,
        by_phase: bool,
    ) -> ServiceId {
        self.provided += 1;
        let StagedService { key, service, priority, object } = staged;
        let order = (Reverse(priority), self.provided);
        let at = self.entries.partition_point(|entry| entry.order < order);
        let object = match &owner {
            Some(life) => object.of(life.id()),
            None => object,
        };
        self.entries.insert(at, Entry { key, service, order, object, owner, by_phase });
        ServiceId(self.provided)
    }

    /// Declares a name for services of a type.
    pub(crate) fn declare(
        &mut self,
        name: PluginId,
        service: (TypeId, &'static str),
        owner: Option<u64>,
    ) -> Result<(), Error> {
        let key = Key::Named(name.clone());
        let declared = self.declarations.iter().find(|declaration| declaration.name == name);
        let declared = declared.map(|declaration| declaration.service);
        let provided = self.entries.iter().filter(|entry| entry.key == key);
        let mut others = declared.into_iter().chain(provided.map(|entry| entry.service));
        if let Some((_, other)) = others.find(|(other, _)| *other != service.0) {
            return Err(Error::ServiceType {
                service: name,
                expected: short_type_name(other).into(),
                found: short_type_name(service.1).into(),
            });
        }
        self.declarations.push(Declaration { name, service, owner });
        Ok(())
    }

    /// The objects provided under `key` as an `S`: those that may be used, or all.
    pub(crate) fn get<S: ?Sized + Send + Sync + 'static>(&self, key: &Key, all: bool) -> Vec<Arc<S>> {
        let shown = self.entries.iter().filter(|entry| entry.key == *key && (all || entry.is_shown()));
        shown.filter_map(|entry| entry.object.downcast_ref::<Arc<S>>().cloned()).collect()
    }

    /// The first of the objects provided under `key` as an `S`.
    pub(crate) fn first<S: ?Sized + Send + Sync + 'static>(
        &self,
        key: &Key,
        project: &str,
    ) -> Result<Arc<S>, Error> {
        let mut shown = self.entries.iter().filter(|entry| entry.key == *key && entry.is_shown());
        if let Some(first) = shown.find_map(|entry| entry.object.downcast_ref::<Arc<S>>()) {
            return Ok(Arc::clone(first));
        }
        let service = key.name();
        match self.declared(key, project) {
            None if !self.entries.iter().any(|entry| entry.key == *key) => {
                Err(Error::UnknownService { service })
            }
            Some((declared, name)) if declared != TypeId::of::<S>() => Err(Error::ServiceType {
                service,
                expected: short_type_name(name).into(),
                found: short_type_name(type_name::<S>()).into(),
            }),
            _ => {
                let owners = self.entries.iter().filter(|entry| entry.key == *key);
                let hidden = owners.filter_map(|entry| Some(entry.owner.as_ref()?.id().clone())).collect();
                Err(Error::NoService { service, hidden })
            }
        }
    }

    /// Takes out an object that was provided by the plugin with this number, or by the host.
    pub(crate) fn withdraw(&mut self, id: ServiceId, owner: Option<u64>) -> Option<Foreign<AnyPlugin>> {
        let is_own = |entry: &Entry| entry.owner.as_ref().map(|life| life.number) == owner;
        let at = self.entries.iter().position(|entry| entry.order.1 == id.0 && is_own(entry))?;
        Some(self.entries.remove(at).object)
    }

    /// Takes out what the plugin with this number provides: everything, or what it provided in a phase.
    pub(crate) fn leave(&mut self, owner: u64, only_by_phase: bool) -> Vec<Entry> {
        let leaves = |entry: &mut Entry| {
            let is_own = entry.owner.as_ref().is_some_and(|life| life.number == owner);
            is_own && (entry.by_phase || !only_by_phase)
        };
        let left = self.entries.extract_if(.., leaves).collect();
        self.declarations.retain(|declaration| declaration.owner != Some(owner));
        left
    }

    /// Takes out what the plugin with this number provides and declares, to put it back perhaps.
    #[cfg(feature = "macros")]
    pub(crate) fn take(&mut self, owner: u64) -> Withdrawn {
        let is_own = |entry: &mut Entry| entry.owner.as_ref().is_some_and(|life| life.number == owner);
        let entries = self.entries.extract_if(.., is_own).collect();
        let is_own = |declaration: &mut Declaration| declaration.owner == Some(owner);
        Withdrawn { entries, declarations: self.declarations.extract_if(.., is_own).collect() }
    }

    /// Puts it back, each in its old place.
    #[cfg(feature = "macros")]
    pub(crate) fn put_back(&mut self, withdrawn: Withdrawn) {
        self.declarations.extend(withdrawn.declarations);
        self.entries.extend(withdrawn.entries);
        self.entries.sort_by_key(|entry| entry.order);
    }

    /// Lets what the plugins with these numbers were registered with stand in the order of their plugins.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(crate) fn rerank(&mut self, plugins: &[u64]) {
        let place = |entry: &Entry| {
            let owner = entry.owner.as_ref().filter(|_| !entry.by_phase)?.number;
            plugins.iter().position(|plugin| *plugin == owner)
        };
        let mut own: Vec<_> =
            self.entries.iter_mut().filter_map(|entry| Some((place(entry)?, entry))).collect();
        let mut numbers: Vec<u64> = own.iter().map(|(_, entry)| entry.order.1).collect();
        numbers.sort_unstable();
        own.sort_by_key(|(place, entry)| (*place, entry.order.1));
        for ((_, entry), number) in own.into_iter().zip(numbers) {
            entry.order.1 = number;
        }
        self.entries.sort_by_key(|entry| entry.order);
    }

    /// What there is in a manager of `project`: traits by their names, then names in the order of their
    /// declaration, then what was merely provided.
    pub(crate) fn points(&self, project: &str) -> Vec<ServicePointInfo> {
        let mut keys: Vec<(Key, PluginId, bool)> = Vec::new();
        let traits =
            declared_traits().iter().filter(|(_, stub)| stub.project.is_none_or(|own| own == project));
        for (id, stub) in traits {
            keys.push((Key::Type(*id, (stub.full_name)()), stub.name.into(), true));
        }
        // Two traits may have one name.
        keys.sort_by(|(left, left_name, _), (right, right_name, _)| {
            left_name.cmp(right_name).then_with(|| left.full_name().cmp(right.full_name()))
        });
        for declaration in &self.declarations {
            keys.push((Key::Named(declaration.name.clone()), declaration.name.clone(), true));
        }
        for entry in &self.entries {
            keys.push((entry.key.clone(), entry.key.name(), false));
        }
        let mut points: Vec<(Key, ServicePointInfo)> = Vec::new();
        for (key, name, declared) in keys {
            if points.iter().any(|(other, _)| *other == key) {
                continue;
            }
            let count = self.entries.iter().filter(|entry| entry.key == key).count();
            points.push((key, ServicePointInfo { name, declared, count }));
        }
        points.into_iter().map(|(_, point)| point).collect()
    }
}
