//! The state of a manager: its plugins, its points, and their implementations.
//!
//! One lock guards it. No code of plugins runs under the lock: no extension, predicate, observer or destructor. Calls
//! never take the lock: they work on the snapshots that [`slot::Slot`] publishes.
//!
//! | file | what it holds |
//! |---|---|
//! | `state` | all that the lock guards |
//! | `candidate`, `registration` | plugins on their way in, and their registration |
//! | `lookup`, `history` | look-ups, and historic calls |
//! | `entry`, `identity` | one registered plugin, as features know it |
//! | `feature`, `offer` | the state of features, and what plugins bring along for them |
//! | `stubs` | the stubs of each plugin type that are linked into the program |
//! | `replace` | changes to the plugins of a running manager |
//! | `prepared`, `aside` | the preparation and the step of a change, and what it takes out |
//! | `points` | the slots of all points, found without a lock |
//! | `members` | the implementations of a point, in a tree whose versions share their common nodes |
//! | `slot`, `snapshot` | one point, and the snapshots of its calls |
//! | `participation`, `drains` | which plugins take part in calls, and the calls under way with those that have left |
//! | `precedence` | checks `before` and `after` of a point as its members come |
//! | `overrides` | options of extensions that a configuration sets |
//! | `config_notes` | what a configuration says that concerns no registered plugin |
//! | `told` | events outside of calls, and what observers may ask |
//! | `unbound` | names of plugins that bind nothing |
//! | `dependents` | the plugins that use one, and those that one uses |
//! | `host` | the kind of manager, and its settings |
#![forbid(unsafe_code)]
#![allow(missing_debug_implementations, clippy::missing_errors_doc, reason = "public for `__core` only")]

#[cfg(feature = "macros")]
mod aside;
mod candidate;
#[cfg(feature = "config")]
#[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "only loads note something"))]
mod config_notes;
mod dependents;
#[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "only a lifecycle drains"))]
mod drains;
mod entry;
#[cfg_attr(
    not(all(feature = "macros", feature = "config")),
    allow(dead_code, reason = "the features of such a build use less of it")
)]
mod feature;
mod history;
mod host;
mod identity;
mod lookup;
mod members;
mod offer;
#[cfg(all(feature = "config", feature = "macros"))]
mod overrides;
#[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "only a lifecycle keeps plugins out of calls"))]
mod participation;
mod points;
mod precedence;
#[cfg(feature = "macros")]
mod prepared;
mod registration;
#[cfg(feature = "macros")]
mod replace;
mod slot;
mod snapshot;
#[cfg(feature = "macros")]
mod solo;
mod state;
pub(crate) mod stubs;
mod told;
pub(crate) mod unbound;
mod versions;

use std::any::TypeId;
use std::collections::BTreeMap;
#[cfg(feature = "macros")]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, Weak};

#[cfg_attr(not(feature = "local"), allow(unused_imports, reason = "for local managers"))]
pub(crate) use candidate::lay_options;
pub use candidate::{Candidate, Staged};
#[cfg(all(feature = "config", feature = "macros"))]
pub use config_notes::ConfigNotes;
pub use dependents::{NeededPlugins, ServiceUse};
#[cfg(feature = "macros")]
pub use dependents::{ServiceProviders, by_use};
pub use drains::Drain;
use drains::Drains;
#[cfg(feature = "async")]
pub(crate) use drains::WaitingCall;
pub use entry::Entry;
#[cfg(all(feature = "config", feature = "macros"))]
pub use feature::Limiter;
pub use feature::{EntryPart, RegistryPart, StatePart, Taken};
#[cfg(feature = "async")]
pub(crate) use history::AwaitedReplay;
pub(crate) use history::{HistoricEvent, Remembering, Replay};
pub(crate) use host::Host;
pub(crate) use identity::Identity;
pub(crate) use members::known_order;
pub use offer::{Offer, OfferStub};
#[cfg(all(feature = "config", feature = "macros"))]
pub use overrides::{Override, Overrides};
#[cfg(feature = "macros")]
pub use prepared::{Prepared, Step, Switched};
#[cfg(feature = "macros")]
pub use replace::{Arrangement, Arrived, Change, Changed, Done, Incoming, Rebuilder, Replacer, Timeouts};
pub(crate) use slot::ViewCell;
pub use slot::{DeferredDrops, Slot};
pub(crate) use snapshot::{Implementations, Snapshot};
#[cfg(all(feature = "config", feature = "macros"))]
pub(crate) use state::Groups;
use state::{Point, Record, Siblings};
pub use state::{Sight, State};
#[cfg(feature = "local")]
pub(crate) use versions::check_version_of;

use crate::base::clock::Clock;
use crate::base::drops::{self, DropPanic, Foreign};
use crate::base::parts::Parts;
use crate::base::state::StateMap;
use crate::base::sync::{Mutex, MutexGuard};
use crate::error::Error;
use crate::observe::gate::Gate;
use crate::observe::manager::ObservedManager;
use crate::observe::observer::{self, Event, Observation, Observer, ObserverGuard, Observers};
use crate::plugin::implementation::{Contribution, Implementation, Role};
use crate::registry::members::Members;
use crate::registry::points::Points;
use crate::spec::options::Options;
use crate::spec::point::{Declared, Key, PointInfo, Specs};

/// The plugins and points of one manager.
pub struct Registry {
    this: Weak<Registry>,
    /// No other manager of the process has it.
    number: u64,
    project: Arc<str>,
    pub(crate) host: Host,
    points: Points,
    /// The clock of the manager.
    pub clock: Clock,
    /// Values that the plugins share with each other and with the host.
    pub shared: Arc<StateMap>,
    parts: Parts<dyn RegistryPart>,
    #[cfg(feature = "macros")]
    replacer: OnceLock<&'static dyn Replacer>,
    #[cfg(feature = "macros")]
    rebuilder: OnceLock<&'static dyn Rebuilder>,
    /// The replaced snapshots that calls still hold.
    drains: Arc<Drains>,
    #[cfg(all(feature = "config", feature = "macros"))]
    limiter: OnceLock<&'static dyn Limiter>,
    state: Mutex<State>,
}

/// The number of the next manager.
static MANAGERS: AtomicU64 = AtomicU64::new(1);

impl Registry {
    pub(crate) fn new(project: &str, host: Host, clock: Clock) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            this: this.clone(),
            number: MANAGERS.fetch_add(1, Ordering::Relaxed),
            project: project.into(),
            host,
            drains: Arc::new(Drains::new(clock.of_host().cloned())),
            clock,
            shared: Arc::default(),
            parts: Parts::default(),
            #[cfg(feature = "macros")]
            replacer: OnceLock::new(),
            #[cfg(feature = "macros")]
            rebuilder: OnceLock::new(),
            #[cfg(all(feature = "config", feature = "macros"))]
            limiter: OnceLock::new(),
            points: Points::default(),
            state: Mutex::default(),
        })
    }

    /// Returns a pointer that does not keep the manager.
    pub fn downgrade(&self) -> Weak<Self> {
        self.this.clone()
    }

    /// Returns the manager, as observers know it.
    pub fn observed(&self) -> ObservedManager {
        ObservedManager::new(self.number, Arc::clone(&self.project), self.this.clone())
    }

    /// Returns the name of the project that the manager belongs to.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Returns whether the manager is async.
    pub fn is_async(&self) -> bool {
        self.host.is_async()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under the lock can only come from the library or the allocator. Every change is checked before it is
        // made, so the state is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the state. `look` must not run code of plugins.
    #[inline]
    pub fn look<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.lock())
    }

    /// Changes the state, publishes the points that changed, and drops the left-over values after the lock is
    /// released.
    ///
    /// `change` must not run code of plugins, such as a destructor.
    pub fn change<R>(&self, change: impl FnOnce(&mut State, &mut DeferredDrops) -> R) -> R {
        let (result, deferred) = self.change_deferring(change);
        self.drop_each(deferred);
        result
    }

    /// Changes the state as [`change`](Self::change) does, as one step of an operation. Returns the first panic of a
    /// destructor; observers are told of the others.
    pub(crate) fn change_caught<R>(
        &self,
        change: impl FnOnce(&mut State, &mut DeferredDrops) -> R,
    ) -> (R, Option<DropPanic>) {
        let (result, deferred) = self.change_deferring(change);
        (result, self.drop_caught(deferred))
    }

    /// Changes the state, publishes the points that changed, and returns the left-over values.
    fn change_deferring<R>(
        &self,
        change: impl FnOnce(&mut State, &mut DeferredDrops) -> R,
    ) -> (R, DeferredDrops) {
        let mut state = self.lock();
        let mut deferred = DeferredDrops::under(&state.watchers);
        let result = change(&mut state, &mut deferred);
        state.show_changed(&mut deferred);
        let moved = std::mem::take(&mut state.moved);
        drop(state);
        self.tell_moved(moved);
        (result, deferred)
    }

    /// Drops values of plugins one at a time. The first panic of a destructor unwinds to the caller; observers are
    /// told of the others.
    pub fn drop_each<T>(&self, left: T) {
        let mut left = Some(left);
        drops::scope(&|panic| self.report_drop(panic), &mut || left = None);
    }

    /// Drops values of plugins without unwinding. Observers are told of every panic of a destructor.
    #[cfg(feature = "macros")]
    pub fn drop_quietly<T>(&self, left: T) {
        if let Some(first) = self.drop_caught(left) {
            self.report_drop(&first);
        }
    }

    /// Drops values of plugins and returns the first panic of a destructor. Observers are told of the others.
    #[must_use = "the panic is told nobody yet"]
    pub(crate) fn drop_caught<T>(&self, left: T) -> Option<DropPanic> {
        let mut left = Some(left);
        drops::caught(&|panic| self.report_drop(panic), &mut || left = None)
    }

    /// Keeps the panic of a destructor for the caller of an operation in `first`. If there is one already, observers are
    /// told of it.
    #[cfg(feature = "macros")]
    pub fn keep_drop(&self, first: &mut Option<DropPanic>, panic: Option<DropPanic>) {
        match (panic, &first) {
            (Some(other), Some(_)) => self.report_drop(&other),
            (Some(panic), None) => *first = Some(panic),
            (None, _) => {}
        }
    }

    /// Returns the observers of the manager.
    pub fn observers(&self) -> Observers {
        self.lock().watchers.clone()
    }

    /// Tells the observers of a panic of a destructor that reaches no caller.
    pub fn report_drop(&self, panic: &DropPanic) {
        let observers = self.observers();
        observer::report(&observers, panic);
        observer::release(observers, false);
    }

    /// Returns the slot of `point`, which has this `id`.
    #[inline]
    pub(crate) fn slot(&self, id: TypeId, point: &'static PointInfo) -> Result<&Arc<Slot>, Error> {
        match self.points.get(id) {
            Some(slot) => Ok(slot),
            None => Err(Error::UnknownExtensionPoint { point }),
        }
    }

    /// Adds the points of `S`, unless the manager has them.
    pub(crate) fn add_specs<S: Specs>(&self, declared: &[Declared]) -> Result<(), Error> {
        if let Some(project) = S::PROJECT.filter(|&project| project != &*self.project) {
            return Err(Error::WrongProject {
                specs: S::NAME,
                found: project,
                expected: self.project.to_string(),
            });
        }
        let revision = Arc::clone(&self.lock().revision);
        let slot = |point: &Declared| {
            Arc::new(Slot::new(point, self.this.clone(), Arc::clone(&revision), Arc::clone(&self.drains)))
        };
        let default_body = |point: &Declared| {
            let Declared { id, info, origin, default_body, .. } = point;
            let (key, object) = (Key { id: *id, info, origin: *origin }, default_body.clone()?);
            let contribution = Contribution::of(&key, Role::Extension, Options::new(), object);
            Some(Arc::new(Implementation::default_body(contribution)))
        };
        let slots: Vec<_> =
            declared.iter().map(|point| (point.id, slot(point), default_body(point))).collect();
        self.change(|state, deferred| {
            if state.specs.contains(&TypeId::of::<S>()) {
                return Ok(());
            }
            let mut points = Vec::new();
            for (id, slot, default_body) in &slots {
                let pending: Vec<_> =
                    state.pending.get(id).into_iter().flat_map(BTreeMap::values).cloned().collect();
                let mut members = Members::default();
                members.let_in(&pending, slot.info)?;
                for each in pending {
                    let takes_part = each.takes_part();
                    members.insert(each, takes_part);
                }
                if let Some(default_body) = default_body {
                    members.insert(Arc::clone(default_body), true);
                }
                points.push((*id, Point { slot: Arc::clone(slot), members }));
            }
            state.specs.insert(TypeId::of::<S>());
            let before = state.points.len();
            for (id, point) in points {
                state.pending.remove(&id);
                state.places.insert(id, state.points.len());
                state.points.push(point);
            }
            state.publish(before..state.points.len(), deferred);
            for (id, slot, _) in slots {
                self.points.add(id, slot);
            }
            Ok(())
        })
    }

    /// Adds points that every manager has, before all others.
    #[cfg(feature = "macros")]
    pub fn add_built_in<S: Specs>(&self, declared: &[Declared]) {
        if let Err(error) = self.add_specs::<S>(declared) {
            unreachable!("nothing waits for the points of a new manager: {error}");
        }
        self.change(|state, _| state.built_in = state.points.len());
    }

    /// Shows every call and every extension to `observer` until the guard is dropped.
    pub(crate) fn observe(&self, observer: Arc<dyn Observer>) -> ObserverGuard {
        let observation = Observation::new(observer, &self.observed());
        let observer = observation.observer();
        let (guard, is_first) = self.add_observation(observation);
        if let Some(observer) = observer.filter(|_| is_first) {
            self.tell_all(&observer);
            self.drop_each(Foreign::new(observer, None));
        }
        guard
    }

    /// Lets `gate` decide which implementations run, until the guard is dropped.
    pub fn guard_with(&self, gate: Arc<dyn Gate>) -> ObserverGuard {
        self.add_observation(Observation::of_gate(gate)).0
    }

    /// Adds an observation. Returns whether no observer is the same.
    fn add_observation(&self, mut observation: Observation) -> (ObserverGuard, bool) {
        let ((id, is_first), panicked) = self.change_caught(|state, deferred| {
            state.observations += 1;
            let id = state.observations;
            observation.id = id;
            let is_first = !observation.is_among(&state.observers);
            state.observers.push(observation);
            state.watch(&self.project, self.clock.of_host(), deferred);
            (id, is_first)
        });
        // Who observes gets the guard, whatever else was dropped.
        let guard = ObserverGuard::new(self.this.clone(), id);
        if let Some(panic) = panicked {
            self.report_drop(&panic);
        }
        (guard, is_first)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let state = std::mem::take(self.state.get_mut().unwrap_or_else(PoisonError::into_inner));
        let observers = state.watchers.clone();
        if observers.is_some() {
            for record in state.ranked() {
                told::show_all(&observers, &Event::StateChanged { plugin: &record.owner.id, state: None });
            }
        }
        let mut state = Some(state);
        drops::scope(&|panic| observer::report(&observers, panic), &mut || {
            drop(state.take());
            drop(std::mem::take(&mut self.points));
            drop(std::mem::take(&mut self.parts));
        });
        observer::drop_last(observers);
    }
}
