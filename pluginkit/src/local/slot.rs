//! [`Slot`]: one point of a local manager, and the snapshot that its calls work on.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use crate::base::drops::drop_each;
use crate::local::history::{History, Shared};
use crate::local::implementation::Implementation;
use crate::plugin::implementation::Role;
use crate::spec::order::{Cycle, arrange};
use crate::spec::point::{Origin, PointInfo};

/// The wrappers and extensions of one point in call order; never changed.
pub(super) struct Snapshot<'p> {
    /// Wrappers come first.
    pub(super) all: Vec<Rc<Implementation<'p>>>,
    pub(super) wrappers: usize,
    /// Whether any extension has a predicate.
    pub(super) conditional: bool,
    /// Whether the last extension is the default body of the point.
    pub(super) has_default: bool,
}

impl<'p> Snapshot<'p> {
    /// Returns the snapshot of those `members` that `takes_part` names; members stand by their places.
    ///
    /// One that takes no part keeps its place in the order, so that the others keep theirs.
    pub(super) fn new(
        members: Vec<Rc<Implementation<'p>>>,
        takes_part: impl Fn(&Implementation<'p>) -> bool,
    ) -> Self {
        // Only members that can be ordered were let in.
        let mut all = in_order(members.clone()).unwrap_or(members);
        all.retain(|each| takes_part(each));
        let wrappers = all.iter().take_while(|each| each.contribution.role == Role::Wrapper).count();
        let conditional = all[wrappers..].iter().any(|each| each.contribution.conditional);
        let has_default = all.last().is_some_and(|last| last.place.is_default());
        Self { all, wrappers, conditional, has_default }
    }

    pub(super) fn extensions(&self) -> &[Rc<Implementation<'p>>] {
        &self.all[self.wrappers..]
    }

    /// Returns whether a call of `point` has nothing to do but to run its extensions.
    #[inline]
    pub(super) fn is_plain(&self, point: &PointInfo) -> bool {
        self.wrappers == 0 && !self.conditional && (!self.has_default || point.has_default_body)
    }

    /// Returns whether the extension at `index` is the default body of the point.
    pub(super) fn is_default(&self, index: usize) -> bool {
        self.has_default && self.wrappers + index + 1 == self.all.len()
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        drop_each(std::mem::take(&mut self.all));
    }
}

/// Puts implementations that stand by their places into call order: wrappers and extensions each by themselves.
pub(super) fn in_order(
    mut wrappers: Vec<Rc<Implementation<'_>>>,
) -> Result<Vec<Rc<Implementation<'_>>>, Cycle> {
    let count = wrappers.partition_point(|each| each.contribution.role == Role::Wrapper);
    let mut extensions = wrappers.split_off(count);
    // No `before` and `after` moves an extension behind the default body.
    let default = extensions.pop_if(|last| last.place.is_default());
    let mut all = arrange(wrappers)?;
    all.append(&mut arrange(extensions)?);
    all.extend(default);
    Ok(all)
}

/// One point of one local manager.
pub(super) struct Slot<'p> {
    pub(super) info: &'static PointInfo,
    pub(super) origin: Origin,
    members: RefCell<Members<'p>>,
    /// The historic calls of the manager.
    pub(super) history: Weak<RefCell<History<'p>>>,
}

/// The implementations of a point.
struct Members<'p> {
    /// Sorted by their places.
    sorted: Vec<Rc<Implementation<'p>>>,
    /// The snapshot of those that take part in calls, unless something has changed since.
    snapshot: Option<Rc<Snapshot<'p>>>,
}

impl<'p> Slot<'p> {
    pub(super) fn new(info: &'static PointInfo, origin: Origin, history: &Shared<'p>) -> Self {
        let members = RefCell::new(Members { sorted: Vec::new(), snapshot: None });
        Self { info, origin, members, history: Rc::downgrade(history) }
    }

    /// Returns the snapshot for a call that starts now.
    #[inline]
    pub(super) fn load(&self) -> Rc<Snapshot<'p>> {
        if let Some(snapshot) = &self.members.borrow().snapshot {
            return Rc::clone(snapshot);
        }
        self.fill()
    }

    #[cold]
    fn fill(&self) -> Rc<Snapshot<'p>> {
        let snapshot = Rc::new(Snapshot::new(self.members(), Implementation::takes_part));
        self.members.borrow_mut().snapshot = Some(Rc::clone(&snapshot));
        snapshot
    }

    /// Returns all implementations, by their places.
    pub(super) fn members(&self) -> Vec<Rc<Implementation<'p>>> {
        self.members.borrow().sorted.clone()
    }

    /// Returns whether a member declares a `before` or an `after`.
    pub(super) fn declares(&self) -> bool {
        self.members.borrow().sorted.iter().any(|each| each.declares())
    }

    /// Adds a member. Returns the snapshot that is out of date, which is dropped where plugin code may run.
    pub(super) fn add(&self, member: Rc<Implementation<'p>>) -> Option<Rc<Snapshot<'p>>> {
        let mut members = self.members.borrow_mut();
        let at = members.sorted.partition_point(|each| each.place < member.place);
        members.sorted.insert(at, member);
        members.snapshot.take()
    }

    /// Removes a member. Returns the snapshot that is out of date.
    pub(super) fn remove(&self, member: &Rc<Implementation<'p>>) -> Option<Rc<Snapshot<'p>>> {
        let mut members = self.members.borrow_mut();
        // `member` keeps it.
        members.sorted.retain(|each| !Rc::ptr_eq(each, member));
        members.snapshot.take()
    }

    /// Returns the snapshot that is out of date after a member was enabled or disabled.
    pub(super) fn outdate(&self) -> Option<Rc<Snapshot<'p>>> {
        self.members.borrow_mut().snapshot.take()
    }

    /// Removes all members.
    pub(super) fn clear(&self) -> (Vec<Rc<Implementation<'p>>>, Option<Rc<Snapshot<'p>>>) {
        let mut members = self.members.borrow_mut();
        (std::mem::take(&mut members.sorted), members.snapshot.take())
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let (members, snapshot) = self.clear();
        drop_each(snapshot);
        drop_each(members);
    }
}
