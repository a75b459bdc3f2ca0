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
    /// Whether its arguments can go to the blocking pool.
    pub(crate) offloads: bool,
    /// What every implementation is held to.
    pub(super) timeout: Limit,
    /// What an extension that fails does to its call, if the manager says so.
    pub(super) on_failure: SetPolicy,
    /// How often the plugins of the manager have changed.
    revision: Arc<AtomicU64>,
    current: HazardCell<Snapshot>,
}

impl Slot {
    pub(crate) fn new(point: &Declared, registry: Weak<Registry>, revision: Arc<AtomicU64>) -> Self {
        Self::with(point, registry, revision, Snapshot::new(Vec::new(), None))
    }

    /// A slot whose calls work on `snapshot`.
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

    /// The snapshot for a call that starts now.
    ///
    /// If it is yet to be filled this does it, also for the calls that follow. Of several that do so at once one
    /// leaves its own to the others, and none waits; if a change came first, it is for this call only.
    #[inline]
    pub(crate) fn load(&self) -> Guard<Snapshot> {
        let current = self.current.load();
        if current.is_filled() { current } else { self.fill(current) }
    }

    #[cold]
    #[inline(never)]
    fn fill(&self, empty: Guard<Snapshot>) -> Guard<Snapshot> {
        let filled = Arc::new(empty.filled(self.info));
        let guard = Guard::from(Arc::clone(&filled));
        // Either the empty snapshot or, if a change came first, the filled one.
        let left = self.current.replace_if_current(&empty, filled);
        // The guard stands, so these may be dropped.
        drop((left, empty));
        guard
    }

    /// The observers of calls that start now, found without an array of the implementations.
    pub(crate) fn observers(&self) -> Observers {
        self.current.load().observers.clone()
    }

    /// Whether a call that starts now works on `snapshot`.
    pub(crate) fn shows(&self, snapshot: &Arc<Snapshot>) -> bool {
        self.current.is(snapshot)
    }

    /// Makes `members` what calls see from now on. The old snapshot goes to `deferred`: its destructors are
    /// plugin code, which must not run under the registry's lock.
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

    /// How often the plugins of the manager have changed.
    pub(crate) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    pub(crate) fn registry(&self) -> Option<Arc<Registry>> {
        self.registry.upgrade()
    }
}

/// Values that a change of the registry leaves over. They are dropped one at a time once the lock is free.
#[derive(Default)]
pub(crate) struct DeferredDrops {
    snapshots: Vec<Arc<Snapshot>>,
    others: Vec<Box<dyn Any + Send + Sync>>,
}

impl DeferredDrops {
    /// Takes in a value, whose foreign parts stand in a [`Foreign`](crate::base::drops::Foreign).
    pub(crate) fn push<T: Send + Sync + 'static>(&mut self, value: T) {
        self.others.push(Box::new(value));
    }

    /// Takes in a value that stands in a box already.
    pub(crate) fn push_boxed(&mut self, value: Box<dyn Any + Send + Sync>) {
        self.others.push(value);
    }
}
