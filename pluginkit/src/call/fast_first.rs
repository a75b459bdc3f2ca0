//! [`FastFirst`]: extensions that tie in all that is declared, those that take the least time first.
//!
//! What is declared is never broken: in the order there is by declaration, neighbours that tie change their positions
//! among themselves, and nothing else does. Those of them that one names in `before` or `after`, and those that its
//! plugin requires, stay on their side of it, also where a plugin in between is disabled or elsewhere.
#![forbid(unsafe_code)]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::base::sync::AtomicU64;
use crate::base::topology;
use crate::plugin::implementation::{Implementation, Role};
use crate::registry::Entry;
use crate::spec::order::arrange_keeping;

/// After how many calls the times are looked at again.
const CALLS: u64 = 64;

/// What the plugins take at a point, of those that were measured.
type Times = dyn Fn(&PluginId) -> Option<Duration> + Send + Sync;

/// How the calls of a view come to the order of what they run.
pub(crate) struct FastFirst {
    times: Arc<Foreign<Box<Times>>>,
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
        Self { times: Arc::new(Foreign::new(Box::new(times), None)), calls: AtomicU64::new(0) }
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
        for tie in &ties.ties {
            let members = &ties.declared[tie.positions.clone()];
            let mut order: Vec<_> = (0..members.len()).collect();
            // Who was never measured comes first, to be measured.
            order.sort_by_cached_key(|&member| (self.times)(members[member].plugin()));
            let mut positions = vec![0; order.len()];
            for (position, &member) in order.iter().enumerate() {
                positions[member] = position;
            }
            let constraints: Vec<_> = tie
                .constraints
                .iter()
                .map(|&(earlier, later)| (positions[earlier], positions[later]))
                .collect();
            let sorted = order.iter().map(|&member| Arc::clone(&members[member])).collect();
            match arrange_keeping(sorted, &constraints) {
                Ok(arranged) => calls.splice(tie.positions.clone(), arranged).for_each(drop),
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
    ties: Vec<Tie>,
    /// Which plugins there were when this was made.
    pub(crate) revision: u64,
}

/// Neighbours that tie.
struct Tie {
    positions: Range<usize>,
    /// Pairs of them, counted from the first one, of which the first must come before the second by more than their own
    /// `before` and `after`.
    constraints: Vec<(usize, usize)>,
}

/// The lives of all plugins, and what the disabled ones of them have on a point.
type Surroundings = (Vec<Arc<Entry>>, Vec<Arc<Implementation>>);

impl Ties {
    /// Those between `declared`, in call order. Where the manager is gone there are none, as nobody knows who requires
    /// whom.
    pub(crate) fn of(
        declared: Vec<Arc<Implementation>>,
        behind: Option<&Surroundings>,
        revision: u64,
    ) -> Self {
        let mut ties = Vec::new();
        if let Some((lives, disabled)) = behind {
            let needs = Needs::of(lives);
            let mut end = 0;
            for run in declared.chunk_by(|one, next| one.place.ties(&next.place)) {
                let positions = end..end + run.len();
                end = positions.end;
                if run.len() > 1 {
                    let mut constraints = needs.pairs(run);
                    constraints.extend(constraints_through(run, disabled));
                    ties.push(Tie { positions, constraints });
                }
            }
        }
        Self { declared, ties, revision }
    }
}

/// Implementations by what `before` and `after` know of them.
struct Named<'i> {
    /// Those of each plugin.
    of: HashMap<&'i str, Vec<usize>>,
    /// Those that name a plugin in their `after`.
    after: HashMap<&'i str, Vec<usize>>,
}

impl<'i> Named<'i> {
    fn new(all: &'i [Arc<Implementation>]) -> Self {
        let (mut of, mut after) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for (position, each) in all.iter().enumerate() {
            of.entry(each.plugin().as_str()).or_default().push(position);
            for name in each.contribution.options.after {
                after.entry(*name).or_default().push(position);
            }
        }
        Self { of, after }
    }

    /// Those that `one` must come before, by what it or they declare.
    fn behind(&self, one: &Implementation) -> impl Iterator<Item = usize> {
        let named = one.contribution.options.before.iter().filter_map(|name| self.of.get(*name));
        named.chain(self.after.get(one.plugin().as_str())).flatten().copied()
    }
}

/// The pairs of `run`, by their positions, of which the first must come before the second by what it and those in
/// `disabled` declare, who are not there themselves.
fn constraints_through(run: &[Arc<Implementation>], disabled: &[Arc<Implementation>]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let disabled: Vec<_> =
        disabled.iter().filter(|each| each.contribution.role == Role::Extension).cloned().collect();
    if disabled.is_empty() {
        return pairs;
    }
    let (absent, present) = (Named::new(&disabled), Named::new(run));
    for (earlier, implementation) in run.iter().enumerate() {
        let (mut between, mut behind) = (HashSet::new(), BTreeSet::new());
        let mut open = vec![implementation];
        while let Some(next) = open.pop() {
            for found in absent.behind(next) {
                if between.insert(found) {
                    behind.extend(present.behind(&disabled[found]).filter(|&later| later > earlier));
                    open.push(&disabled[found]);
                }
            }
        }
        pairs.extend(behind.into_iter().map(|later| (earlier, later)));
    }
    pairs
}

/// Who requires whom, or uses them if they are there.
struct Needs<'l>(HashMap<&'l str, Vec<&'l str>>);

impl<'l> Needs<'l> {
    fn of(lives: &'l [Arc<Entry>]) -> Self {
        let needs = lives.iter().map(|life| {
            let (requires, optional) = (&life.identity.requires, &life.identity.optional_requires);
            let named = requires.iter().chain(optional).map(|requirement| requirement.id.as_str());
            (life.id().as_str(), named.collect::<Vec<_>>())
        });
        Self(needs.filter(|(_, named)| !named.is_empty()).collect())
    }

    /// Pairs of `run`, by their positions, of which the second one's plugin needs that of the first, directly or
    /// through others: all of them, or so many that the others follow.
    fn pairs(&self, run: &[Arc<Implementation>]) -> Vec<(usize, usize)> {
        let mut positions: HashMap<&str, Vec<usize>> = HashMap::new();
        for (position, each) in run.iter().enumerate() {
            positions.entry(each.plugin().as_str()).or_default().push(position);
        }
        // Those with `before` or `after` of their own are moved by all the pairs that they are in.
        let moves = |each: &Arc<Implementation>| {
            let options = &each.contribution.options;
            !(options.before.is_empty() && options.after.is_empty())
        };
        let closest = if run.iter().any(moves) { None } else { self.closest(&positions) };
        let mut pairs = Vec::new();
        for (later, implementation) in run.iter().enumerate() {
            let plugin = implementation.plugin().as_str();
            let needed = match &closest {
                Some(closest) => closest.get(plugin).cloned().unwrap_or_default(),
                None => self.needed(plugin).into_iter().collect(),
            };
            let earlier = needed.iter().filter_map(|name| positions.get(*name)).flatten().copied();
            let mut earlier: Vec<_> = earlier.filter(|&earlier| earlier < later).collect();
            earlier.sort_unstable();
            pairs.extend(earlier.into_iter().map(|earlier| (earlier, later)));
        }
        pairs
    }

    /// What each plugin needs of those with `positions`, the closest only, from which the rest follows; nothing, if
    /// one has a position before what it needs, or plugins need each other.
    fn closest(&self, positions: &HashMap<&str, Vec<usize>>) -> Option<HashMap<&'l str, BTreeSet<&'l str>>> {
        let names: Vec<&'l str> = self.0.keys().copied().collect();
        let numbers: HashMap<&str, usize> = names.iter().copied().zip(0..).collect();
        let numbered =
            |needed: &Vec<&str>| needed.iter().filter_map(|name| numbers.get(name).copied()).collect();
        let waits: Vec<Vec<usize>> = names.iter().map(|name| numbered(&self.0[name])).collect();
        let preferred: Vec<_> = (0..names.len()).collect();
        let mut closest: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        // The last position of what each plugin needs, directly or through others.
        let mut last: HashMap<&str, usize> = HashMap::new();
        for number in topology::sort(&waits, &preferred).ok()? {
            let (mut own, mut latest) = (BTreeSet::new(), None);
            for needed in &self.0[names[number]] {
                latest = latest.max(last.get(needed).copied());
                match positions.get(*needed) {
                    Some(positions) => {
                        latest = latest.max(positions.last().copied());
                        own.insert(*needed);
                    }
                    None => own.extend(closest.get(needed).into_iter().flatten()),
                }
            }
            if let Some(latest) = latest {
                let first = positions.get(names[number]).and_then(|positions| positions.first());
                if first.is_some_and(|&first| first < latest) {
                    return None;
                }
                last.insert(names[number], latest);
            }
            closest.insert(names[number], own);
        }
        Some(closest)
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
