//! [`MemberList`]: who extends one point, and in which order calls see them.

use std::sync::Arc;

use crate::base::tree::Tree;
use crate::error::Error;
use crate::plugin::implementation::{Implementation, Role};
use crate::registry::precedence::Precedence;
use crate::spec::order::{self, Place};
use crate::spec::point::PointInfo;

/// Up to how many implementations a change makes the snapshot itself.
const FEW: usize = 64;

type Sorted = Tree<Place, Arc<Implementation>>;

/// The implementations of one point, by place: the order they have without `before` and `after`.
///
/// Cheap to clone, and to change if clones of it are left as they are.
#[derive(Clone, Default)]
pub(crate) struct MemberList {
    enabled: Sorted,
    /// Those of disabled plugins: not called, but they keep apart those that name them.
    disabled: Sorted,
    /// Whether any may name another in its `before` or `after`.
    named: bool,
}

impl MemberList {
    /// Whether to look at all that decides what calls see takes little time.
    pub(crate) fn is_short(&self) -> bool {
        self.enabled.len() + if self.named { self.disabled.len() } else { 0 } <= FEW
    }

    /// All of them, by place.
    fn all(&self) -> Vec<Arc<Implementation>> {
        merged(self.enabled.values(), self.disabled.values())
    }

    /// Those of disabled plugins.
    pub(crate) fn disabled(&self) -> Vec<Arc<Implementation>> {
        self.disabled.values()
    }

    /// What calls see: wrappers, then extensions, in call order.
    ///
    /// `before` and `after` were found possible when they came in, and taking some away cannot undo that.
    pub(crate) fn calls(&self, point: &'static PointInfo) -> Vec<Arc<Implementation>> {
        let enabled = self.enabled.values();
        if !self.named {
            return enabled;
        }
        if self.disabled.is_empty() {
            return known_order(enabled, point);
        }
        let mut calls = known_order(merged(enabled, self.disabled.values()), point);
        calls.retain(|each| self.disabled.get(&each.place).is_none());
        calls
    }
}

/// A [`MemberList`] that changes.
#[derive(Default)]
pub(super) struct Members {
    member_list: MemberList,
    /// Since the first of them named another.
    precedence: Option<Box<Precedence>>,
}

impl Members {
    pub(super) fn member_list(&self) -> &MemberList {
        &self.member_list
    }

    /// Whether `before` or `after`, its own or those of others, bind `newcomer`; if not, it can come in.
    pub(super) fn bind(&self, newcomer: &Implementation) -> bool {
        let is_named = |precedence: &Precedence| precedence.names(newcomer.plugin());
        names_others(newcomer) || self.precedence.as_deref().is_some_and(is_named)
    }

    /// Makes room for `newcomers`, which come in next, or finds that no order is possible with all of them.
    pub(super) fn let_in(
        &mut self,
        newcomers: &[Arc<Implementation>],
        point: &'static PointInfo,
    ) -> Result<(), Error> {
        if self.precedence.is_none() && !newcomers.iter().any(|newcomer| names_others(newcomer)) {
            return Ok(());
        }
        self.member_list.named = true;
        let member_list = &self.member_list;
        let precedence = self.precedence.get_or_insert_with(|| {
            let mut precedence = Box::<Precedence>::default();
            for member in member_list.all() {
                precedence.add(&member);
            }
            precedence
        });
        match newcomers.iter().position(|newcomer| !precedence.add(newcomer)) {
            None => Ok(()),
            Some(refused) => {
                self.keep_out(&newcomers[..refused]);
                let all = merged(self.member_list.all(), newcomers.iter().cloned());
                match call_order(all, point) {
                    Err(error) => Err(error),
                    Ok(_) => unreachable!("a member that closes a cycle is in one"),
                }
            }
        }
    }

    /// Takes back the room that was made for `newcomers`.
    pub(super) fn keep_out(&mut self, newcomers: &[Arc<Implementation>]) {
        if let Some(precedence) = &mut self.precedence {
            for newcomer in newcomers {
                precedence.remove(newcomer);
            }
        }
    }

    pub(super) fn insert(&mut self, implementation: Arc<Implementation>, enabled: bool) {
        self.member_list.named |= names_others(&implementation);
        if let Some(precedence) = &mut self.precedence
            && !precedence.has(&implementation)
        {
            precedence.add(&implementation);
        }
        self.those(enabled).insert(implementation.place, implementation);
    }

    /// Takes one away and gives back what of it was kept here.
    pub(super) fn remove(&mut self, implementation: &Implementation) -> Option<Arc<Implementation>> {
        let place = &implementation.place;
        let removed =
            self.member_list.enabled.remove(place).or_else(|| self.member_list.disabled.remove(place))?;
        if let Some(precedence) = &mut self.precedence {
            precedence.remove(&removed);
        }
        Some(removed)
    }

    /// Takes one out of calls, or back into them.
    pub(super) fn enable(&mut self, implementation: &Implementation, enabled: bool) {
        if let Some(moved) = self.those(!enabled).remove(&implementation.place) {
            self.those(enabled).insert(moved.place, moved);
        }
    }

    fn those(&mut self, enabled: bool) -> &mut Sorted {
        if enabled { &mut self.member_list.enabled } else { &mut self.member_list.disabled }
    }
}

/// Whether it has names in its `before` or `after`.
fn names_others(implementation: &Implementation) -> bool {
    let options = &implementation.contribution.options;
    !(options.before.is_empty() && options.after.is_empty())
}

/// Both as one that stands by place.
fn merged(
    mut one: Vec<Arc<Implementation>>,
    two: impl IntoIterator<Item = Arc<Implementation>>,
) -> Vec<Arc<Implementation>> {
    one.extend(two);
    // Most are in order already: little more than a merge.
    one.sort_by_key(|each| each.place);
    one
}

/// Puts `members`, which stand by place, into call order.
fn call_order(
    mut members: Vec<Arc<Implementation>>,
    point: &'static PointInfo,
) -> Result<Vec<Arc<Implementation>>, Error> {
    let wrappers = members.partition_point(|each| each.contribution.role == Role::Wrapper);
    let arrange = |role| order::arrange(role).map_err(|cycle| Error::OrderCycle { point, cycle: cycle.0 });
    let extensions = members.split_off(wrappers);
    let mut calls = arrange(members)?;
    if calls.is_empty() {
        return arrange(extensions);
    }
    calls.extend(arrange(extensions)?);
    Ok(calls)
}

/// [`call_order`] of implementations that were found possible to order, or of some of them: taking one
/// away cannot undo that, nor can an extra, which declares nothing and is named by nobody.
pub(crate) fn known_order(
    members: Vec<Arc<Implementation>>,
    point: &'static PointInfo,
) -> Vec<Arc<Implementation>> {
    match call_order(members, point) {
        Ok(calls) => calls,
        Err(error) => unreachable!("the order was checked when the members came in: {error}"),
    }
}
