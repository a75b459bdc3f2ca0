//! Who is registered: the state that managers share by composition.
//!
//! One lock guards it. No plugin code runs while the lock is held: not an extension, not a predicate,
//! not an observer, not a destructor. Calls never take it: they work on the snapshots that
//! [`slot::Slot`] publishes.
#![forbid(unsafe_code)]

mod history;
mod host;
mod lookup;
mod registration;
mod services;
mod slot;
#[cfg(feature = "macros")]
mod solo;

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arc_swap::ArcSwap;

#[cfg(feature = "async")]
pub(crate) use history::AwaitedReplay;
pub use history::BoxError;
pub(crate) use history::{HistoricEvent, Replay};
pub(crate) use host::Host;
pub(crate) use registration::Staged;

pub(crate) use slot::{Retired, Slot, Snapshot};

use crate::error::Error;
use crate::implementation::{Implementation, Owner, Role};
use crate::lifecycle::{Clock, Life, Lives};
use crate::name::PluginId;
use crate::observer::{Observer, Observers};
use crate::order::{self, Place};
use crate::point::{Declared, PointInfo, Specs};
use crate::service::Table;

/// A plugin whose type is erased; `downcast` gives it back.
pub type AnyPlugin = Arc<dyn Any + Send + Sync>;

/// The plugins and points of one manager.
pub(crate) struct Registry {
    this: Weak<Registry>,
    project: Box<str>,
    pub(crate) host: Host,
    pub(crate) lives: Lives,
    points: ArcSwap<HashMap<TypeId, Arc<Slot>>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    specs: HashSet<TypeId>,
    /// In the order of declaration, those every manager has before the others.
    points: Vec<TypeId>,
    /// How many points every manager has.
    built_in: usize,
    members: HashMap<TypeId, Members>,
    /// By the number of the registration, so that iteration is in registration order.
    plugins: BTreeMap<u64, Record>,
    names: HashMap<PluginId, u64>,
    /// By the address of the plugin, to find an `Arc` again.
    addresses: HashMap<usize, u64>,
    blocked: HashSet<PluginId>,
    /// Optional implementations whose specs the manager has not got.
    pending: BTreeMap<Place, Arc<Implementation>>,
    history: Vec<Arc<HistoricEvent>>,
    services: Table,
    observers: Vec<(u64, Arc<dyn Observer>)>,
    watchers: Observers,
    registrations: u64,
    observations: u64,
}

/// The implementations of one point, by place: the order they have without `before` and `after`.
struct Members {
    slot: Arc<Slot>,
    all: BTreeMap<Place, Arc<Implementation>>,
}

/// One registered plugin.
struct Record {
    owner: Arc<Owner>,
    instance: AnyPlugin,
    life: Arc<Life>,
    implementations: Vec<Arc<Implementation>>,
}

impl Registry {
    pub(crate) fn new(project: &str, host: Host, clock: Option<Clock>) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            this: this.clone(),
            project: project.into(),
            host,
            lives: Lives::new(clock),
            points: ArcSwap::default(),
            state: Mutex::default(),
        })
    }

    pub(crate) fn project(&self) -> &str {
        &self.project
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under the lock can only come from the library or the allocator; every change is
        // staged before it is made, so what the lock guards is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state; what the change retires is dropped after the lock is free.
    fn change<R>(&self, change: impl FnOnce(&mut State, &mut Retired) -> R) -> R {
        let mut retired = Retired::default();
        let result = change(&mut self.lock(), &mut retired);
        drop(retired);
        result
    }

    /// The slot of the point with this type, with no lock.
    pub(crate) fn slot(&self, point: TypeId) -> Option<Arc<Slot>> {
        self.points.load().get(&point).cloned()
    }

    /// Adds the points of `S`; does nothing if the manager has them.
    pub(crate) fn add_specs<S: Specs>(&self, declared: &[Declared]) -> Result<(), Error> {
        if let Some(project) = S::PROJECT.filter(|&project| project != &*self.project) {
            return Err(Error::WrongProject {
                specs: S::NAME,
                found: project,
                expected: self.project.to_string(),
            });
        }
        let slots: Vec<_> =
            declared.iter().map(|point| (point.id, Arc::new(Slot::new(point, self.this.clone())))).collect();
        self.change(|state, retired| {
            if state.specs.contains(&TypeId::of::<S>()) {
                return Ok(());
            }
            let mut arranged = Vec::new();
            for (id, slot) in &slots {
                let pending = state.pending.values().filter(|each| each.contribution.point == *id);
                let all: BTreeMap<_, _> = pending.map(|each| (each.place, Arc::clone(each))).collect();
                let calls = call_order(all.values().cloned().collect(), slot.info)?;
                arranged.push((*id, Arc::clone(slot), all, calls));
            }
            state.specs.insert(TypeId::of::<S>());
            let mut table = HashMap::clone(&self.points.load());
            for (id, slot, all, calls) in arranged {
                slot.publish(calls, state.watchers.clone(), retired);
                table.insert(id, Arc::clone(&slot));
                state.points.push(id);
                state.pending.retain(|_, each| each.contribution.point != id);
                state.members.insert(id, Members { slot, all });
            }
            self.points.store(Arc::new(table));
            Ok(())
        })
    }

    /// Adds the points that every manager has, before all others.
    #[cfg(feature = "macros")]
    pub(crate) fn add_built_in<S: Specs>(&self, declared: &[Declared]) {
        if let Err(error) = self.add_specs::<S>(declared) {
            unreachable!("nothing waits for the points of a new manager: {error}");
        }
        self.change(|state, _| state.built_in = state.points.len());
    }

    pub(crate) fn add_observer(&self, observer: Arc<dyn Observer>) -> u64 {
        self.change(|state, retired| {
            state.observations += 1;
            let id = state.observations;
            state.observers.push((id, observer));
            state.watch(retired);
            id
        })
    }

    pub(crate) fn remove_observer(&self, id: u64) {
        self.change(|state, retired| {
            if let Some(at) = state.observers.iter().position(|observer| observer.0 == id) {
                retired.keep(state.observers.remove(at).1);
                state.watch(retired);
            }
        });
    }
}

impl State {
    /// Shows the observers there are to every point.
    fn watch(&mut self, retired: &mut Retired) {
        let all: Arc<[_]> = self.observers.iter().map(|observer| Arc::clone(&observer.1)).collect();
        let old = std::mem::replace(&mut self.watchers, Some(all).filter(|all| !all.is_empty()));
        retired.keep(old);
        for point in self.points.clone() {
            self.publish(point, retired);
        }
    }

    /// Shows the members of `point` that are enabled to its calls.
    fn publish(&self, point: TypeId, retired: &mut Retired) {
        let Some(members) = self.members.get(&point) else { return };
        let calls = known_order(members.all.values().cloned().collect(), members.slot.info);
        members.slot.publish(calls, self.watchers.clone(), retired);
    }
}

/// What calls of a point see of `members`, which stand by place: wrappers, then extensions, those of
/// disabled plugins left out.
pub(crate) fn call_order(
    members: Vec<Arc<Implementation>>,
    point: &'static PointInfo,
) -> Result<Vec<Arc<Implementation>>, Error> {
    let (wrappers, extensions) =
        members.into_iter().partition(|each| each.contribution.role == Role::Wrapper);
    let mut calls = Vec::new();
    for role in [wrappers, extensions] {
        let arranged = order::arrange(role).map_err(|cycle| Error::OrderCycle { point, cycle: cycle.0 })?;
        calls.extend(arranged);
    }
    calls.retain(|each| each.owner.enabled.load(Ordering::Relaxed));
    Ok(calls)
}

/// [`call_order`] of implementations that were found possible to order, or of some of them: taking one
/// away cannot undo that, nor can an extra, which declares nothing and is named by nobody.
pub(crate) fn known_order(
    members: Vec<Arc<Implementation>>,
    point: &'static PointInfo,
) -> Vec<Arc<Implementation>> {
    match call_order(members, point) {
        Ok(calls) => calls,
        Err(error) => unreachable!("the order was checked when the members came in: {error}"),
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("project", &self.project).finish_non_exhaustive()
    }
}
