//! [`Slot`]: one point of one manager, and the snapshot its calls work on.

use std::any::Any;
use std::sync::{Arc, Weak};

use arc_swap::{ArcSwap, Guard};

use crate::implementation::Implementation;
use crate::observer::Observers;
use crate::point::PointInfo;
use crate::registry::Registry;

/// What a call works on: the implementations of a point at one moment.
pub trait Snapshot: Sized + Send + Sync + 'static {
    /// A snapshot of `implementations`: wrappers first, then extensions, each in call order.
    #[doc(hidden)]
    fn build(implementations: Vec<Arc<Implementation>>, observers: Observers) -> Self;

    /// What it was built from.
    #[doc(hidden)]
    fn implementations(&self) -> &[Arc<Implementation>];

    /// Who watches its calls.
    #[doc(hidden)]
    fn observers(&self) -> &Observers;
}

/// One point of one manager.
pub(crate) struct Slot<C> {
    info: &'static PointInfo,
    registry: Weak<Registry>,
    current: ArcSwap<C>,
}

impl<C: Snapshot> Slot<C> {
    pub(crate) fn new(info: &'static PointInfo, registry: Weak<Registry>) -> Self {
        Self { info, registry, current: ArcSwap::from_pointee(C::build(Vec::new(), None)) }
    }

    /// The snapshot for a call that starts now.
    #[inline]
    pub(crate) fn load(&self) -> Guard<Arc<C>> {
        self.current.load()
    }

    pub(crate) fn registry(&self) -> Option<Arc<Registry>> {
        self.registry.upgrade()
    }
}

/// A [`Slot`] whose types are erased.
pub(crate) trait AnySlot: Any + Send + Sync {
    fn info(&self) -> &'static PointInfo;

    /// Makes `implementations` what calls see from now on. The old snapshot goes to `retired`: its
    /// destructors are plugin code, which must not run under the registry's lock.
    fn publish(&self, implementations: Vec<Arc<Implementation>>, observers: Observers, retired: &mut Retired);
}

impl<C: Snapshot> AnySlot for Slot<C> {
    fn info(&self) -> &'static PointInfo {
        self.info
    }

    fn publish(
        &self,
        implementations: Vec<Arc<Implementation>>,
        observers: Observers,
        retired: &mut Retired,
    ) {
        retired.0.push(self.current.swap(Arc::new(C::build(implementations, observers))));
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
