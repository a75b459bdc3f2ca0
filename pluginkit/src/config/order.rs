//! The order of a group: by priority, then by place, with `before` and `after` on top.
#![forbid(unsafe_code)]

use std::cmp::Reverse;
use std::collections::HashMap;

use super::reference::PluginRef;
use crate::base::make_room::Ends;
use crate::base::sequence::Sequence;
use crate::base::topology;
use crate::spec::order::arrange_positions;

/// The properties that the order of an entry depends on.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) reference: &'a PluginRef,
    pub(super) priority: i32,
    pub(super) before: &'a [PluginRef],
    pub(super) after: &'a [PluginRef],
    /// The age of the wish. Of two that contradict each other, the later one wins.
    pub(super) rank: usize,
}

/// The order of a group, and the first wish that the later ones leave no room for.
pub(super) struct Arranged {
    /// Positions among the wishes.
    pub(super) order: Vec<usize>,
    pub(super) contradicted: Option<usize>,
}

pub(super) fn arrange(wishes: &[Wish<'_>]) -> Arranged {
    let mut by_priority: Vec<usize> = (0..wishes.len()).collect();
    by_priority.sort_by_key(|&index| Reverse(wishes[index].priority));
    let declares = |index: usize| !(wishes[index].before.is_empty() && wishes[index].after.is_empty());
    if !(0..wishes.len()).any(declares) {
        return Arranged { order: by_priority, contradicted: None };
    }
    let sorted: Vec<Wish<'_>> = by_priority.iter().map(|&index| wishes[index]).collect();
    let mut places = HashMap::new();
    for (place, wish) in sorted.iter().enumerate() {
        places.entry(wish.reference.as_str()).or_insert(place);
    }
    let (edges, contradicted) = edges(&sorted, &places);
    let bound =
        |wish: &Wish<'_>| wish.before.iter().chain(wish.after).any(|name| places.contains_key(name.as_str()));
    let order = match arrange_positions(sorted.iter().map(bound).collect(), &edges) {
        Ok(order) => order.into_iter().map(|index| by_priority[index]).collect(),
        // `edges` has no cycle.
        Err(_) => by_priority.clone(),
    };
    Arranged { order, contradicted: contradicted.map(|index| by_priority[index]) }
}

/// Something that comes before something else.
type Edge = (usize, usize);

/// Pairs `(earlier, later)` without a cycle, from the latest wish to the earliest.
fn edges(wishes: &[Wish<'_>], places: &HashMap<&str, usize>) -> (Vec<Edge>, Option<usize>) {
    let mut latest_first: Vec<usize> = (0..wishes.len()).collect();
    latest_first.sort_by_key(|&index| Reverse(wishes[index].rank));
    let place = |name: &PluginRef| places.get(name.as_str()).copied();
    let mut wished: Vec<(usize, Edge)> = Vec::new();
    for own in latest_first {
        let before = wishes[own].before.iter().filter_map(place).map(|other| (own, (own, other)));
        let after = wishes[own].after.iter().filter_map(place).map(|other| (own, (other, own)));
        wished.extend(before.chain(after));
    }
    let (at_once, mut graph) = Acyclic::first_of(wishes.len(), &wished);
    let mut edges: Vec<Edge> = wished[..at_once].iter().map(|wish| wish.1).collect();
    let mut contradicted = None;
    for &(own, edge) in &wished[at_once..] {
        if graph.add(edge) {
            edges.push(edge);
        } else {
            contradicted.get_or_insert(own);
        }
    }
    (edges, contradicted)
}

/// Edges without a cycle, and an order that keeps to them.
struct Acyclic {
    later: Vec<Vec<usize>>,
    earlier: Vec<Vec<usize>>,
    order: Sequence,
}

impl Acyclic {
    /// As many of the first edges as have no cycle, and how many that are. It is found by halving, so that a
    /// configuration without a contradiction takes one look.
    fn first_of(count: usize, wished: &[(usize, Edge)]) -> (usize, Self) {
        let (mut most, mut least) = (wished.len(), 0);
        let mut tried = most;
        loop {
            let (mut later, mut earlier) = (vec![Vec::new(); count], vec![Vec::new(); count]);
            for &(_, (one, other)) in &wished[..tried] {
                later[one].push(other);
                earlier[other].push(one);
            }
            let preferred: Vec<_> = (0..count).collect();
            match topology::sort(&earlier, &preferred) {
                Ok(order) if tried == most => {
                    let order: Vec<_> = order.into_iter().map(|own| (own, [0; 2])).collect();
                    return (tried, Self { later, earlier, order: Sequence::of(&order) });
                }
                Ok(_) => least = tried,
                Err(_) => most = tried - 1,
            }
            tried = (least + most).div_ceil(2);
        }
    }

    /// Adds an edge, unless it would close a cycle. Only what stands between its ends is looked at and moved.
    fn add(&mut self, (one, other): Edge) -> bool {
        let (Some(from), Some(to)) = (self.order.position(other), self.order.position(one)) else {
            return false;
        };
        if from <= to {
            let ends = Ends { behind: vec![other], ahead: vec![one] };
            let edges = |own: usize, later| if later { &self.later } else { &self.earlier }[own].clone();
            if self.order.make_room(from..=to, ends, edges).is_none() {
                return false;
            }
        }
        self.later[one].push(other);
        self.earlier[other].push(one);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the edges of `wished` that are kept, each looked at after the ones before.
    fn kept(count: usize, wished: &[(usize, Edge)]) -> Vec<Edge> {
        let mut later: Vec<Vec<usize>> = vec![Vec::new(); count];
        let mut kept = Vec::new();
        for &(_, (one, other)) in wished {
            if !topology::reach([other], |&own| later[own].clone()).contains(&one) {
                later[one].push(other);
                kept.push((one, other));
            }
        }
        kept
    }

    #[test]
    fn the_edges_that_close_a_cycle_with_earlier_ones_are_left_out() {
        let mut state = 7_u64;
        let mut next = |end: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % end
        };
        for _ in 0..2_000 {
            let count = 1 + next(8);
            let wished: Vec<_> = (0..next(14)).map(|own| (own, (next(count), next(count)))).collect();
            let (at_once, mut graph) = Acyclic::first_of(count, &wished);
            let mut edges: Vec<_> = wished[..at_once].iter().map(|wish| wish.1).collect();
            edges.extend(wished[at_once..].iter().map(|wish| wish.1).filter(|&edge| graph.add(edge)));
            assert_eq!(edges, kept(count, &wished), "{wished:?}");
        }
    }
}
