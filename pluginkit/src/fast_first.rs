//! [`FastFirst`]: extensions that tie in all that is declared, those that take the least time first.
//!
//! What is declared is never broken: in the order there is by declaration, neighbours that tie change their places
//! among themselves, and nothing else does. Those of them that one names in `before` or `after`, and those that its
//! plugin requires, stay on their side of it, also where a plugin in between is disabled or elsewhere.
#![forbid(unsafe_code)]

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::implementation::{Implementation, Role};
use crate::lifecycle::Life;
use crate::name::PluginId;
use crate::order::{arrange_keeping, precedes};
use crate::sync::AtomicU64;

/// After how many calls the times are looked at again.
const CALLS: u64 = 64;

/// What the plugins take at a point, of those that were measured.
type Times = dyn Fn(&PluginId) -> Option<Duration> + Send + Sync;

/// How the calls of a view come to the order of what they run.
pub(crate) struct FastFirst {
    times: Arc<Times>,
    calls: AtomicU64,
}

impl Clone for FastFirst {
    /// The same for another view, which counts its own calls.
    fn clone(&self) -> Self {
        Self { times: Arc::clone(&self.times), calls: AtomicU64::new(0) }
    }
}

impl FastFirst {
    pub(crate) fn new(times: impl Fn(&PluginId) -> Option<Duration> + Send + Sync + 'static) -> Self {
        Self { times: Arc::new(times), calls: AtomicU64::new(0) }
    }

    /// Counts a call, and says whether the times are to be looked at for it.
    pub(crate) fn count(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(CALLS)
    }

    /// Whether the times are to be looked at for a call that starts now.
    pub(crate) fn is_due(&self) -> bool {
        self.calls.load(Ordering::Relaxed).is_multiple_of(CALLS)
    }

    /// What calls are to run now.
    pub(crate) fn order(&self, ties: &Ties) -> Vec<Arc<Implementation>> {
        let mut calls = ties.declared.clone();
        for run in &ties.runs {
            let members = &ties.declared[run.places.clone()];
            let mut order: Vec<_> = (0..members.len()).collect();
            // Who was never measured comes first, to be measured.
            order.sort_by_cached_key(|&member| (self.times)(members[member].plugin()));
            let mut places = vec![0; order.len()];
            for (place, &member) in order.iter().enumerate() {
                places[member] = place;
            }
            let kept: Vec<_> =
                run.kept.iter().map(|&(earlier, later)| (places[earlier], places[later])).collect();
            let sorted = order.iter().map(|&member| Arc::clone(&members[member])).collect();
            match arrange_keeping(sorted, &kept) {
                Ok(arranged) => calls.splice(run.places.clone(), arranged).for_each(drop),
                Err(_) => unreachable!("the declared order keeps to all of this"),
            }
        }
        calls
    }
}

/// What declarations leave open in the order of a point.
pub(crate) struct Ties {
    /// Wrappers, then extensions, in the order that is declared.
    declared: Vec<Arc<Implementation>>,
    runs: Vec<Run>,
    /// Which plugins there were when this was made.
    pub(crate) revision: u64,
}

/// Neighbours that tie.
struct Run {
    places: Range<usize>,
    /// Pairs of them, counted from the first one, of which the first must come before the second by more than their own
    /// `before` and `after`.
    kept: Vec<(usize, usize)>,
}

/// The lives of all plugins, and what the disabled ones of them have on a point.
type Behind = (Vec<Arc<Life>>, Vec<Arc<Implementation>>);

impl Ties {
    /// Those between `declared`, in call order. Where the manager is gone there are none, as nobody knows who requires
    /// whom.
    pub(crate) fn of(declared: Vec<Arc<Implementation>>, behind: Option<&Behind>, revision: u64) -> Self {
        let mut runs = Vec::new();
        if let Some((lives, disabled)) = behind {
            let needs = Needs::of(lives);
            let mut end = 0;
            for run in declared.chunk_by(|one, next| one.place.ties(&next.place)) {
                let places = end..end + run.len();
                end = places.end;
                if run.len() > 1 {
                    let mut kept = needs.pairs(run);
                    kept.extend(kept_apart(run, disabled));
                    runs.push(Run { places, kept });
                }
            }
        }
        Self { declared, runs, revision }
    }
}

/// The pairs of `run`, by their places, of which the first must come before the second by what it and those in
/// `disabled` declare, who are not there themselves.
fn kept_apart(run: &[Arc<Implementation>], disabled: &[Arc<Implementation>]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let disabled: Vec<_> = disabled.iter().filter(|each| each.contribution.role == Role::Extension).collect();
    if disabled.is_empty() {
        return pairs;
    }
    for (earlier, implementation) in run.iter().enumerate() {
        let mut between: Vec<&Arc<Implementation>> = Vec::new();
        let mut open = vec![implementation];
        while let Some(next) = open.pop() {
            let new = |each: &&Arc<Implementation>| !between.iter().any(|known| Arc::ptr_eq(known, each));
            let found: Vec<_> =
                disabled.iter().copied().filter(|each| precedes(next, each)).filter(new).collect();
            between.extend(&found);
            open.extend(found);
        }
        let later = run.iter().enumerate().skip(earlier + 1);
        let behind = later.filter(|(_, later)| between.iter().any(|&each| precedes(each, later)));
        pairs.extend(behind.map(|(later, _)| (earlier, later)));
    }
    pairs
}

/// Who requires whom, or uses them if they are there.
struct Needs<'l>(HashMap<&'l str, Vec<&'l str>>);

impl<'l> Needs<'l> {
    fn of(lives: &'l [Arc<Life>]) -> Self {
        let needs = lives.iter().map(|life| {
            let (requires, optional) = (&life.identity.requires, &life.identity.optional_requires);
            let named = requires.iter().chain(optional).map(|requirement| requirement.id.as_str());
            (life.id().as_str(), named.collect::<Vec<_>>())
        });
        Self(needs.filter(|(_, named)| !named.is_empty()).collect())
    }

    /// The pairs of `run`, by their places, of which the second one's plugin needs that of the first, directly or
    /// through others.
    fn pairs(&self, run: &[Arc<Implementation>]) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for (later, implementation) in run.iter().enumerate() {
            let needed = self.needed(implementation.plugin());
            if !needed.is_empty() {
                let earlier = run[..later].iter().enumerate();
                pairs.extend(
                    earlier
                        .filter(|(_, each)| needed.contains(each.plugin().as_str()))
                        .map(|(earlier, _)| (earlier, later)),
                );
            }
        }
        pairs
    }

    fn needed(&self, plugin: &str) -> HashSet<&'l str> {
        let direct = |plugin: &str| self.0.get(plugin).into_iter().flatten().copied();
        let mut open: Vec<_> = direct(plugin).collect();
        let mut needed = HashSet::new();
        while let Some(next) = open.pop() {
            if needed.insert(next) {
                open.extend(direct(next));
            }
        }
        needed
    }
}
