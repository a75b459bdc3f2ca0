//! [`Slot`]: one point of one manager, and the snapshot its calls work on.
//!
//! The types of the point are erased here, so that one copy of this code serves all points.

use std::any::Any;
use std::sync::{Arc, Weak};

use arc_swap::{ArcSwap, Guard};

use crate::observer::Observers;
use crate::point::{Declared, PointInfo};
use crate::registry::lineup::Lineup;
use crate::registry::{Registry, Snapshot};

/// One point of one manager.
pub(crate) struct Slot {
    pub(crate) info: &'static PointInfo,
    registry: Weak<Registry>,
    /// Whether its arguments can go to the blocking pool.
    pub(crate) offloads: bool,
    current: ArcSwap<Snapshot>,
}

impl Slot {
    pub(crate) fn new(point: &Declared, registry: Weak<Registry>) -> Self {
        let Declared { info, offloads, .. } = *point;
        let current = ArcSwap::from_pointee(Snapshot::new(Vec::new(), None));
        Self { info, registry, offloads, current }
    }

    /// The snapshot for a call that starts now.
    #[inline]
    pub(crate) fn load(&self) -> Guard<Arc<Snapshot>> {
        let current = self.current.load();
        if current.is_filled() { current } else { self.fill(current) }
    }

    /// The same as `current`, filled, also for the calls that follow.
    ///
    /// Of several that do this at once one leaves its own to the others, and none waits. If a change came first,
    /// it is for this call only.
    #[cold]
    fn fill(&self, current: Guard<Arc<Snapshot>>) -> Guard<Arc<Snapshot>> {
        let filled = Arc::new(current.filled(self.info));
        self.current.compare_and_swap(&current, Arc::clone(&filled));
        Guard::from_inner(filled)
    }

    /// Makes `lineup` what calls see from now on. The old snapshot goes to `retired`: its destructors are
    /// plugin code, which must not run under the registry's lock.
    pub(super) fn publish(&self, lineup: &Lineup, observers: &Observers, retired: &mut Retired) {
        let snapshot = Arc::new(Snapshot::of(lineup, observers.clone(), self.info));
        retired.snapshots.push(self.current.swap(snapshot));
    }

    pub(crate) fn registry(&self) -> Option<Arc<Registry>> {
        self.registry.upgrade()
    }
}

/// What a change of the registry left over, to be dropped once its lock is free.
#[derive(Default)]
pub(crate) struct Retired {
    snapshots: Vec<Arc<Snapshot>>,
    others: Vec<Box<dyn Any + Send + Sync>>,
}

impl Retired {
    pub(crate) fn keep<T: Send + Sync + 'static>(&mut self, left: T) {
        self.others.push(Box::new(left));
    }
}
