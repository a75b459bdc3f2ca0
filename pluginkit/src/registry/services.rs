//! The services of a manager: looked up under the lock, used and dropped without.

use std::any::TypeId;
use std::sync::Arc;

#[cfg(feature = "macros")]
use crate::base::drops::{self, DropPanic};
use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::Life;
use crate::registry::Registry;
use crate::services::{Key, ServiceId, ServicePointInfo, StagedService};

impl Registry {
    pub(crate) fn services<S: ?Sized + Send + Sync + 'static>(&self, key: &Key, all: bool) -> Vec<Arc<S>> {
        self.lock().services.get(key, all)
    }

    pub(crate) fn service<S: ?Sized + Send + Sync + 'static>(&self, key: &Key) -> Result<Arc<S>, Error> {
        self.lock().services.first(key, &self.project)
    }

    pub(crate) fn service_points(&self) -> Vec<ServicePointInfo> {
        self.lock().services.points(&self.project)
    }

    pub(crate) fn let_provide_undeclared(&self) {
        self.lock().services.lenient = true;
    }

    /// Provides a service of a plugin, or of the host.
    pub(crate) fn provide(
        &self,
        staged: StagedService,
        owner: Option<&Arc<Life>>,
    ) -> Result<ServiceId, Error> {
        let mut staged = Some(staged);
        // What is refused is dropped when the lock is free.
        self.change(|state, _| {
            if let (Some(owner), true) =
                (owner, owner.is_some_and(|life| !state.plugins.contains_key(&life.number)))
            {
                return Err(state.unknown_plugin(owner.id()));
            }
            if let Some(staged) = &staged {
                state.services.check(staged, &self.project)?;
            }
            match staged.take() {
                Some(staged) => Ok(state.services.add(staged, owner.cloned(), owner.is_some())),
                None => unreachable!("it was not taken before"),
            }
        })
    }

    /// Takes a service back; returns whether it was there.
    pub(crate) fn withdraw(&self, id: ServiceId, owner: Option<u64>) -> bool {
        self.change(|state, deferred| {
            let left = state.services.withdraw(id, owner);
            let was_there = left.is_some();
            deferred.push(left);
            was_there
        })
    }

    /// Takes back what a plugin has provided in its phases, and empties its state. Returns the first panic of a
    /// destructor; observers are told of the others.
    #[cfg(feature = "macros")]
    pub(crate) fn empty(&self, life: &Life) -> Option<DropPanic> {
        drops::caught(
            |panic| self.report_drop(panic),
            || {
                self.withdraw_provided(life.number);
                life.private.clear();
            },
        )
    }

    /// Takes back what a plugin has provided in its phases. Observers are told of destructors that panic.
    #[cfg(feature = "macros")]
    pub(crate) fn withdraw_quietly(&self, owner: u64) {
        let report = |panic: &DropPanic| self.report_drop(panic);
        drops::caught(report, || self.withdraw_provided(owner)).iter().for_each(report);
    }

    #[cfg(feature = "macros")]
    fn withdraw_provided(&self, owner: u64) {
        self.change(|state, deferred| deferred.push(state.services.leave(owner, true)));
    }

    /// Declares a name for services of the type `S`.
    pub(crate) fn declare_services<S: ?Sized + Send + Sync + 'static>(
        &self,
        name: PluginId,
        owner: Option<u64>,
    ) -> Result<(), Error> {
        let service = (TypeId::of::<S>(), std::any::type_name::<S>());
        self.lock().services.declare(name, service, owner)
    }
}
