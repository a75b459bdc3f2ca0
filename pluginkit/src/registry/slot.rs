//! [`Slot`]: one point of one manager, and the snapshot its calls work on.
//!
//! The types of the point are erased here, so that one copy of this code serves all points.

use std::any::Any;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use crate::base::limit::Limit;
use crate::base::sync::AtomicU64;
use crate::erased::hazard_cell::{Guard, HazardCell};
use crate::observe::observer::Observers;
use crate::registry::members::MemberList;
use crate::registry::{Registry, Snapshot};
use crate::spec::failure_policy::SetPolicy;
use crate::spec::point::{Declared, Origin, PointInfo};

/// One point of one manager.
pub(crate) struct Slot {
    pub(crate) info: &'static PointInfo,
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
}

impl Slot {
    pub(crate) fn new(point: &Declared, registry: Weak<Registry>, revision: Arc<AtomicU64>) -> Self {
        Self::with(point, registry, revision, Snapshot::new(Vec::new(), None))
    }

    /// Returns a slot with this snapshot.
    pub(crate) fn with(
        point: &Declared,
        registry: Weak<Registry>,
        revision: Arc<AtomicU64>,
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
        }
    }

    /// Returns the snapshot for a call that starts now.
    ///
    /// A snapshot without its array is filled first, also for the calls that follow. Of several calls that fill it at
    /// once, one stores the array and none waits. If the plugins changed meanwhile, the array serves this call only.
    #[inline]
    pub(crate) fn load(&self) -> Guard<Snapshot> {
        let current = self.current.load();
        if current.is_filled() { current } else { self.fill(current) }
    }

    /// Returns the snapshot for a call that starts now, and drops nothing.
    ///
    /// # Errors
    ///
    /// Returns how to load it, if that may drop older snapshots.
    #[inline]
    pub(crate) fn try_load(&self) -> Result<Guard<Snapshot>, impl FnOnce() -> Guard<Snapshot>> {
        let loaded = match self.current.try_load() {
            Ok(current) if current.is_filled() => return Ok(current),
            loaded => loaded,
        };
        Err(move || {
            let current = loaded.unwrap_or_else(|interrupted| self.current.finish(interrupted));
            if current.is_filled() { current } else { self.fill(current) }
        })
    }

    #[cold]
    #[inline(never)]
    fn fill(&self, empty: Guard<Snapshot>) -> Guard<Snapshot> {
        let filled = Arc::new(empty.filled(self.info));
        let guard = Guard::from(Arc::clone(&filled));
        // Either the empty snapshot or, if a change came first, the filled one.
        let left = self.current.replace_if_current(&empty, filled);
        // The guard exists, so these may be dropped.
        drop((left, empty));
        guard
    }

    /// Returns the observers of calls that start now, without filling the snapshot.
    pub(crate) fn observers(&self) -> Observers {
        self.current.load().observers.clone()
    }

    /// Returns whether a call that starts now works on `snapshot`.
    pub(crate) fn shows(&self, snapshot: &Arc<Snapshot>) -> bool {
        self.current.is(snapshot)
    }

    /// Publishes `members` for the calls that start from now on. The old snapshot goes to `deferred`: its destructors
    /// run code of plugins, which must not run under the registry's lock.
    pub(super) fn publish(
        &self,
        member_list: &MemberList,
        observers: &Observers,
        deferred: &mut DeferredDrops,
    ) {
        let snapshot = Snapshot::of(member_list, observers.clone(), self.info)
            .held_to(self.timeout.get())
            .under(self.on_failure.get());
        deferred.snapshots.push(self.current.replace(Arc::new(snapshot)));
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
pub(crate) struct DeferredDrops {
    snapshots: Vec<Arc<Snapshot>>,
    others: Vec<Box<dyn Any + Send + Sync>>,
}

impl DeferredDrops {
    /// Adds a value. Its foreign parts are wrapped in [`Foreign`](crate::base::drops::Foreign).
    pub(crate) fn push<T: Send + Sync + 'static>(&mut self, value: T) {
        self.others.push(Box::new(value));
    }

    /// Adds a value that is boxed already.
    pub(crate) fn push_boxed(&mut self, value: Box<dyn Any + Send + Sync>) {
        self.others.push(value);
    }
}
