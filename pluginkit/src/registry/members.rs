//! [`MemberList`]: the implementations of one point, in the order of calls.

use std::sync::Arc;

use crate::base::tree::Tree;
use crate::erased::{ErasedRow, ErasedTree};
use crate::error::Error;
use crate::plugin::implementation::{Implementation, Role};
use crate::registry::precedence::Precedence;
use crate::spec::order::{self, Ordered as _, Place};
use crate::spec::point::PointInfo;

/// The greatest number of implementations for which a change fills the snapshot.
const FEW: usize = 64;

/// The implementations of one point, in the order that they have without `before` and `after`.
///
/// Clones share what they have in common. A change costs a path of the tree.
#[derive(Clone, Default)]
pub(crate) struct MemberList {
    wrappers: ErasedTree<Implementation>,
    extensions: ErasedTree<Implementation>,
    /// The implementations that calls leave out: `before` and `after` still refer to them.
    disabled: Tree<Place, Arc<Implementation>>,
    /// The number of implementations with a `before` or `after`, disabled ones included.
    binding: usize,
}

impl MemberList {
    /// Returns the wrappers and the extensions, if calls run them in this order.
    pub(crate) fn rows(&self) -> Option<[&ErasedRow<Implementation>; 2]> {
        (self.binding == 0).then(|| [self.wrappers.row(), self.extensions.row()])
    }

    /// Returns whether there are so few implementations that ordering them costs little.
    pub(crate) fn is_short(&self) -> bool {
        self.wrappers.row().len() + self.extensions.row().len() + self.disabled.len() <= FEW
    }

    /// Returns those that are enabled, by place.
    fn enabled(&self) -> Vec<Arc<Implementation>> {
        self.wrappers.row().iter().chain(self.extensions.row().iter()).cloned().collect()
    }

    /// Returns all of them, by place.
    fn all(&self) -> Vec<Arc<Implementation>> {
        merged(self.enabled(), self.disabled.values())
    }

    /// Returns whether calls leave any of them out.
    pub(crate) fn leaves_out(&self) -> bool {
        !self.disabled.is_empty()
    }

    /// Returns the implementations of disabled plugins.
    pub(crate) fn disabled(&self) -> Vec<Arc<Implementation>> {
        self.disabled.values()
    }

    /// Returns what calls run: wrappers, then extensions, in call order.
    ///
    /// `before` and `after` were checked at registration. Without some of the members they stay possible.
    pub(crate) fn calls(&self, point: &'static PointInfo) -> Vec<Arc<Implementation>> {
        if self.disabled.is_empty() {
            return known_order(self.enabled(), point);
        }
        let mut calls = known_order(self.all(), point);
        calls.retain(|each| self.disabled.get(&each.place).is_none());
        calls
    }

    fn enabled_with(&mut self, role: Role) -> &mut ErasedTree<Implementation> {
        match role {
            Role::Wrapper => &mut self.wrappers,
            Role::Extension => &mut self.extensions,
        }
    }

    fn insert(&mut self, member: Arc<Implementation>, enabled: bool) {
        if enabled {
            self.enabled_with(member.contribution.role).insert(member);
        } else {
            self.disabled.insert(member.place, member);
        }
    }

    fn remove(&mut self, member: &Implementation) -> Option<Arc<Implementation>> {
        let enabled = self.enabled_with(member.contribution.role).remove(&member.place);
        enabled.or_else(|| self.disabled.remove(&member.place))
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
        let is_named = |precedence: &Precedence| newcomer.owner.names().any(|name| precedence.names(name));
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
        self.member_list.binding += usize::from(names_others(&implementation));
        if let Some(precedence) = &mut self.precedence
            && !precedence.has(&implementation)
        {
            precedence.add(&implementation);
        }
        self.member_list.insert(implementation, enabled);
    }

    /// Takes one away and gives back what of it was kept here.
    pub(super) fn remove(&mut self, implementation: &Implementation) -> Option<Arc<Implementation>> {
        let removed = self.member_list.remove(implementation)?;
        self.member_list.binding -= usize::from(names_others(&removed));
        if let Some(precedence) = &mut self.precedence {
            precedence.remove(&removed);
        }
        Some(removed)
    }

    /// Takes one out of calls or back into them, or notes that its properties have changed.
    pub(super) fn renew(&mut self, implementation: &Implementation, enabled: bool) {
        if let Some(member) = self.member_list.remove(implementation) {
            self.member_list.insert(member, enabled);
        }
    }
}

/// Returns whether it has a `before` or `after`.
fn names_others(implementation: &Implementation) -> bool {
    implementation.options().names_others()
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
    let mut extensions = members.split_off(wrappers);
    // No `before` and `after` moves an extension behind the default body.
    let default = extensions.pop_if(|last| last.place.is_default());
    let mut calls = arrange(members)?;
    if calls.is_empty() {
        calls = arrange(extensions)?;
    } else {
        calls.extend(arrange(extensions)?);
    }
    calls.extend(default);
    Ok(calls)
}

/// Puts implementations whose order was checked, or some of them, into call order. Leaving some out keeps the order
/// possible.
///
/// The `before` and `after` of extras were not checked. If they contradict those of the others, the extras come last.
pub(crate) fn known_order(
    members: Vec<Arc<Implementation>>,
    point: &'static PointInfo,
) -> Vec<Arc<Implementation>> {
    let is_free = |each: &Arc<Implementation>| !each.is_named() && names_others(each);
    let extras: Vec<_> = members.iter().filter(|each| is_free(each)).cloned().collect();
    if extras.is_empty() {
        return checked_order(members, point);
    }
    let others: Vec<_> = members.iter().filter(|each| !is_free(each)).cloned().collect();
    call_order(members, point).unwrap_or_else(|_| {
        let mut calls = checked_order(others, point);
        for extra in extras {
            let role = extra.contribution.role;
            let end =
                calls.partition_point(|each| each.contribution.role <= role && !each.place.is_default());
            calls.insert(end, extra);
        }
        calls
    })
}

fn checked_order(members: Vec<Arc<Implementation>>, point: &'static PointInfo) -> Vec<Arc<Implementation>> {
    match call_order(members, point) {
        Ok(calls) => calls,
        Err(error) => unreachable!("the order was checked when the members came in: {error}"),
    }
}
