//! [`MemberList`]: the implementations of one point, in the order of calls.

use std::sync::Arc;

use crate::base::tree::Tree;
use crate::error::Error;
use crate::plugin::implementation::{Implementation, Role};
use crate::registry::precedence::Precedence;
use crate::spec::order::{self, Place};
use crate::spec::point::PointInfo;

/// The greatest number of implementations for which a change fills the snapshot.
const FEW: usize = 64;

type Sorted = Tree<Place, Arc<Implementation>>;

/// The implementations of one point, in the order that they have without `before` and `after`.
///
/// Clones share what they have in common. A change costs a path of the tree.
#[derive(Clone, Default)]
pub(crate) struct MemberList {
    enabled: Sorted,
    /// The implementations of disabled plugins: not called, but `before` and `after` still refer to them.
    disabled: Sorted,
    /// Whether an implementation may have a `before` or `after`.
    named: bool,
}

impl MemberList {
    /// Returns whether there are so few implementations that ordering them costs little.
    pub(crate) fn is_short(&self) -> bool {
        self.enabled.len() + if self.named { self.disabled.len() } else { 0 } <= FEW
    }

    /// Returns all of them, by place.
    fn all(&self) -> Vec<Arc<Implementation>> {
        merged(self.enabled.values(), self.disabled.values())
    }

    /// Returns the implementations of disabled plugins.
    pub(crate) fn disabled(&self) -> Vec<Arc<Implementation>> {
        self.disabled.values()
    }

    /// Returns what calls run: wrappers, then extensions, in call order.
    ///
    /// `before` and `after` were checked at registration. Without some of the members they stay possible.
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
    /// Set since the first of them had a `before` or `after`.
    precedence: Option<Box<Precedence>>,
}

impl Members {
    pub(super) fn member_list(&self) -> &MemberList {
        &self.member_list
    }

    /// Returns whether a `before` or `after`, its own or another's, concerns `newcomer`.
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

/// Returns whether it has a `before` or `after`.
fn names_others(implementation: &Implementation) -> bool {
    let options = &implementation.contribution.options;
    !(options.before.is_empty() && options.after.is_empty())
}

/// Merges two lists by place.
fn merged(
    mut one: Vec<Arc<Implementation>>,
    two: impl IntoIterator<Item = Arc<Implementation>>,
) -> Vec<Arc<Implementation>> {
    one.extend(two);
    // Both are in order already, so the sort is little more than a merge.
    one.sort_by_key(|each| each.place);
    one
}

/// Puts `members`, sorted by place, into call order.
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

/// Puts implementations whose order was checked, or some of them, into call order. Leaving some out keeps the order
/// possible, and so does an extra, which has no `before` or `after`.
pub(crate) fn known_order(
    members: Vec<Arc<Implementation>>,
    point: &'static PointInfo,
) -> Vec<Arc<Implementation>> {
    match call_order(members, point) {
        Ok(calls) => calls,
        Err(error) => unreachable!("the order was checked when the members came in: {error}"),
    }
}
