//! [`View`]: a point as a caller sees it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::base::name::PluginId;
use crate::local::implementation::{Implementation, LocalContribution, Owner};
use crate::local::slot::{Slot, Snapshot};
use crate::plugin::implementation::EXTRA_NAME;
use crate::spec::order::EXTRA;

/// A point without some plugins, and with more extensions.
pub(super) struct View<'p> {
    pub(super) slot: Rc<Slot<'p>>,
    without: Vec<PluginId>,
    extras: Vec<Rc<Implementation<'p>>>,
    /// The last snapshot of the point, and what this view makes of it.
    derived: RefCell<Option<Derived<'p>>>,
}

struct Derived<'p> {
    of: Rc<Snapshot<'p>>,
    snapshot: Rc<Snapshot<'p>>,
}

impl<'p> View<'p> {
    pub(super) fn new(slot: Rc<Slot<'p>>) -> Self {
        Self { slot, without: Vec::new(), extras: Vec::new(), derived: RefCell::new(None) }
    }

    /// Returns the same without these plugins.
    pub(super) fn without(&self, plugins: impl Iterator<Item = PluginId>) -> Self {
        let mut view = self.clone();
        view.without.extend(plugins);
        view
    }

    /// Returns the same with one more extension.
    pub(super) fn with(&self, contribution: LocalContribution<'p>) -> Self {
        let mut view = self.clone();
        let owner = Rc::new(Owner::new(EXTRA_NAME.into(), &[]));
        let index = u32::try_from(view.extras.len()).unwrap_or(u32::MAX);
        view.extras.push(Rc::new(Implementation::new(&owner, EXTRA, index, contribution)));
        view
    }

    /// Returns the snapshot for a call that starts now.
    #[inline]
    pub(super) fn load(&self) -> Rc<Snapshot<'p>> {
        let of = self.slot.load();
        if self.without.is_empty() && self.extras.is_empty() { of } else { self.derive(of) }
    }

    fn derive(&self, of: Rc<Snapshot<'p>>) -> Rc<Snapshot<'p>> {
        if let Some(derived) = &*self.derived.borrow()
            && Rc::ptr_eq(&derived.of, &of)
        {
            return Rc::clone(&derived.snapshot);
        }
        let mut members = self.slot.members();
        members.extend(self.extras.iter().cloned());
        members.sort_by_key(|each| each.place);
        let is_left_out = |owner: &Owner| owner.names().any(|name| self.without.contains(name));
        let is_extra = |each: &Implementation<'p>| each.place.plugin == EXTRA && !each.place.is_default();
        let snapshot = Rc::new(Snapshot::new(members, |each| {
            each.takes_part() && (is_extra(each) || !is_left_out(&each.owner))
        }));
        let derived = Derived { of, snapshot: Rc::clone(&snapshot) };
        // The earlier one may have plugins that are no longer registered: it is dropped when nothing is borrowed.
        drop(self.derived.replace(Some(derived)));
        snapshot
    }
}

impl Clone for View<'_> {
    fn clone(&self) -> Self {
        let Self { slot, without, extras, .. } = self;
        let derived = RefCell::new(None);
        Self { slot: Rc::clone(slot), without: without.clone(), extras: extras.clone(), derived }
    }
}
