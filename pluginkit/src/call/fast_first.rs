//! [`FastFirst`]: an order in which the fastest extension runs first among those that tie.
//!
//! The order never breaks a declaration. Only neighbours that tie in the declared order change positions among each
//! other. An extension stays on the same side of those that its `before` and `after` name, and of those of plugins that
//! its plugin requires. This holds also through plugins that are disabled or have no extension of the point.
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

/// The number of calls after which the times are read again.
const CALLS: u64 = 64;

/// Returns the time that a plugin takes at a point, if it was measured.
type Times = dyn Fn(&PluginId) -> Option<Duration> + Send + Sync;

/// The order of a view, with the count of its calls.
pub(crate) struct FastFirst {
    times: Arc<Foreign<Box<Times>>>,
    calls: AtomicU64,
}

impl Clone for FastFirst {
    /// Returns the order for another view, which counts its own calls.
    fn clone(&self) -> Self {
        Self { times: Arc::clone(&self.times), calls: AtomicU64::new(0) }
    }
}

impl FastFirst {
    pub(crate) fn new(times: impl Fn(&PluginId) -> Option<Duration> + Send + Sync + 'static) -> Self {
        Self { times: Arc::new(Foreign::new(Box::new(times), None)), calls: AtomicU64::new(0) }
    }

    /// Counts a call. Returns whether it reads the times again.
    pub(crate) fn count(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(CALLS)
    }

    /// Returns whether a call that starts now reads the times again.
    pub(crate) fn is_due(&self) -> bool {
        self.calls.load(Ordering::Relaxed).is_multiple_of(CALLS)
    }

    /// Returns the implementations in the current order.
    pub(crate) fn order(&self, ties: &Ties) -> Vec<Arc<Implementation>> {
        let mut calls = ties.declared.clone();
        for tie in &ties.open {
            let members = &ties.declared[tie.positions.clone()];
            let mut order: Vec<_> = (0..members.len()).collect();
            // A plugin without a time comes first, to be measured.
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

/// The order of a point, and the parts of it that declarations leave open.
pub(crate) struct Ties {
    /// Wrappers, then extensions, in declared order.
    declared: Vec<Arc<Implementation>>,
    open: Vec<Tie>,
    /// The revision of the registry at creation.
    pub(crate) revision: u64,
}

/// Neighbours in the declared order that tie.
struct Tie {
    positions: Range<usize>,
    /// Pairs of positions within the tie: the first must come before the second. The own `before` and `after` of the
    /// extensions add more.
    constraints: Vec<(usize, usize)>,
}

/// All plugins of the manager, and the implementations of its disabled plugins at the point.
type Surroundings = (Vec<Arc<Entry>>, Vec<Arc<Implementation>>);

impl Ties {
    /// Returns the ties of `declared`, which is in call order.
    ///
    /// There are none after the manager is dropped, because requirements are unknown then.
    pub(crate) fn of(
        declared: Vec<Arc<Implementation>>,
        behind: Option<&Surroundings>,
        revision: u64,
    ) -> Self {
        let mut open = Vec::new();
        if let Some((lives, disabled)) = behind {
            let needs = Needs::of(lives);
            let mut end = 0;
            for run in declared.chunk_by(|one, next| one.place.ties(&next.place)) {
                let positions = end..end + run.len();
                end = positions.end;
                if run.len() > 1 {
                    let mut constraints = needs.pairs(run);
                    constraints.extend(constraints_through(run, disabled));
                    open.push(Tie { positions, constraints });
                }
            }
        }
        Self { declared, open, revision }
    }
}

/// Implementations by the names that `before` and `after` use.
struct Named<'i> {
    all: &'i [Arc<Implementation>],
    /// The implementations of each plugin.
    of: HashMap<&'i str, Vec<usize>>,
    /// The implementations that name a plugin in their `after`.
    after: HashMap<&'i str, Vec<usize>>,
}

impl<'i> Named<'i> {
    fn new(all: &'i [Arc<Implementation>]) -> Self {
        let (mut of, mut after) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for (position, each) in all.iter().enumerate() {
            for name in each.owner.names() {
                of.entry(name.as_str()).or_default().push(position);
            }
            for name in &each.options().after {
                after.entry(name.as_str()).or_default().push(position);
            }
        }
        Self { all, of, after }
    }

    /// Returns the implementations that must come after `one`, by its declarations or their own.
    fn behind(&self, one: &Implementation) -> impl Iterator<Item = usize> {
        let before = &one.options().before;
        let named = before.iter().flat_map(|name| {
            let all = self.of.get(name.as_str()).into_iter().flatten().copied();
            all.filter(|&other| before.mean(name, self.all[other].plugin()))
        });
        let own = one.owner.names().flat_map(|name| {
            let all = self.after.get(name.as_str()).into_iter().flatten().copied();
            all.filter(|&other| self.all[other].options().after.mean(name, one.plugin()))
        });
        named.chain(own)
    }
}

/// Returns pairs of positions in `run`: the first must come before the second.
///
/// They follow from declarations that lead through the implementations in `disabled`.
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

/// The requirements of each plugin, optional ones included.
struct Needs<'l>(HashMap<&'l str, Vec<&'l str>>);

impl<'l> Needs<'l> {
    fn of(lives: &'l [Arc<Entry>]) -> Self {
        // Requirements may name plugins by their aliases.
        let aliases = lives.iter().flat_map(|life| life.aliases().iter().map(|alias| (alias, life.id())));
        let ids: HashMap<&str, &str> = aliases.map(|(alias, id)| (alias.as_str(), id.as_str())).collect();
        let needs = lives.iter().map(|life| {
            let (requires, optional) = (life.requires(), life.optional_requires());
            let named = requires.iter().chain(optional).map(|requirement| requirement.id.as_str());
            let named = named.map(|name| ids.get(name).copied().unwrap_or(name));
            (life.id().as_str(), named.collect::<Vec<_>>())
        });
        Self(needs.filter(|(_, named)| !named.is_empty()).collect())
    }

    /// Returns pairs of positions in `run`: the plugin of the second requires the plugin of the first.
    ///
    /// Pairs that follow from others may be missing.
    fn pairs(&self, run: &[Arc<Implementation>]) -> Vec<(usize, usize)> {
        let mut positions: HashMap<&str, Vec<usize>> = HashMap::new();
        for (position, each) in run.iter().enumerate() {
            positions.entry(each.plugin().as_str()).or_default().push(position);
        }
        // An extension with `before` or `after` needs all its pairs.
        let moves = |each: &Arc<Implementation>| each.options().names_others();
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

    /// Returns the closest requirements of each plugin among those with `positions`; the others follow from them.
    ///
    /// Returns `None` if a plugin comes before one of its requirements, or if requirements form a cycle.
    fn closest(&self, positions: &HashMap<&str, Vec<usize>>) -> Option<HashMap<&'l str, BTreeSet<&'l str>>> {
        let names: Vec<&'l str> = self.0.keys().copied().collect();
        let numbers: HashMap<&str, usize> = names.iter().copied().zip(0..).collect();
        let numbered =
            |needed: &Vec<&str>| needed.iter().filter_map(|name| numbers.get(name).copied()).collect();
        let waits: Vec<Vec<usize>> = names.iter().map(|name| numbered(&self.0[name])).collect();
        let preferred: Vec<_> = (0..names.len()).collect();
        let mut closest: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        // The last position of the requirements of each plugin, indirect ones included.
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
