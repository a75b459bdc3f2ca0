//! [`Sequence::make_room`]: an order that changes as little as it must to keep to one more dependency.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::base::sequence::Sequence;

/// The numbers on both sides of a place in a sequence.
pub(crate) struct Ends {
    /// Numbers that must stand behind the place that is made.
    pub(crate) behind: Vec<usize>,
    /// Numbers that must stand ahead of it.
    pub(crate) ahead: Vec<usize>,
}

impl Sequence {
    /// Moves what must stand behind a place after the last of `within`, or what must stand ahead of it before the first,
    /// whichever of the two is found first to be all. Returns the position between them; `None`, and changes nothing, if
    /// something must stand on both sides.
    ///
    /// `neighbours` returns what must come later than a number, or earlier. Only what is between the ends is looked at.
    pub(crate) fn make_room(
        &mut self,
        within: RangeInclusive<usize>,
        ends: Ends,
        neighbours: impl Fn(usize, bool) -> Vec<usize>,
    ) -> Option<usize> {
        let (first, last) = (*within.start(), *within.end());
        let mut behind = Search::new(self, &within, true, ends.behind);
        let mut ahead = Search::new(self, &within, false, ends.ahead);
        let moves_behind = loop {
            if behind.open.is_empty() {
                break true;
            }
            if ahead.open.is_empty() {
                break false;
            }
            let (search, other) =
                if behind.steps <= ahead.steps { (&mut behind, &ahead) } else { (&mut ahead, &behind) };
            let Some(next) = search.open.pop() else { continue };
            if other.found.contains(&next) {
                return None;
            }
            search.look_at(self, &within, neighbours(next, search.later));
        };
        let found = if moves_behind { behind.found } else { ahead.found };
        let mut moved: Vec<_> =
            found.into_iter().filter_map(|number| Some((self.position(number)?, number))).collect();
        moved.sort_unstable();
        for &(_, number) in &moved {
            self.remove(number);
        }
        let start = if moves_behind { last + 1 - moved.len() } else { first };
        for (offset, &(_, number)) in moved.iter().enumerate() {
            self.insert(start + offset, number, [0; 2]);
        }
        Some(if moves_behind { start } else { start + moved.len() })
    }
}

/// The numbers that must come later than a place, or earlier, as far as they are between two positions.
struct Search {
    later: bool,
    found: BTreeSet<usize>,
    open: Vec<usize>,
    /// The number of steps it has taken.
    steps: usize,
}

impl Search {
    fn new(order: &Sequence, within: &RangeInclusive<usize>, later: bool, from: Vec<usize>) -> Self {
        let mut search = Self { later, found: BTreeSet::new(), open: Vec::new(), steps: 0 };
        search.look_at(order, within, from);
        search
    }

    fn look_at(&mut self, order: &Sequence, within: &RangeInclusive<usize>, numbers: Vec<usize>) {
        for number in numbers {
            self.steps += 1;
            let is_within = order.position(number).is_some_and(|at| within.contains(&at));
            if is_within && self.found.insert(number) {
                self.open.push(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(edges: &[(usize, usize)], one: usize, other: usize) -> Option<Vec<usize>> {
        let mut order = Sequence::of(&[(0, [0; 2]), (1, [0; 2]), (2, [0; 2]), (3, [0; 2])]);
        let neighbours = |own, later| {
            let pair = |&(one, other): &(usize, usize)| if later { (one, other) } else { (other, one) };
            edges.iter().map(pair).filter(|(from, _)| *from == own).map(|(_, to)| to).collect()
        };
        let ends = Ends { behind: vec![other], ahead: vec![one] };
        order.make_room(other..=one, ends, neighbours)?;
        Some(order.numbers())
    }

    #[test]
    fn the_side_that_is_found_first_moves_and_keeps_its_order() {
        assert_eq!(order(&[], 3, 0).unwrap(), [1, 2, 3, 0]);
        assert_eq!(order(&[(0, 1), (0, 2)], 3, 0).unwrap(), [3, 0, 1, 2]);
        assert_eq!(order(&[(0, 2), (1, 3)], 3, 0).unwrap(), [1, 3, 0, 2]);
    }

    #[test]
    fn what_must_stand_on_both_sides_leaves_no_room() {
        assert_eq!(order(&[(0, 1), (1, 3)], 3, 0), None);
        assert_eq!(order(&[], 2, 2), None);
    }
}
