//! The order of a group: by priority, then by place, with `before` and `after` on top.
#![forbid(unsafe_code)]

use std::cmp::Reverse;

use super::reference::PluginRef;
use crate::order::arrange_positions;

/// What the order of an entry depends on.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) reference: &'a PluginRef,
    pub(super) priority: i32,
    pub(super) before: &'a [PluginRef],
    pub(super) after: &'a [PluginRef],
    /// How late the wish was said; the later one wins where two contradict each other.
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
    let (edges, contradicted) = edges(&sorted);
    let bound = |index: usize| {
        let wish = sorted[index];
        let named =
            |other: &Wish<'_>| wish.before.iter().chain(wish.after).any(|name| name == other.reference);
        sorted.iter().any(named)
    };
    let order = match arrange_positions((0..sorted.len()).map(bound).collect(), &edges) {
        Ok(order) => order.into_iter().map(|index| by_priority[index]).collect(),
        // `edges` has no cycle.
        Err(_) => by_priority.clone(),
    };
    Arranged { order, contradicted: contradicted.map(|index| by_priority[index]) }
}

/// Pairs `(earlier, later)` without a cycle, from the latest wish to the earliest.
fn edges(wishes: &[Wish<'_>]) -> (Vec<(usize, usize)>, Option<usize>) {
    let mut latest_first: Vec<usize> = (0..wishes.len()).collect();
    latest_first.sort_by_key(|&index| Reverse(wishes[index].rank));
    let mut edges: Vec<(usize, usize)> = Vec::new();
    let mut contradicted = None;
    let position = |name: &PluginRef| wishes.iter().position(|wish| wish.reference == name);
    for own in latest_first {
        let before = wishes[own].before.iter().filter_map(position).map(|other| (own, other));
        let after = wishes[own].after.iter().filter_map(position).map(|other| (other, own));
        for edge in before.chain(after) {
            if leads(&edges, edge.1, edge.0) {
                contradicted.get_or_insert(own);
            } else {
                edges.push(edge);
            }
        }
    }
    (edges, contradicted)
}

/// Whether `to` comes after `from` by `edges`, or is it.
fn leads(edges: &[(usize, usize)], from: usize, to: usize) -> bool {
    let mut reached = vec![from];
    let mut next = 0;
    while let Some(&at) = reached.get(next) {
        if at == to {
            return true;
        }
        for &(earlier, later) in edges {
            if earlier == at && !reached.contains(&later) {
                reached.push(later);
            }
        }
        next += 1;
    }
    false
}
