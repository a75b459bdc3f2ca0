//! The order of the extensions of one point.
//!
//! Wrappers stand before extensions; among either it is bucket first, then priority (higher first), then
//! registration. `before` and `after` bind on top: the extension that declares one moves, no further than it
//! must; the others keep their places.
#![forbid(unsafe_code)]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::implementation::{EXTRA, Role};
use crate::name::PluginId;
use crate::options::{Bucket, Options};

/// Where an extension or wrapper stands before `before` and `after` are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    role: Role,
    bucket: Bucket,
    priority: Reverse<i32>,
    /// The rank of the plugin among all of its manager.
    pub(crate) plugin: u64,
    /// The position among the plugin's own extensions.
    pub(crate) index: u32,
}

impl Place {
    pub(crate) fn new(role: Role, options: &Options, plugin: u64, index: u32) -> Self {
        Self { role, bucket: options.bucket, priority: Reverse(options.priority), plugin, index }
    }

    /// Whether both are of extensions of plugins, and nothing but their registration tells which comes first.
    pub(crate) fn ties(&self, other: &Self) -> bool {
        let declared = |place: &Self| (place.role, place.bucket, place.priority);
        self.role == Role::Extension
            && self.plugin != EXTRA
            && other.plugin != EXTRA
            && declared(self) == declared(other)
    }
}

/// What the order of one extension depends on.
pub(crate) trait Ordered {
    fn plugin(&self) -> &PluginId;
    fn options(&self) -> &Options;

    /// Whether a `before` or `after` with this name means it.
    fn answers_to(&self, name: &str) -> bool {
        self.plugin() == name
    }
}

/// Whether `before` or `after` of either wants `one` before `other`.
pub(crate) fn precedes<T: Ordered>(one: &T, other: &T) -> bool {
    one.options().before.iter().any(|name| other.answers_to(name))
        || other.options().after.iter().any(|name| one.answers_to(name))
}

/// The plugins of a cycle of `before` and `after`, in its order, the first one again at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cycle(pub(crate) Vec<PluginId>);

/// Puts `items`, which stand by [`Place`], into call order.
pub(crate) fn arrange<T: Ordered>(items: Vec<T>) -> Result<Vec<T>, Cycle> {
    arrange_keeping(items, &[])
}

/// The same, where of each of the pairs of positions in `kept` the first one's item must come before the second's.
pub(crate) fn arrange_keeping<T: Ordered>(items: Vec<T>, kept: &[(usize, usize)]) -> Result<Vec<T>, Cycle> {
    let declares = |item: &T| !item.options().before.is_empty() || !item.options().after.is_empty();
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

/// The order of positions under `edges`, pairs `(earlier, later)`, in which only those that declare something have
/// moved; or the positions of a cycle.
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
    /// Of each, whether it declares one that binds: who names nobody that is here declares nothing.
    declares: Vec<bool>,
}

impl Constraints {
    fn of<T: Ordered>(items: &[T]) -> Self {
        let names = |item: &T| item.options().before.iter().chain(item.options().after);
        // Looked up by name, as most name nobody and are named by nobody.
        let mut named: HashMap<&str, Vec<usize>> =
            items.iter().flat_map(names).map(|name| (*name, Vec::new())).collect();
        for (position, item) in items.iter().enumerate() {
            let name = item.plugin().as_str();
            if let Some(positions) = named.get_mut(name)
                && item.answers_to(name)
            {
                positions.push(position);
            }
        }
        let mut all = Self {
            earlier: vec![Vec::new(); items.len()],
            later: vec![Vec::new(); items.len()],
            declares: vec![false; items.len()],
        };
        for (own, item) in items.iter().enumerate() {
            let mut others: Vec<_> = names(item).flat_map(|name| &named[name]).copied().collect();
            others.sort_unstable();
            others.dedup();
            all.declares[own] = !others.is_empty();
            for other in others {
                let is_in = |names: &[&str]| names.iter().any(|name| items[other].answers_to(name));
                if is_in(item.options().before) {
                    all.add(own, other);
                }
                if is_in(item.options().after) {
                    all.add(other, own);
                }
            }
        }
        all
    }

    /// The order of all positions, or those of a cycle.
    fn order(&self) -> Result<Vec<usize>, Vec<usize>> {
        self.sort(&self.move_declarers())
    }

    fn add(&mut self, earlier: usize, later: usize) {
        self.earlier[later].push(earlier);
        self.later[earlier].push(later);
    }

    /// All positions, with each declarer moved next to what it named.
    fn move_declarers(&self) -> Vec<usize> {
        let (mut waiting, mut order): (Vec<_>, Vec<_>) =
            (0..self.declares.len()).partition(|&position| self.declares[position]);
        let mut waits = self.declares.clone();
        while !waiting.is_empty() {
            // One whose neighbours all stand already; in a tangle of declarers, the first.
            let stand =
                |own: usize| self.earlier[own].iter().chain(&self.later[own]).all(|&each| !waits[each]);
            let ready = waiting.iter().position(|&own| stand(own)).unwrap_or(0);
            let own = waiting.remove(ready);
            waits[own] = false;
            let place = |index: &usize| order.iter().position(|other| other == index);
            let natural = order.iter().position(|&other| other > own).unwrap_or(order.len());
            let earliest =
                self.earlier[own].iter().filter_map(place).max().map_or(0, |position| position + 1);
            let latest = self.later[own].iter().filter_map(place).min().unwrap_or(order.len());
            let mut at = natural.max(earliest).min(latest);
            // Declarers that meet at one spot keep their own order.
            while at < latest && self.declares[order[at]] && order[at] < own {
                at += 1;
            }
            order.insert(at, own);
        }
        order
    }

    /// The order closest to `preferred` that respects the constraints, or the positions of a cycle.
    fn sort(&self, preferred: &[usize]) -> Result<Vec<usize>, Vec<usize>> {
        let mut ranks = vec![0; preferred.len()];
        for (rank, &own) in preferred.iter().enumerate() {
            ranks[own] = rank;
        }
        let mut blockers: Vec<_> = self.earlier.iter().map(Vec::len).collect();
        let free = preferred.iter().filter(|&&own| blockers[own] == 0);
        let mut free: BinaryHeap<_> = free.map(|&own| Reverse(ranks[own])).collect();
        let mut order = Vec::with_capacity(preferred.len());
        let mut is_left = vec![true; preferred.len()];
        while let Some(Reverse(rank)) = free.pop() {
            let own = preferred[rank];
            order.push(own);
            is_left[own] = false;
            for &later in &self.later[own] {
                blockers[later] -= 1;
                if blockers[later] == 0 {
                    free.push(Reverse(ranks[later]));
                }
            }
        }
        let Some(&first) = preferred.iter().find(|&&own| is_left[own]) else { return Ok(order) };
        // Everything left waits for something left, so walking back must meet itself.
        let blocker = |own: usize| self.earlier[own].iter().copied().find(|&each| is_left[each]);
        let mut path = vec![first];
        while let Some(earlier) = path.last().and_then(|&own| blocker(own)) {
            if let Some(start) = path.iter().position(|&seen| seen == earlier) {
                let mut cycle = path.split_off(start);
                cycle.push(earlier);
                cycle.reverse();
                return Err(cycle);
            }
            path.push(earlier);
        }
        Err(path)
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
        let items = items.iter().map(|(name, options)| Item((*name).into(), *options)).collect();
        match arrange(items) {
            Ok(order) => Ok(order.iter().map(|item| item.0.as_str()).collect()),
            Err(Cycle(names)) => Err(names.join(">")),
        }
    }

    const PLAIN: Options = Options::new();

    #[test]
    fn a_declarer_with_before_moves_up_and_no_other_moves() {
        assert_eq!(arranged(&[("a", PLAIN), ("b", PLAIN), ("c", PLAIN.before(&["a"]))]).unwrap(), "cab");
    }

    #[test]
    fn a_declarer_with_after_moves_down_and_no_other_moves() {
        assert_eq!(arranged(&[("a", PLAIN.after(&["c"])), ("b", PLAIN), ("c", PLAIN)]).unwrap(), "bca");
    }

    #[test]
    fn a_satisfied_constraint_moves_nothing() {
        assert_eq!(arranged(&[("a", PLAIN.before(&["c"])), ("b", PLAIN), ("c", PLAIN)]).unwrap(), "abc");
    }

    #[test]
    fn declarers_that_meet_keep_their_own_order() {
        let after = PLAIN.after(&["c"]);
        assert_eq!(arranged(&[("a", after), ("b", after), ("c", PLAIN)]).unwrap(), "cab");
        let before = PLAIN.before(&["a"]);
        assert_eq!(arranged(&[("a", PLAIN), ("b", before), ("c", before)]).unwrap(), "bca");
    }

    #[test]
    fn naming_nobody_that_is_there_declares_nothing() {
        let items = [("d", PLAIN.after(&["c"])), ("a", PLAIN), ("c", PLAIN.after(&["nobody"]))];
        assert_eq!(arranged(&items).unwrap(), "acd");
    }

    #[test]
    fn constraints_chain_through_other_declarers() {
        let items = [("a", PLAIN), ("b", PLAIN.before(&["a"])), ("c", PLAIN.before(&["b"]))];
        assert_eq!(arranged(&items).unwrap(), "cba");
    }

    #[test]
    fn an_order_that_only_moving_the_others_can_reach_is_found() {
        let items = [("b", PLAIN), ("a", PLAIN), ("x", PLAIN.after(&["a"]).before(&["b"]))];
        assert_eq!(arranged(&items).unwrap(), "axb");
    }

    #[test]
    fn a_cycle_is_named_from_its_smallest_name() {
        let items = [("c", PLAIN.before(&["a"])), ("b", PLAIN.before(&["c"])), ("a", PLAIN.before(&["b"]))];
        assert_eq!(arranged(&items).unwrap_err(), "a>b>c>a");
        assert_eq!(arranged(&[("a", PLAIN.after(&["a"]))]).unwrap_err(), "a>a");
    }

    #[test]
    fn absent_names_bind_nothing() {
        assert_eq!(arranged(&[("a", PLAIN.after(&["zz"])), ("b", PLAIN)]).unwrap(), "ab");
    }
}
