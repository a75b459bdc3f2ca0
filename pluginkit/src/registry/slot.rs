//! [`Slot`]: one point of one manager, and the snapshot its calls work on.
//!
//! The types of the point are erased here, so that one copy of this code serves all points.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Weak};

use arc_swap::{ArcSwap, Guard};

use crate::implementation::{Implementation, Role};
use crate::observer::Observers;
use crate::point::{Declared, PointInfo};
use crate::registry::Registry;

/// What a call works on: the implementations of a point at one moment.
pub(crate) struct Snapshot {
    /// Wrappers first, then extensions, each in call order.
    pub(crate) implementations: Box<[Arc<Implementation>]>,
    pub(crate) observers: Observers,
    /// Whether any extension has a predicate.
    pub(crate) conditional: bool,
    /// The objects of the implementations, with the types of the point.
    typed: Box<dyn Any + Send + Sync>,
}

/// Takes the objects out of the implementations of a point.
pub(crate) type Typed = fn(&[Arc<Implementation>]) -> Box<dyn Any + Send + Sync>;

impl Snapshot {
    pub(crate) fn new(implementations: Vec<Arc<Implementation>>, observers: Observers, typed: Typed) -> Self {
        let conditional = implementations
            .iter()
            .any(|each| each.contribution.role == Role::Extension && each.contribution.conditional);
        let typed = typed(&implementations);
        Self { implementations: implementations.into(), observers, conditional, typed }
    }

    /// The objects of the implementations.
    ///
    /// # Panics
    ///
    /// If `T` is not what the slot's `Typed` makes, which the point of its handles rules out.
    #[inline]
    pub(crate) fn typed<T: 'static>(&self) -> &T {
        self.typed.downcast_ref().expect("a slot is reached through its own point only")
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("implementations", &self.implementations).finish_non_exhaustive()
    }
}

/// One point of one manager.
pub(crate) struct Slot {
    pub(crate) info: &'static PointInfo,
    registry: Weak<Registry>,
    typed: Typed,
    /// Whether its arguments can go to the blocking pool.
    pub(crate) offloads: bool,
    current: ArcSwap<Snapshot>,
}

impl Slot {
    pub(crate) fn new(point: &Declared, registry: Weak<Registry>) -> Self {
        let Declared { info, typed, offloads, .. } = *point;
        let current = ArcSwap::from_pointee(Snapshot::new(Vec::new(), None, typed));
        Self { info, registry, typed, offloads, current }
    }

    /// The snapshot for a call that starts now.
    #[inline]
    pub(crate) fn load(&self) -> Guard<Arc<Snapshot>> {
        self.current.load()
    }

    /// A snapshot of other implementations of the same point.
    pub(crate) fn snapshot(
        &self,
        implementations: Vec<Arc<Implementation>>,
        observers: Observers,
    ) -> Snapshot {
        Snapshot::new(implementations, observers, self.typed)
    }

    /// Makes `implementations` what calls see from now on. The old snapshot goes to `retired`: its
    /// destructors are plugin code, which must not run under the registry's lock.
    pub(crate) fn publish(
        &self,
        implementations: Vec<Arc<Implementation>>,
        observers: Observers,
        retired: &mut Retired,
    ) {
        let snapshot = Arc::new(self.snapshot(implementations, observers));
        retired.0.push(self.current.swap(snapshot));
    }

    pub(crate) fn registry(&self) -> Option<Arc<Registry>> {
        self.registry.upgrade()
    }
}

/// What a change of the registry left over, to be dropped once its lock is free.
#[derive(Default)]
pub(crate) struct Retired(Vec<Arc<dyn Any + Send + Sync>>);

impl Retired {
    pub(crate) fn keep<T: Send + Sync + 'static>(&mut self, left: T) {
        self.0.push(Arc::new(left));
    }
}
