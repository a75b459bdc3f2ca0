//! The order of the extensions of one point.
//!
//! Bucket first, then priority (higher first), then registration. `before` and `after` bind on top:
//! the extension that declares one moves, no further than it must; the others keep their places.
#![forbid(unsafe_code)]

use std::cmp::Reverse;

use crate::name::PluginId;
use crate::options::{Bucket, Options};

/// Where an extension stands before `before` and `after` are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    bucket: Bucket,
    priority: Reverse<i32>,
    /// The registration of the plugin, counted over the manager's life.
    pub(crate) plugin: u64,
    /// The position among the plugin's own extensions.
    pub(crate) index: u32,
}

impl Place {
    pub(crate) fn new(options: &Options, plugin: u64, index: u32) -> Self {
        Self { bucket: options.bucket, priority: Reverse(options.priority), plugin, index }
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

/// The plugins of a cycle of `before` and `after`, in its order, the first one again at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cycle(pub(crate) Vec<PluginId>);

/// Puts `items`, which stand by [`Place`], into call order.
pub(crate) fn arrange<T: Ordered>(items: Vec<T>) -> Result<Vec<T>, Cycle> {
    if items.iter().all(|item| item.options().before.is_empty() && item.options().after.is_empty()) {
        return Ok(items);
    }
    let edges = edges(&items);
    // Who names nobody that is here declares nothing.
    let declares = |own: usize| {
        let options = items[own].options();
        let named = |other: &T| options.before.iter().chain(options.after).any(|name| other.answers_to(name));
        items.iter().any(named)
    };
    let order =
        arrange_positions(items.len(), declares, &edges).map_err(|cycle| name_cycle(&items, &cycle))?;
    let mut slots: Vec<Option<T>> = items.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|index| slots[index].take()).collect())
}

/// The order of `count` positions under `edges`, pairs `(earlier, later)`, in which only those that `declares`
/// says have moved; or the positions of a cycle.
pub(crate) fn arrange_positions(
    count: usize,
    declares: impl Fn(usize) -> bool,
    edges: &[(usize, usize)],
) -> Result<Vec<usize>, Vec<usize>> {
    stable_topological(&move_declarers(count, declares, edges), edges)
}

/// Pairs `(earlier, later)` of positions, one for each constraint between two of `items`.
fn edges<T: Ordered>(items: &[T]) -> Vec<(usize, usize)> {
    let mut edges = Vec::new();
    for (own, item) in items.iter().enumerate() {
        let named = |names: &[&str], other: &T| names.iter().any(|name| other.answers_to(name));
        for (other, candidate) in items.iter().enumerate() {
            if named(item.options().before, candidate) {
                edges.push((own, other));
            }
            if named(item.options().after, candidate) {
                edges.push((other, own));
            }
        }
    }
    edges
}

/// The positions with each declarer moved next to what it named.
fn move_declarers(count: usize, declares: impl Fn(usize) -> bool, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).filter(|&index| !declares(index)).collect();
    let mut waiting: Vec<usize> = (0..count).filter(|&index| declares(index)).collect();
    while !waiting.is_empty() {
        // One whose neighbours all stand already; in a tangle of declarers, the first.
        let ready = waiting
            .iter()
            .position(|&own| {
                edges.iter().all(|&(earlier, later)| {
                    (earlier != own || !waiting.contains(&later))
                        && (later != own || !waiting.contains(&earlier))
                })
            })
            .unwrap_or(0);
        let own = waiting.remove(ready);
        let place = |index: usize| order.iter().position(|&other| other == index);
        let natural = order.iter().position(|&other| other > own).unwrap_or(order.len());
        let earliest = edges
            .iter()
            .filter(|edge| edge.1 == own)
            .filter_map(|edge| place(edge.0))
            .max()
            .map_or(0, |position| position + 1);
        let latest = edges.iter().filter(|edge| edge.0 == own).filter_map(|edge| place(edge.1)).min();
        let latest = latest.unwrap_or(order.len());
        let mut at = natural.max(earliest).min(latest);
        // Declarers that meet at one spot keep their own order.
        while at < latest && declares(order[at]) && order[at] < own {
            at += 1;
        }
        order.insert(at, own);
    }
    order
}

/// The order closest to `preferred` that respects `edges`, or the positions of a cycle.
fn stable_topological(preferred: &[usize], edges: &[(usize, usize)]) -> Result<Vec<usize>, Vec<usize>> {
    let mut left: Vec<usize> = preferred.to_vec();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let blocked = |own: usize| edges.iter().find(|edge| edge.1 == own && left.contains(&edge.0));
        match left.iter().position(|&own| blocked(own).is_none()) {
            Some(free) => order.push(left.remove(free)),
            None => {
                // Everything left waits for something left, so walking back must meet itself.
                let mut path = vec![left[0]];
                while let Some(&(earlier, _)) = path.last().and_then(|&own| blocked(own)) {
                    if let Some(start) = path.iter().position(|&seen| seen == earlier) {
                        let mut cycle = path.split_off(start);
                        cycle.push(earlier);
                        cycle.reverse();
                        return Err(cycle);
                    }
                    path.push(earlier);
                }
                return Err(path);
            }
        }
    }
    Ok(order)
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
