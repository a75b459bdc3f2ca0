//! The services of a manager: looked up under the registry's lock, used and dropped without.

#[cfg(all(feature = "config", feature = "macros"))]
use std::collections::HashMap;
use std::sync::Arc;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::plugin::ServiceType;
use crate::registry::{Entry, Offer, Registry, State};
use crate::services::{Key, ServiceId, ServicePointInfo, StagedService, Table};

impl Registry {
    /// Returns the services under `key` for a plugin, or for the host: the available ones, or all.
    pub(crate) fn services<S: ?Sized + Send + Sync + 'static>(
        &self,
        key: &Key,
        all: bool,
        viewer: Option<&Entry>,
    ) -> Vec<Arc<S>> {
        self.look(|state| {
            let sight = state.sight(viewer);
            state.part::<Table>().get(key, all, &sight)
        })
    }

    /// Returns the services of these plugins, in their order.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(crate) fn services_of<S: ?Sized + Send + Sync + 'static>(
        &self,
        key: &Key,
        plugins: impl Iterator<Item = u64>,
    ) -> Vec<Arc<S>> {
        let plugins: HashMap<u64, usize> = plugins.zip(0..).collect();
        self.look(|state| state.part::<Table>().get_of(key, &plugins))
    }

    /// Returns the first available service under `key` for a plugin, or for the host.
    pub(crate) fn service<S: ?Sized + Send + Sync + 'static>(
        &self,
        key: &Key,
        viewer: Option<&Entry>,
    ) -> Result<Arc<S>, Error> {
        self.look(|state| {
            let sight = state.sight(viewer);
            state.part::<Table>().first(key, self.project(), &sight)
        })
    }

    pub(crate) fn service_points(&self) -> Vec<ServicePointInfo> {
        self.look(|state| state.part::<Table>().points(self.project()))
    }

    /// Lets plugins and the host provide services that were never declared, or not.
    pub(crate) fn set_lenient_services(&self, lenient: bool) {
        self.look(|state| state.part::<Table>().lenient = lenient);
    }

    /// Provides a service of a plugin, or of the host.
    pub(crate) fn provide(
        &self,
        staged: StagedService,
        owner: Option<&Arc<Entry>>,
    ) -> Result<ServiceId, Error> {
        let mut staged = Some(staged);
        // A refused service is dropped after the lock is released.
        self.change(|state, _| {
            if let Some(owner) = owner.filter(|owner| !state.is_registered(owner.number)) {
                return Err(state.unknown_plugin(owner.id()));
            }
            let table = state.part::<Table>();
            if let Some(staged) = &staged {
                table.check(staged, self.project())?;
            }
            let provided = match staged.take() {
                Some(staged) => table.add(staged, owner.cloned(), owner.is_some()),
                None => unreachable!("it was not taken before"),
            };
            state.note_services();
            Ok(provided)
        })
    }

    /// Takes a service back; returns whether it was there.
    pub(crate) fn withdraw(&self, id: ServiceId, owner: Option<u64>) -> bool {
        self.change(|state, deferred| {
            let left = state.part::<Table>().withdraw(id, owner);
            let was_there = left.is_some();
            state.note_services();
            deferred.push(left);
            was_there
        })
    }

    /// Declares a name for services of the type `S`.
    pub(crate) fn declare_services<S: ?Sized + Send + Sync + 'static>(
        &self,
        name: PluginId,
        owner: Option<u64>,
    ) -> Result<(), Error> {
        self.look(|state| state.part::<Table>().declare(name, ServiceType::of::<S>(), owner))
    }
}

impl Offer for StagedService {
    fn service(&self) -> Option<ServiceType> {
        self.key.service()
    }

    fn check(&self, state: &mut State, project: &str) -> Result<(), Error> {
        state.part::<Table>().check(self, project)
    }

    fn accept(self: Box<Self>, state: &mut State, plugin: &Arc<Entry>) {
        state.part::<Table>().add(*self, Some(Arc::clone(plugin)), false);
    }
}
