//! [`Slot`]: one point of one manager, and the snapshot its calls work on.
//!
//! The types of the point are erased here, so that one copy of this code serves all points.

use std::any::Any;
use std::fmt;
#[cfg(feature = "async")]
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Weak};

use arc_swap::{ArcSwap, Guard};

use crate::erased::Shelf;
#[cfg(feature = "async")]
use crate::implementation::Run;
use crate::implementation::{Implementation, Role};
use crate::observer::Observers;
use crate::point::{Declared, PointInfo};
use crate::registry::Registry;

/// What a call works on: the implementations of a point at one moment.
pub(crate) struct Snapshot {
    /// Wrappers first, then extensions, each in call order.
    pub(crate) shelf: Shelf,
    pub(crate) observers: Observers,
    /// Whether any extension has a predicate.
    pub(crate) conditional: bool,
    /// Whether a call has nothing to do but to run the extensions.
    pub(crate) plain: bool,
    /// Whether, moreover, no extension is awaited or goes elsewhere.
    #[cfg(feature = "async")]
    pub(crate) in_place: bool,
    /// How much room the futures of its extensions were seen to need.
    #[cfg(feature = "async")]
    pub(crate) room: AtomicUsize,
}

impl Snapshot {
    pub(crate) fn new(implementations: Vec<Arc<Implementation>>, observers: Observers) -> Self {
        let conditional = implementations
            .iter()
            .any(|each| each.contribution.role == Role::Extension && each.contribution.conditional);
        #[cfg(feature = "async")]
        let all_in_place = implementations.iter().all(|each| each.contribution.run == Run::InPlace);
        let shelf = Shelf::new(implementations);
        let plain = !conditional && observers.is_none() && shelf.wrapper_count() == 0;
        #[cfg(feature = "async")]
        let in_place = plain && all_in_place;
        Self {
            shelf,
            observers,
            conditional,
            plain,
            #[cfg(feature = "async")]
            in_place,
            #[cfg(feature = "async")]
            room: AtomicUsize::new(0),
        }
    }

    /// Wrappers first, then extensions, each in call order.
    #[inline]
    pub(crate) fn implementations(&self) -> &[Arc<Implementation>] {
        self.shelf.implementations()
    }

    /// The extension at `index`.
    #[inline]
    pub(crate) fn extension(&self, index: usize) -> &Arc<Implementation> {
        &self.implementations()[self.shelf.wrapper_count() + index]
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("implementations", &self.shelf).finish_non_exhaustive()
    }
}

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
        self.current.load()
    }

    /// Makes `implementations` what calls see from now on. The old snapshot goes to `retired`: its
    /// destructors are plugin code, which must not run under the registry's lock.
    pub(crate) fn publish(
        &self,
        implementations: Vec<Arc<Implementation>>,
        observers: Observers,
        retired: &mut Retired,
    ) {
        let snapshot = Arc::new(Snapshot::new(implementations, observers));
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
