//! [`Known`]: finds the known name that a wrong one probably means, and the names that a message lists.
#![forbid(unsafe_code)]

use std::cell::Cell;
use std::fmt;

/// The greatest number of names that a message lists.
pub(crate) const LISTED: usize = 8;

/// The greatest number of wrong letters.
const FURTHEST: usize = 3;

/// Longer names come from no hand, and the comparison takes a time that grows with their length.
const LONGEST: usize = 100;

/// Returns the candidate that `name` probably means: the closest, the first of several, or none if all are far from
/// it.
#[cfg(feature = "config")]
pub(crate) fn closest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    Known::new(candidates).closest(name)
}

/// The least number of names that are compared with all known ones. Each comparison takes time in proportion to the
/// known names.
const COMPARED: usize = 32;

/// The least number of comparisons of two names, if few names are known.
const COMPARISONS: usize = 1_000;

/// Known names, made ready to be compared with others: with so many that the time stays linear in the known ones. Of
/// further names it is not told which they were meant to be.
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub struct Known<'n> {
    candidates: Vec<Candidate<'n>>,
    /// The number of comparisons that are left.
    left: Cell<usize>,
}

struct Candidate<'n> {
    name: &'n str,
    length: usize,
    normal: Normal,
}

/// A name without what people mix up.
struct Normal {
    letters: Vec<char>,
    /// Which letters it has, in short.
    set: u64,
}

impl Normal {
    fn of(name: &str) -> Self {
        let letters: Vec<char> = normal_form(name).chars().collect();
        let set = letters.iter().fold(0, |set, &letter| set | 1 << (letter as u32 % 64));
        Self { letters, set }
    }

    /// Returns the distance to another name, unless it is more than `limit`.
    fn distance(&self, other: &Self, limit: usize) -> Option<usize> {
        // Each mistake takes away a letter, adds one, or both.
        let apart = (self.set ^ other.set).count_ones() as usize;
        let longer = self.letters.len().abs_diff(other.letters.len());
        let possible = apart <= 2 * limit && longer <= limit;
        possible.then(|| distance(&self.letters, &other.letters, limit)).flatten()
    }

    /// Returns the number of letters that may be wrong in a name that means it.
    fn allowed(&self) -> Option<usize> {
        let length = self.letters.len();
        (1..=LONGEST).contains(&length).then(|| length.div_ceil(3).min(FURTHEST))
    }
}

impl<'n> Known<'n> {
    /// Returns `names`, for the comparison with a wrong name.
    pub fn new(names: impl IntoIterator<Item = &'n str>) -> Self {
        let candidate = |name: &'n str| {
            let length = name.chars().count();
            // A name that is too long is far from all others.
            let normal =
                if length > 2 * LONGEST { Normal { letters: Vec::new(), set: 0 } } else { Normal::of(name) };
            Candidate { name, length, normal }
        };
        let candidates: Vec<_> = names.into_iter().map(candidate).collect();
        let left = Cell::new((COMPARED * candidates.len()).max(COMPARISONS));
        Self { candidates, left }
    }

    /// Returns whether another name is still compared with the known ones.
    fn is_compared(&self) -> bool {
        let left = self.left.get().checked_sub(self.candidates.len());
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Returns the name that `name` probably means: the closest, the first of several, or none if all are far from it.
    pub fn closest(&self, name: &str) -> Option<&'n str> {
        if !self.is_compared() {
            return None;
        }
        let normal = Normal::of(name);
        let length = name.chars().count();
        let mut limit = normal.allowed()?;
        let mut best = None;
        for candidate in &self.candidates {
            if candidate.name == name || candidate.length.abs_diff(length) > FURTHEST {
                continue;
            }
            if let Some(distance) = normal.distance(&candidate.normal, limit) {
                best = Some(candidate.name);
                // The next must be closer.
                match distance.checked_sub(1) {
                    Some(closer) => limit = closer,
                    None => break,
                }
            }
        }
        best
    }

    /// Returns the names to list in a message on an unknown `name`: all of a few, or the closest of many. Where few
    /// are close, the first follow.
    pub fn nearest(&self, name: &str) -> Listed<&'n str> {
        if !self.is_compared() {
            return Listed::first(self.candidates.iter().map(|candidate| candidate.name));
        }
        let normal = Normal::of(name);
        let allowed = normal.allowed();
        let mut all: Vec<_> = (0..self.candidates.len()).collect();
        if all.len() > LISTED {
            let far = |own: usize| {
                let distance = allowed.and_then(|limit| normal.distance(&self.candidates[own].normal, limit));
                (distance.unwrap_or(usize::MAX), own)
            };
            let mut ranked: Vec<_> = all.iter().map(|&own| far(own)).collect();
            ranked.select_nth_unstable(LISTED);
            ranked.truncate(LISTED);
            ranked.sort_unstable();
            all = ranked.into_iter().map(|(_, own)| own).collect();
        }
        let others = self.candidates.len() - all.len();
        Listed { names: all.into_iter().map(|own| self.candidates[own].name).collect(), others }
    }
}

/// Some names, of which a message tells how many more there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<N> {
    pub(crate) names: Vec<N>,
    pub(crate) others: usize,
}

impl<N> Listed<N> {
    /// Returns the first of `names`.
    pub(crate) fn first(names: impl ExactSizeIterator<Item = N>) -> Self {
        let others = names.len().saturating_sub(LISTED);
        Self { names: names.take(LISTED).collect(), others }
    }
}

#[cfg(feature = "config")]
impl Listed<&str> {
    /// Returns the same with each name in quotes.
    pub fn quoted(&self) -> Listed<String> {
        Listed { names: self.names.iter().map(|name| format!("`{name}`")).collect(), others: self.others }
    }
}

impl<N: fmt::Display> fmt::Display for Listed<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.names.iter().enumerate() {
            let gap = if at == 0 { "" } else { ", " };
            write!(f, "{gap}{name}")?;
        }
        match (self.names.is_empty(), self.others) {
            (true, _) => f.write_str("none"),
            (false, 0) => Ok(()),
            (false, 1) => f.write_str(" and 1 other"),
            (false, others) => write!(f, " and {others} others"),
        }
    }
}

/// Returns a name without case, and without the `-` and `_` between words.
pub(crate) fn normal_form(name: &str) -> String {
    let letters = name.chars().filter(|character| !matches!(character, '-' | '_'));
    letters.flat_map(char::to_lowercase).collect()
}

/// Returns the number of insertions, removals, replacements and swaps of neighbours between two names, unless it is
/// more than `limit`.
fn distance(left: &[char], right: &[char], limit: usize) -> Option<usize> {
    // Names that are close have most at their ends in common.
    let same = left.iter().zip(right).take_while(|(one, other)| one == other).count();
    let (left, right) = (&left[same..], &right[same..]);
    let same = left.iter().rev().zip(right.iter().rev()).take_while(|(one, other)| one == other).count();
    let (left, right) = (&left[..left.len() - same], &right[..right.len() - same]);
    let far = limit + 1;
    let width = right.len() + 1;
    let (mut before, mut above, mut current) =
        (vec![far; width], (0..width).collect::<Vec<_>>(), vec![far; width]);
    let mut least_above = 0;
    for row in 1..=left.len() {
        current.fill(far);
        current[0] = row.min(far);
        let mut least_here = current[0];
        // Further from the diagonal all is further than the limit.
        for column in row.saturating_sub(limit).max(1)..=(row + limit).min(right.len()) {
            let same = left[row - 1] == right[column - 1];
            let mut least = (above[column - 1] + usize::from(!same)).min(above[column] + 1);
            least = least.min(current[column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1];
            if swapped {
                least = least.min(before[column - 2] + 1);
            }
            current[column] = least;
            least_here = least_here.min(least);
        }
        if least_here > limit && least_above > limit {
            return None;
        }
        least_above = least_here;
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut current);
    }
    Some(above[right.len()]).filter(|&distance| distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
        Known::new(candidates).closest(name)
    }

    #[test]
    fn the_closest_name_is_found() {
        assert_eq!(closest("max_request", ["window", "max_requests"]), Some("max_requests"));
        assert_eq!(closest("maxRequests", ["max_requests"]), Some("max_requests"));
        assert_eq!(closest("prot", ["host", "port"]), Some("port"));
        assert_eq!(closest("abcdefgh", ["abcdefghij", "abcdefghi", "abcdefghk"]), Some("abcdefghi"));
    }

    #[test]
    fn what_is_far_from_all_names_is_none_of_them() {
        assert_eq!(closest("colour", ["window", "port"]), None);
        assert_eq!(closest("", ["a"]), None);
        assert_eq!(closest("ab", ["xy"]), None);
    }

    /// The number of mistakes between two names, without any limit.
    fn whole_distance(left: &[char], right: &[char]) -> usize {
        let mut rows = vec![(0..=right.len()).collect::<Vec<_>>()];
        for row in 1..=left.len() {
            let mut current = vec![row];
            for column in 1..=right.len() {
                let same = left[row - 1] == right[column - 1];
                let mut least = rows[row - 1][column - 1] + usize::from(!same);
                least = least.min(rows[row - 1][column] + 1).min(current[column - 1] + 1);
                if row > 1
                    && column > 1
                    && left[row - 1] == right[column - 2]
                    && left[row - 2] == right[column - 1]
                {
                    least = least.min(rows[row - 2][column - 2] + 1);
                }
                current.push(least);
            }
            rows.push(current);
        }
        rows[left.len()][right.len()]
    }

    #[test]
    fn a_limit_hides_only_what_is_beyond_it() {
        let mut state = 7_u64;
        let mut word = || -> Vec<char> {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state >> 33
            };
            (0..next() % 8).map(|_| if next() % 3 == 0 { 'a' } else { 'b' }).collect()
        };
        for _ in 0..3_000 {
            let (left, right) = (word(), word());
            let whole = whole_distance(&left, &right);
            for limit in 0..5 {
                assert_eq!(
                    distance(&left, &right, limit),
                    (whole <= limit).then_some(whole),
                    "{left:?} {right:?}"
                );
                let (one, two): (String, String) = (left.iter().collect(), right.iter().collect());
                assert_eq!(
                    Normal::of(&one).distance(&Normal::of(&two), limit),
                    (whole <= limit).then_some(whole)
                );
            }
        }
    }

    #[test]
    fn so_many_names_are_compared_that_the_time_is_linear_in_the_known_ones() {
        let names: Vec<String> = (0..100).map(|number| format!("plugin-{number:04}")).collect();
        let known = Known::new(names.iter().map(String::as_str));
        for _ in 0..COMPARED {
            assert_eq!(known.closest("plugin-0050x"), Some("plugin-0050"));
        }
        assert_eq!(known.closest("plugin-0050x"), None);
        assert_eq!(known.nearest("plugin-0050x").names, names[..LISTED]);
        let known = Known::new(["plugin"]);
        assert!((0..COMPARISONS).all(|_| known.closest("plugins") == Some("plugin")));
        assert_eq!(known.closest("plugins"), None);
    }

    #[test]
    fn of_many_names_those_that_are_close_are_listed() {
        let names: Vec<String> = (0..1_000).map(|number| format!("plugin-{number:04}")).collect();
        let known = Known::new(names.iter().map(String::as_str));
        let listed = known.nearest("plugin-0500x");
        assert_eq!((listed.names[0], listed.names.len(), listed.others), ("plugin-0500", LISTED, 992));
        assert!(listed.to_string().ends_with(" and 992 others"), "{listed}");
        let listed = known.nearest("entirely different");
        assert_eq!((listed.names[0], listed.names[7]), ("plugin-0000", "plugin-0007"));
        assert_eq!(Known::new(["b", "a"]).nearest("x").to_string(), "b, a");
        assert_eq!(Known::new([]).nearest("x").to_string(), "none");
    }
}
