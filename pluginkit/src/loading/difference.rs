//! [`Before`]: what a load has changed beside the plugins: orders, groups, limits and options.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::name::PluginId;
use crate::config::limits::PluginLimits;
use crate::loading::LoadReport;
use crate::loading::limits;
use crate::loading::state::{Group, Loaded};
use crate::registry::{Overrides, Registry};

/// The state before a load.
pub(super) struct Before {
    /// The loaded plugins.
    pub(super) loaded: Vec<Loaded>,
    groups: Vec<Group>,
    limits: HashMap<PluginId, PluginLimits>,
    overrides: Arc<Overrides>,
}

impl Before {
    pub(super) fn of(registry: &Registry, loaded: Vec<Loaded>) -> Self {
        let loads = registry.loads();
        Self { loaded, groups: loads.groups(), limits: loads.limits(), overrides: registry.overrides() }
    }

    /// Adds to the report what has changed since. The report has the plugins that were added and removed.
    pub(super) fn compare(&self, registry: &Registry, report: &mut LoadReport) {
        report.regrouped = regrouped(&self.groups, &registry.loads().groups(), report);
        report.limited = limits::changed(&self.limits, &registry.loads().limits());
        report.overridden = registry.overrides().changed(&self.overrides);
        report.moved = moved(&self.loaded, &registry.loads().loaded());
    }
}

/// Returns the fewest plugins that must move to turn the order `before` into the order `now`.
fn moved(before: &[Loaded], now: &[Loaded]) -> Vec<PluginId> {
    let places: HashMap<&PluginId, usize> = before.iter().map(|old| &old.id).zip(0..).collect();
    let stayed: Vec<(usize, &PluginId)> =
        now.iter().filter_map(|loaded| Some((*places.get(&loaded.id)?, &loaded.id))).collect();
    let kept = longest_rise(&stayed.iter().map(|(place, _)| *place).collect::<Vec<_>>());
    stayed.iter().zip(kept).filter(|(_, kept)| !kept).map(|((_, id), _)| (*id).clone()).collect()
}

/// Returns which numbers are in the longest rising sequence. Of several, the one that ends first counts, and so on
/// backwards. The numbers are all different.
fn longest_rise(numbers: &[usize]) -> Vec<bool> {
    // The length of the sequence up to each number, and the number before it. `best` has the best of these by ranges
    // of numbers, as a binary indexed tree.
    let mut additions: Vec<(usize, Option<usize>)> = Vec::with_capacity(numbers.len());
    let bound = numbers.iter().copied().max().unwrap_or(0);
    let mut best: Vec<Option<(usize, Reverse<usize>)>> = vec![None; bound + 1];
    for (at, &number) in numbers.iter().enumerate() {
        let (mut range, mut earlier) = (number, None);
        while range > 0 {
            earlier = earlier.max(best[range]);
            range &= range - 1;
        }
        let (length, last) = earlier.map_or((1, None), |(length, Reverse(last))| (length + 1, Some(last)));
        additions.push((length, last));
        let mut range = number + 1;
        while range <= bound {
            best[range] = best[range].max(Some((length, Reverse(at))));
            range += range & range.wrapping_neg();
        }
    }
    let mut next = (0..additions.len()).max_by_key(|&at| (additions[at].0, Reverse(at)));
    let mut rises = vec![false; numbers.len()];
    while let Some(at) = next {
        rises[at] = true;
        next = additions[at].1;
    }
    rises
}

/// Returns the groups whose remaining plugins have another order or another group now.
fn regrouped(before: &[Group], now: &[Group], report: &LoadReport) -> Vec<String> {
    let changed: HashSet<&PluginId> = report.added.iter().chain(&report.removed).collect();
    let members = |groups: &[Group]| -> HashMap<String, Vec<PluginId>> {
        let stay = |group: &Group| {
            let ids = group.members.iter().map(|(_, id)| id);
            (group.name.clone(), ids.filter(|id| !changed.contains(id)).cloned().collect())
        };
        groups.iter().map(stay).collect()
    };
    let (old, new) = (members(before), members(now));
    let gone = before.iter().filter(|group| !new.contains_key(&group.name));
    let names = now.iter().chain(gone).map(|group| &group.name);
    let none = Vec::new();
    let differs = |name: &&String| old.get(*name).unwrap_or(&none) != new.get(*name).unwrap_or(&none);
    names.filter(differs).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, found by comparing all pairs.
    fn by_pairs(numbers: &[usize]) -> Vec<bool> {
        let mut longest: Vec<(usize, Option<usize>)> = Vec::new();
        for (at, number) in numbers.iter().enumerate() {
            let earlier = (0..at).filter(|&earlier| numbers[earlier] < *number);
            let best = earlier.max_by_key(|&earlier| (longest[earlier].0, Reverse(earlier)));
            longest.push((best.map_or(0, |best| longest[best].0) + 1, best));
        }
        let mut next = (0..numbers.len()).max_by_key(|&at| (longest[at].0, Reverse(at)));
        let mut rises = vec![false; numbers.len()];
        while let Some(at) = next {
            rises[at] = true;
            next = longest[at].1;
        }
        rises
    }

    #[test]
    fn the_longest_rise_is_found_as_by_a_look_at_all_pairs() {
        for seed in 0..2_000_usize {
            let mut numbers: Vec<usize> = (0..seed % 12).collect();
            let mut random = seed;
            for at in 0..numbers.len() {
                random = random.wrapping_mul(2_654_435_761).rotate_right(7);
                numbers.swap(at, random % (at + 1));
            }
            assert_eq!(longest_rise(&numbers), by_pairs(&numbers), "{numbers:?}");
        }
    }
}
