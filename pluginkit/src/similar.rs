//! Which of several names was probably meant.
#![forbid(unsafe_code)]

/// The candidate that `name` was probably meant to be: the closest, the first of several, or none if all
/// are far from it.
pub(crate) fn closest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let normal = normal_form(name);
    let length = normal.chars().count();
    // Longer names come from no hand, and the comparison takes time with the square of the length.
    if length == 0 || length > 100 {
        return None;
    }
    let allowed = length.div_ceil(3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == name || candidate.chars().count().abs_diff(name.chars().count()) > 3 {
            continue;
        }
        let distance = distance(&normal, &normal_form(candidate));
        if distance <= allowed.min(3) && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// A name without what people mix up: the case, and which of `-`, `_` or nothing is between words.
pub(crate) fn normal_form(name: &str) -> String {
    let letters = name.chars().filter(|character| !matches!(character, '-' | '_'));
    letters.flat_map(char::to_lowercase).collect()
}

/// How many insertions, removals, replacements and swaps of neighbours lie between two names.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for row in 1..=left.len() {
        let mut current = vec![row];
        for column in 1..=right.len() {
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
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_found() {
        assert_eq!(closest("max_request", ["window", "max_requests"]), Some("max_requests"));
        assert_eq!(closest("maxRequests", ["max_requests"]), Some("max_requests"));
        assert_eq!(closest("prot", ["host", "port"]), Some("port"));
    }

    #[test]
    fn what_is_far_from_all_names_is_none_of_them() {
        assert_eq!(closest("colour", ["window", "port"]), None);
        assert_eq!(closest("", ["a"]), None);
        assert_eq!(closest("ab", ["xy"]), None);
    }
}
