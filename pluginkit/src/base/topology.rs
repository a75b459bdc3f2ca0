//! Things that depend on each other: [`sort`] puts them in order, [`reach`] finds all that some depend on.
#![forbid(unsafe_code)]

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// Why some things cannot be put in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Circular {
    /// Those that can, in order.
    pub(crate) placed: Vec<usize>,
    /// Some of those that cannot, each of which waits for the next, the first again at the end.
    pub(crate) ring: Vec<usize>,
}

/// Puts the numbers in `preferred` in order, each after those it `waits` for; where that leaves a choice, the one that
/// is preferred comes first.
///
/// `preferred` has every number below its length once. It takes `n log n` for the numbers, and one step for each wait.
pub(crate) fn sort(waits: &[Vec<usize>], preferred: &[usize]) -> Result<Vec<usize>, Circular> {
    let mut ranks = vec![0; preferred.len()];
    let mut waiting = vec![Vec::new(); preferred.len()];
    for (rank, &own) in preferred.iter().enumerate() {
        ranks[own] = rank;
        for &other in &waits[own] {
            waiting[other].push(own);
        }
    }
    let mut left: Vec<_> = waits.iter().map(Vec::len).collect();
    let free = preferred.iter().filter(|&&own| left[own] == 0);
    let mut free: BinaryHeap<_> = free.map(|&own| Reverse(ranks[own])).collect();
    let mut placed = Vec::with_capacity(preferred.len());
    while let Some(Reverse(rank)) = free.pop() {
        let own = preferred[rank];
        placed.push(own);
        for &other in &waiting[own] {
            left[other] -= 1;
            if left[other] == 0 {
                free.push(Reverse(ranks[other]));
            }
        }
    }
    match preferred.iter().find(|&&own| left[own] > 0) {
        None => Ok(placed),
        Some(&first) => Err(Circular { placed, ring: ring(waits, &left, first) }),
    }
}

/// Returns a ring among the numbers that still wait, each for the next one. The search begins at `first`.
fn ring(waits: &[Vec<usize>], left: &[usize], first: usize) -> Vec<usize> {
    let mut path = vec![first];
    let mut places = vec![None; left.len()];
    places[first] = Some(0);
    while let Some(&own) = path.last() {
        let Some(&next) = waits[own].iter().find(|&&other| left[other] > 0) else { break };
        if let Some(start) = places[next] {
            path.drain(..start);
            path.push(next);
            break;
        }
        places[next] = Some(path.len());
        path.push(next);
    }
    path
}

/// Returns `from` and all that `next` leads to from there, directly or through others.
pub fn reach<T, I>(from: impl IntoIterator<Item = T>, mut next: impl FnMut(&T) -> I) -> BTreeSet<T>
where
    T: Ord + Clone,
    I: IntoIterator<Item = T>,
{
    let mut open: Vec<T> = from.into_iter().collect();
    let mut reached = BTreeSet::new();
    while let Some(own) = open.pop() {
        if reached.insert(own.clone()) {
            open.extend(next(&own));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_after_those_it_waits_for_and_else_as_preferred() {
        let waits = [vec![2], vec![], vec![], vec![0, 1]];
        assert_eq!(sort(&waits, &[0, 1, 2, 3]), Ok(vec![1, 2, 0, 3]));
        assert_eq!(sort(&waits, &[3, 2, 1, 0]), Ok(vec![2, 1, 0, 3]));
        assert_eq!(sort(&[], &[]), Ok(vec![]));
    }

    #[test]
    fn all_that_edges_lead_to_is_reached_once() {
        let edges = [vec![1, 2], vec![2], vec![1], vec![0]];
        let mut asked = Vec::new();
        let reached = reach([0], |&own: &usize| {
            asked.push(own);
            edges[own].clone()
        });
        assert_eq!(reached, BTreeSet::from([0, 1, 2]));
        assert_eq!(asked.len(), 3);
        assert!(reach([], |_: &usize| [0]).is_empty());
    }

    #[test]
    fn a_ring_is_found_behind_those_that_wait_for_it() {
        let waits = [vec![1], vec![2], vec![3], vec![2], vec![]];
        let circular = sort(&waits, &[0, 1, 2, 3, 4]).unwrap_err();
        assert_eq!(circular, Circular { placed: vec![4], ring: vec![2, 3, 2] });
        assert_eq!(sort(&[vec![0]], &[0]).unwrap_err().ring, [0, 0]);
    }
}
