//! [`Slot`]: one point of one manager, and the snapshot its calls work on.
//!
//! The types of the point are erased here, so that one copy of this code serves all points.

use std::any::Any;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};

use crate::base::drops::DropPanic;
use crate::base::limit::Limit;
use crate::base::sync::{AtomicBool, AtomicU64, Mutex};
use crate::erased::hazard_cell::{Guard, HazardCell};
use crate::observe::observer::{self, Observers};
use crate::registry::drains::Drains;
use crate::registry::members::MemberList;
use crate::registry::state::Publication;
use crate::registry::{Registry, Snapshot};
use crate::spec::failure_policy::SetPolicy;
use crate::spec::point::{Declared, Origin, PointInfo};

/// One point of one manager.
pub struct Slot {
    /// The point.
    pub info: &'static PointInfo,
    pub(super) origin: Origin,
    registry: Weak<Registry>,
    /// Whether the arguments of the point can move to the blocking pool.
    pub(crate) offloads: bool,
    /// The time limit of every implementation.
    pub(super) timeout: Limit,
    /// The effect of a failing extension on its call, if the manager sets one.
    pub(super) on_failure: SetPolicy,
    /// The number of changes to the plugins of the manager.
    revision: Arc<AtomicU64>,
    current: HazardCell<Snapshot>,
    drains: Arc<Drains>,
    views: Mutex<Vec<Weak<ViewCell>>>,
}

/// The snapshot that a view of a point has derived last.
pub(crate) struct ViewCell {
    cell: HazardCell<Snapshot>,
    drains: Arc<Drains>,
    /// The address of the slot.
    slot: usize,
    /// Whether the slot knows the cell.
    is_known: AtomicBool,
}

impl ViewCell {
    /// Returns the snapshot that was derived last.
    pub(crate) fn load(&self) -> Guard<Snapshot> {
        self.cell.load()
    }

    /// Empties the cell.
    fn empty(&self) -> Arc<Snapshot> {
        let left = self.cell.replace(Snapshot::empty());
        self.drains.note(&left, self.slot);
        left
    }
}

impl Drop for ViewCell {
    fn drop(&mut self) {
        // Calls may go on without the view.
        drop(self.empty());
    }
}

impl Slot {
    pub(super) fn new(
        point: &Declared,
        registry: Weak<Registry>,
        revision: Arc<AtomicU64>,
        drains: Arc<Drains>,
    ) -> Self {
        Self::with(point, registry, revision, drains, Snapshot::new(Vec::new(), None))
    }

    /// Returns a slot with this snapshot.
    pub(super) fn with(
        point: &Declared,
        registry: Weak<Registry>,
        revision: Arc<AtomicU64>,
        drains: Arc<Drains>,
        snapshot: Snapshot,
    ) -> Self {
        let Declared { info, origin, offloads, .. } = *point;
        Self {
            info,
            origin,
            registry,
            offloads,
            timeout: Limit::default(),
            on_failure: SetPolicy::default(),
            revision,
            current: HazardCell::new(Arc::new(snapshot)),
            drains,
            views: Mutex::default(),
        }
    }

    /// Returns the address of the slot.
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Returns the snapshot for a call that starts now.
    ///
    /// Gates are asked first: a circuit that is to be tried again takes part in the call that asks.
    ///
    /// A snapshot without its array is filled, also for the calls that follow. Of several calls that fill it at
    /// once, one stores the array and none waits. If the plugins changed meanwhile, the array serves this call only.
    #[inline]
    pub(crate) fn load(&self) -> Guard<Snapshot> {
        let current = self.current.load();
        if current.is_ready() { current } else { self.make_ready(current) }
    }

    /// Returns the snapshot for a call that starts now, and drops nothing.
    ///
    /// # Errors
    ///
    /// Returns how to load it, if that may drop older snapshots.
    #[inline]
    pub(crate) fn try_load(&self) -> Result<Guard<Snapshot>, impl FnOnce() -> Guard<Snapshot>> {
        let loaded = match self.current.try_load() {
            Ok(current) if current.is_ready() => return Ok(current),
            loaded => loaded,
        };
        Err(move || {
            let current = loaded.unwrap_or_else(|interrupted| self.current.finish(interrupted));
            if current.is_ready() { current } else { self.make_ready(current) }
        })
    }

    /// Returns `current`, or what has come after it, as a call may run on it.
    #[cold]
    #[inline(never)]
    fn make_ready(&self, current: Guard<Snapshot>) -> Guard<Snapshot> {
        let current = self.asked(current);
        if current.is_filled() {
            return current;
        }
        if current.is_forgotten
            && let Some(registry) = self.registry()
        {
            registry.tell_not_started();
        }
        self.fill(current)
    }

    /// Asks the gates. Returns `current`, or what has come after it.
    fn asked(&self, current: Guard<Snapshot>) -> Guard<Snapshot> {
        current.ask_gates();
        if self.current.is(&current) {
            return current;
        }
        let next = self.current.load();
        // Dropped while the result is a variable: if a destructor panics, a value that is being returned leaks.
        drop(current);
        next
    }

    /// Returns the snapshot that a call would have now. Nothing is told of plugins that wait for a start: that is for the
    /// first call.
    pub(crate) fn look(&self) -> Guard<Snapshot> {
        let current = self.asked(self.current.load());
        if current.is_filled() {
            current
        } else if current.is_forgotten {
            let filled = Guard::from(Arc::new(current.filled(self.info)));
            // While the result is a variable, as in `asked`.
            drop(current);
            filled
        } else {
            self.fill(current)
        }
    }

    fn fill(&self, empty: Guard<Snapshot>) -> Guard<Snapshot> {
        let filled = Arc::new(empty.filled(self.info));
        let guard = Guard::from(Arc::clone(&filled)).noted();
        // Either the empty snapshot or, if a change came first, the filled one.
        let left = self.current.replace_if_current(&empty, filled);
        // Another call may be about to fill the empty one, and to run on its own.
        let (Ok(left) | Err(left)) = left;
        self.drains.note(&left, self.address());
        // The guard exists, so these may be dropped.
        drop((left, empty));
        guard
    }

    /// Returns the cell of a new view.
    pub(crate) fn view_cell(&self) -> Arc<ViewCell> {
        Arc::new(ViewCell {
            cell: HazardCell::new(Snapshot::empty()),
            drains: Arc::clone(&self.drains),
            slot: self.address(),
            is_known: AtomicBool::new(false),
        })
    }

    /// Publishes `snapshot`, derived from `base`, in the cell of a view. A change of the point empties the cell.
    pub(crate) fn publish_view(
        &self,
        view: &Arc<ViewCell>,
        snapshot: Snapshot,
        base: Arc<Snapshot>,
    ) -> Guard<Snapshot> {
        if !view.is_known.swap(true, Ordering::Relaxed) {
            let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
            if views.len() == views.capacity() {
                views.retain(|view| view.strong_count() > 0);
            }
            views.push(Arc::downgrade(view));
        }
        let snapshot = Arc::new(snapshot);
        let guard = Guard::from(Arc::clone(&snapshot)).noted();
        let before = view.cell.replace(snapshot);
        self.drains.note(&before, self.address());
        // A change that came before may have found the cell empty. Then the base, which the change has noted, is held until
        // the snapshot is noted.
        let left = if self.current.is(&base) { None } else { Some(view.empty()) };
        drop((before, left, base));
        guard
    }

    /// Returns the observers of calls that start now, without filling the snapshot.
    pub(crate) fn observers(&self) -> Observers {
        let current = self.current.load();
        let observers = current.observers.clone();
        // While the result is a variable, as in `asked`.
        drop(current);
        observers
    }

    /// Tells the observers of a panic of a destructor that reaches no caller.
    pub(crate) fn report_drop(&self, panic: &DropPanic) {
        let observers = self.observers();
        observer::report(&observers, panic);
        observer::release(observers, false);
    }

    /// Publishes `members` for the calls that start from now on. The old snapshot goes to `deferred`: its destructors
    /// run code of plugins, which must not run under the registry's lock.
    pub(super) fn publish(
        &self,
        member_list: &MemberList,
        publication: &Publication<'_>,
        deferred: &mut DeferredDrops,
    ) {
        let snapshot = Snapshot::of(member_list, publication.observers.clone(), self.info)
            .held_to(self.timeout.get())
            .under(self.on_failure.get())
            .published(publication, &self.drains)
            .forgotten(publication.tells_waiting && member_list.leaves_out());
        self.replaced(self.current.replace(Arc::new(snapshot)), deferred);
        let views = {
            let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
            views.retain(|view| view.strong_count() > 0);
            views.iter().filter_map(Weak::upgrade).collect::<Vec<_>>()
        };
        for view in views {
            deferred.snapshots.push(view.empty());
            deferred.push(view);
        }
    }

    /// Notes the calls on a snapshot that is not current any more.
    fn replaced(&self, snapshot: Arc<Snapshot>, deferred: &mut DeferredDrops) {
        self.drains.note(&snapshot, self.address());
        deferred.snapshots.push(snapshot);
    }

    /// The number of changes to the plugins of the manager.
    pub(crate) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    pub(crate) fn registry(&self) -> Option<Arc<Registry>> {
        self.registry.upgrade()
    }
}

/// Values left over from a change of the registry. They are dropped one at a time, after the lock is released.
#[derive(Default)]
pub struct DeferredDrops {
    snapshots: Vec<Arc<Snapshot>>,
    others: Vec<Box<dyn Any + Send + Sync>>,
    /// Dropped after all others, so that these are not the last that have an observer which was removed since.
    observers: LastObservers,
}

/// The observers of a manager when a change began, unless it is a change of the observers. The panic of one that this drops
/// last does not reach the change, which is complete: those that are left are told.
#[derive(Default)]
struct LastObservers(Observers);

impl Drop for LastObservers {
    fn drop(&mut self) {
        observer::release(self.0.take(), false);
    }
}

impl DeferredDrops {
    /// Returns no values, of a change under these observers.
    pub(super) fn under(observers: &Observers) -> Self {
        Self { observers: LastObservers(observers.clone()), ..Self::default() }
    }

    /// Leaves the observers to the change, which removes or adds one.
    pub(super) fn changes_observers(&mut self) {
        self.observers.0 = None;
    }

    /// Adds a value. Its foreign parts are wrapped in [`Foreign`](crate::base::drops::Foreign).
    pub fn push<T: Send + Sync + 'static>(&mut self, value: T) {
        self.others.push(Box::new(value));
    }

    /// Adds a value that is boxed already.
    pub(crate) fn push_boxed(&mut self, value: Box<dyn Any + Send + Sync>) {
        self.others.push(value);
    }
}
