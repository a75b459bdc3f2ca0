//! [`Lineup`]: who extends one point, and in which order calls see them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Error;
use crate::implementation::{Implementation, Role};
use crate::order::{self, Place};
use crate::point::PointInfo;
use crate::registry::tree::Tree;

type Sorted = Tree<Place, Arc<Implementation>>;

/// The implementations of one point, by place: the order they have without `before` and `after`.
///
/// Cheap to clone, and to change if clones of it are left as they are.
#[derive(Clone, Default)]
pub(crate) struct Lineup {
    enabled: Sorted,
    /// Those of disabled plugins: not called, but they keep apart whoever named them.
    disabled: Sorted,
}

impl Lineup {
    /// How many a call would see.
    pub(crate) fn len(&self) -> usize {
        self.enabled.len()
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
        if self.disabled.is_empty() {
            return known_order(enabled, point);
        }
        let mut calls = known_order(merged(enabled, self.disabled.values()), point);
        calls.retain(|each| self.disabled.get(&each.place).is_none());
        calls
    }
}

/// A [`Lineup`] that changes.
#[derive(Default)]
pub(super) struct Members {
    lineup: Lineup,
    /// How many of them have each name in their `before` and `after`, each time it stands there.
    named: HashMap<&'static str, usize>,
}

impl Members {
    pub(super) fn lineup(&self) -> &Lineup {
        &self.lineup
    }

    /// Whether `before` or `after`, its own or those of others, bind `newcomer`; if not, it can come in.
    pub(super) fn bind(&self, newcomer: &Implementation) -> bool {
        names(newcomer).next().is_some() || self.named.contains_key(newcomer.plugin().as_str())
    }

    /// Whether all of `newcomers` could come in and the whole still be ordered.
    pub(super) fn check(
        &self,
        newcomers: impl Iterator<Item = Arc<Implementation>>,
        point: &'static PointInfo,
    ) -> Result<(), Error> {
        let members = merged(self.lineup.enabled.values(), self.lineup.disabled.values());
        call_order(merged(members, newcomers), point).map(drop)
    }

    pub(super) fn insert(&mut self, implementation: Arc<Implementation>, enabled: bool) {
        for name in names(&implementation) {
            *self.named.entry(name).or_default() += 1;
        }
        self.those(enabled).insert(implementation.place, implementation);
    }

    /// Takes one away and gives back what of it was kept here.
    pub(super) fn remove(&mut self, implementation: &Implementation) -> Option<Arc<Implementation>> {
        let place = &implementation.place;
        let removed = self.lineup.enabled.remove(place).or_else(|| self.lineup.disabled.remove(place))?;
        for name in names(&removed) {
            if let Some(count) = self.named.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    self.named.remove(name);
                }
            }
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
        if enabled { &mut self.lineup.enabled } else { &mut self.lineup.disabled }
    }
}

/// The names in its `before` and `after`.
fn names(implementation: &Implementation) -> impl Iterator<Item = &'static str> + use<> {
    let options = implementation.contribution.options;
    options.before.iter().chain(options.after).copied()
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
