//! A point with the implementations of one plugin only.

use std::any::TypeId;
use std::sync::Arc;

use crate::plugin::implementation::Role;
use crate::registry::{Registry, Slot, Snapshot};
use crate::spec::point::Declared;

impl Registry {
    /// Returns a slot with the implementations of one plugin only, whether or not the plugin is enabled; `None` if there
    /// are none.
    pub fn solo(&self, plugin: u64, point: TypeId) -> Option<Arc<Slot>> {
        let (mut own, watchers, timeout, declared, revision) = {
            let state = self.lock();
            let all = &state.record(plugin)?.implementations;
            let own = all.iter().filter(|each| each.contribution.point == point && each.options().enabled);
            let own: Vec<_> = own.cloned().collect();
            let slot = &state.point(point)?.slot;
            let declared = Declared {
                id: point,
                info: slot.info,
                origin: slot.origin,
                offloads: slot.offloads,
                default_body: None,
            };
            (own, state.watchers.clone(), slot.timeout.get(), declared, Arc::clone(&state.revision))
        };
        if own.is_empty() {
            return None;
        }
        own.sort_by_key(|each| (each.contribution.role != Role::Wrapper, each.place));
        let snapshot = Snapshot::new(own, watchers).held_to(timeout).unlimited().measured_by(&self.drains);
        Some(Arc::new(Slot::with(&declared, self.this.clone(), revision, Arc::clone(&self.drains), snapshot)))
    }
}
