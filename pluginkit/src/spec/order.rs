//! The order of the extensions of one point.
//!
//! Wrappers stand before extensions; among either it is bucket first, then priority (higher first), then
//! registration. `before` and `after` bind on top: the extension that declares one moves, no further than it
//! must; the others keep their places.
#![forbid(unsafe_code)]

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use crate::base::name::PluginId;
use crate::base::sequence::Sequence;
use crate::base::topology::{self, Circular};
use crate::spec::names::PluginNames;
use crate::spec::options::{Bucket, Options};

/// The role of an implementation at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    Wrapper,
    Extension,
}

/// The registration number of what was never registered: the extras of a view, and default bodies.
pub(crate) const EXTRA: u64 = u64::MAX;

/// The position of an extension or wrapper without `before` and `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    role: Role,
    /// Whether it is the default body of its point, which comes last.
    is_default: bool,
    bucket: Bucket,
    priority: Reverse<i32>,
    /// The rank of the plugin among all of its manager.
    pub(crate) plugin: u64,
    /// The position among the plugin's own extensions.
    pub(crate) index: u32,
}

impl Place {
    pub(crate) fn new(role: Role, options: &Options, plugin: u64, index: u32) -> Self {
        Self {
            role,
            is_default: false,
            bucket: options.bucket,
            priority: Reverse(options.priority),
            plugin,
            index,
        }
    }

    /// The place of a default body: behind all extensions.
    pub(crate) const DEFAULT_BODY: Self = Self {
        role: Role::Extension,
        is_default: true,
        bucket: Bucket::Last,
        priority: Reverse(0),
        plugin: EXTRA,
        index: 0,
    };

    /// Returns whether it is that of a default body.
    pub(crate) fn is_default(&self) -> bool {
        self.is_default
    }

    /// Returns whether both are of extensions of plugins, and only the registration decides which comes first.
    pub(crate) fn ties(&self, other: &Self) -> bool {
        let declared = |place: &Self| (place.role, place.bucket, place.priority);
        self.role == Role::Extension
            && self.plugin != EXTRA
            && other.plugin != EXTRA
            && declared(self) == declared(other)
    }
}

/// The properties that the order of one extension depends on.
pub(crate) trait Ordered {
    fn plugin(&self) -> &PluginId;
    fn options(&self) -> &Options;

    /// Returns the other names of the plugin.
    fn aliases(&self) -> &[PluginId] {
        &[]
    }

    /// Returns whether a `before` or `after` with a name of its plugin means it.
    fn is_named(&self) -> bool {
        true
    }
}

/// The plugins of a cycle of `before` and `after`, in its order, the first one again at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cycle(pub(crate) Vec<PluginId>);

/// Puts `items`, which stand by [`Place`], into call order.
pub(crate) fn arrange<T: Ordered>(items: Vec<T>) -> Result<Vec<T>, Cycle> {
    arrange_keeping(items, &[])
}

/// Puts `items` into call order, where `kept` has pairs of positions whose first item must come before the second.
pub(crate) fn arrange_keeping<T: Ordered>(items: Vec<T>, kept: &[(usize, usize)]) -> Result<Vec<T>, Cycle> {
    let declares = |item: &T| item.options().names_others();
    if kept.is_empty() && !items.iter().any(declares) {
        return Ok(items);
    }
    let mut constraints = Constraints::of(&items);
    for &(earlier, later) in kept {
        constraints.add(earlier, later);
    }
    let order = constraints.order().map_err(|cycle| name_cycle(&items, &cycle))?;
    let mut slots: Vec<Option<T>> = items.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|index| slots[index].take()).collect())
}

/// Returns the order of positions under `edges`, pairs `(earlier, later)`, in which only declarers move; or the
/// positions of a cycle.
#[cfg(feature = "config")]
pub(crate) fn arrange_positions(
    declares: Vec<bool>,
    edges: &[(usize, usize)],
) -> Result<Vec<usize>, Vec<usize>> {
    let none = vec![Vec::new(); declares.len()];
    let mut all = Constraints { earlier: none.clone(), later: none, declares };
    for &(earlier, later) in edges {
        all.add(earlier, later);
    }
    all.order()
}

/// The constraints between some items, by their positions.
struct Constraints {
    /// Of each, those that must come earlier.
    earlier: Vec<Vec<usize>>,
    /// Of each, those that must come later.
    later: Vec<Vec<usize>>,
    /// Whether each declares an edge that binds. A declaration with names that are not there binds nothing.
    declares: Vec<bool>,
}

impl Constraints {
    fn of<T: Ordered>(items: &[T]) -> Self {
        fn names<T: Ordered>(item: &T) -> impl Iterator<Item = &PluginId> {
            item.options().before.iter().chain(&item.options().after)
        }
        // Looked up by name, because most have no name in their declarations and are in none.
        let mut named: HashMap<&str, Vec<usize>> =
            items.iter().flat_map(names).map(|name| (name.as_str(), Vec::new())).collect();
        for (position, item) in items.iter().enumerate().filter(|(_, item)| item.is_named()) {
            for name in std::iter::once(item.plugin()).chain(item.aliases()) {
                if let Some(positions) = named.get_mut(name.as_str()) {
                    positions.push(position);
                }
            }
        }
        let mut all = Self {
            earlier: vec![Vec::new(); items.len()],
            later: vec![Vec::new(); items.len()],
            declares: vec![false; items.len()],
        };
        for (own, item) in items.iter().enumerate() {
            let found = |names: &PluginNames, is_before: bool| {
                let positions = names.iter().flat_map(|name| {
                    let all = named[name.as_str()].iter().copied();
                    all.filter(|&other| names.mean(name, items[other].plugin()))
                });
                positions.map(|other| (other, !is_before)).collect::<Vec<_>>()
            };
            let mut others = found(&item.options().before, true);
            others.append(&mut found(&item.options().after, false));
            others.sort_unstable();
            others.dedup();
            all.declares[own] = !others.is_empty();
            for (other, is_after) in others {
                if is_after { all.add(other, own) } else { all.add(own, other) }
            }
        }
        all
    }

    /// Returns the order of all positions, with declarers as close to the ones they name as the constraints allow; or
    /// the positions of a cycle.
    fn order(&self) -> Result<Vec<usize>, Vec<usize>> {
        topology::sort(&self.earlier, &self.move_declarers()).map_err(|Circular { mut ring, .. }| {
            ring.reverse();
            ring
        })
    }

    fn add(&mut self, earlier: usize, later: usize) {
        self.earlier[later].push(earlier);
        self.later[earlier].push(later);
    }

    fn neighbours(&self, own: usize) -> impl Iterator<Item = usize> {
        self.earlier[own].iter().chain(&self.later[own]).copied()
    }

    /// All positions, with each declarer moved next to what it named.
    fn move_declarers(&self) -> Vec<usize> {
        // To find the first with a greater position, and the first that is no declarer or has one.
        let marks = |own: usize| [own, if self.declares[own] { own } else { usize::MAX }];
        let (waiting, standing): (Vec<_>, Vec<_>) =
            (0..self.declares.len()).partition(|&position| self.declares[position]);
        let standing: Vec<_> = standing.into_iter().map(|own| (own, marks(own))).collect();
        let mut order = Sequence::of(&standing);
        // Of each, how many of its neighbours wait.
        let mut tied = vec![0; self.declares.len()];
        for &own in &waiting {
            tied[own] = self.neighbours(own).filter(|&other| self.declares[other]).count();
        }
        let mut ready: BTreeSet<_> = waiting.iter().copied().filter(|&own| tied[own] == 0).collect();
        let mut waiting: BTreeSet<_> = waiting.into_iter().collect();
        // One whose neighbours are all placed; in a tangle of declarers, the first.
        while let Some(&own) = ready.first().or(waiting.first()) {
            ready.remove(&own);
            waiting.remove(&own);
            for other in self.neighbours(own).filter(|other| waiting.contains(other)) {
                tied[other] -= 1;
                if tied[other] == 0 {
                    ready.insert(other);
                }
            }
            let place = |index: &usize| order.position(*index);
            let natural = order.first_above(0, 0, own);
            let earliest =
                self.earlier[own].iter().filter_map(place).max().map_or(0, |position| position + 1);
            let latest = self.later[own].iter().filter_map(place).min().unwrap_or(order.len());
            let at = natural.max(earliest).min(latest);
            // Declarers that meet at one spot keep their own order.
            let at = order.first_above(at, 1, own).min(latest);
            order.insert(at, own, marks(own));
        }
        order.numbers()
    }
}

fn name_cycle<T: Ordered>(items: &[T], cycle: &[usize]) -> Cycle {
    // Starts at the name that sorts first, so that the message does not depend on the registration.
    let ring = &cycle[..cycle.len().saturating_sub(1)];
    let start = (0..ring.len()).min_by_key(|&at| items[ring[at]].plugin()).unwrap_or(0);
    let names = (0..=ring.len()).map(|step| items[ring[(start + step) % ring.len()]].plugin().clone());
    Cycle(names.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Item(PluginId, Options);

    impl Ordered for Item {
        fn plugin(&self) -> &PluginId {
            &self.0
        }
        fn options(&self) -> &Options {
            &self.1
        }
    }

    fn arranged(items: &[(&str, Options)]) -> Result<String, String> {
        let items = items.iter().map(|(name, options)| Item((*name).into(), options.clone())).collect();
        match arrange(items) {
            Ok(order) => Ok(order.iter().map(|item| item.0.as_str()).collect()),
            Err(Cycle(names)) => Err(names.join(">")),
        }
    }

    const PLAIN: Options = Options::new();

    #[test]
    fn a_declarer_with_before_moves_up_and_no_other_moves() {
        assert_eq!(arranged(&[("a", PLAIN), ("b", PLAIN), ("c", PLAIN.before(["a"]))]).unwrap(), "cab");
    }

    #[test]
    fn a_declarer_with_after_moves_down_and_no_other_moves() {
        assert_eq!(arranged(&[("a", PLAIN.after(["c"])), ("b", PLAIN), ("c", PLAIN)]).unwrap(), "bca");
    }

    #[test]
    fn a_satisfied_constraint_moves_nothing() {
        assert_eq!(arranged(&[("a", PLAIN.before(["c"])), ("b", PLAIN), ("c", PLAIN)]).unwrap(), "abc");
    }

    #[test]
    fn declarers_that_meet_keep_their_own_order() {
        let after = PLAIN.after(["c"]);
        assert_eq!(arranged(&[("a", after.clone()), ("b", after), ("c", PLAIN)]).unwrap(), "cab");
        let before = PLAIN.before(["a"]);
        assert_eq!(arranged(&[("a", PLAIN), ("b", before.clone()), ("c", before)]).unwrap(), "bca");
    }

    #[test]
    fn naming_nobody_that_is_there_declares_nothing() {
        let items = [("d", PLAIN.after(["c"])), ("a", PLAIN), ("c", PLAIN.after(["nobody"]))];
        assert_eq!(arranged(&items).unwrap(), "acd");
    }

    #[test]
    fn constraints_chain_through_other_declarers() {
        let items = [("a", PLAIN), ("b", PLAIN.before(["a"])), ("c", PLAIN.before(["b"]))];
        assert_eq!(arranged(&items).unwrap(), "cba");
    }

    #[test]
    fn an_order_that_only_moving_the_others_can_reach_is_found() {
        let items = [("b", PLAIN), ("a", PLAIN), ("x", PLAIN.after(["a"]).before(["b"]))];
        assert_eq!(arranged(&items).unwrap(), "axb");
    }

    #[test]
    fn a_cycle_is_named_from_its_smallest_name() {
        let items = [("c", PLAIN.before(["a"])), ("b", PLAIN.before(["c"])), ("a", PLAIN.before(["b"]))];
        assert_eq!(arranged(&items).unwrap_err(), "a>b>c>a");
        assert_eq!(arranged(&[("a", PLAIN.after(["a"]))]).unwrap_err(), "a>a");
    }

    #[test]
    fn absent_names_bind_nothing() {
        assert_eq!(arranged(&[("a", PLAIN.after(["zz"])), ("b", PLAIN)]).unwrap(), "ab");
    }

    /// The same moves, one declarer after the other in a plain list.
    fn moved_in_a_list(all: &Constraints) -> Vec<usize> {
        let (mut waiting, mut order): (Vec<_>, Vec<_>) =
            (0..all.declares.len()).partition(|&position| all.declares[position]);
        let mut waits = all.declares.clone();
        while !waiting.is_empty() {
            let stand = |own: usize| all.neighbours(own).all(|each| !waits[each]);
            let own = waiting.remove(waiting.iter().position(|&own| stand(own)).unwrap_or(0));
            waits[own] = false;
            let place = |index: &usize| order.iter().position(|other| other == index);
            let natural = order.iter().position(|&other| other > own).unwrap_or(order.len());
            let earliest = all.earlier[own].iter().filter_map(place).max().map_or(0, |at| at + 1);
            let latest = all.later[own].iter().filter_map(place).min().unwrap_or(order.len());
            let mut at = natural.max(earliest).min(latest);
            while at < latest && all.declares[order[at]] && order[at] < own {
                at += 1;
            }
            order.insert(at, own);
        }
        order
    }

    #[test]
    fn declarers_move_as_in_a_list() {
        let mut state = 7_u64;
        let mut next = |end: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % end
        };
        for _ in 0..3_000 {
            let count = 1 + next(12);
            let none = vec![Vec::new(); count];
            let mut all = Constraints { earlier: none.clone(), later: none, declares: vec![false; count] };
            for _ in 0..next(12) {
                let (one, other) = (next(count), next(count));
                all.declares[if next(2) == 0 { one } else { other }] = true;
                all.add(one, other);
            }
            assert_eq!(all.move_declarers(), moved_in_a_list(&all), "{:?} {:?}", all.earlier, all.declares);
        }
    }
}
