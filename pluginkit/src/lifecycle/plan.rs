//! What a change of a running manager concerns, and the plan by which it is made.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::conductor::unresolved;
use crate::lifecycle::life::Before;
use crate::lifecycle::start::Planned;
use crate::lifecycle::stop::last_started_first;
use crate::lifecycle::{Conductor, Lives};
use crate::registry::{Change, Entry, Prepared};

/// A change that is under way.
pub(super) struct Plan {
    pub(super) prepared: Prepared,
    pub(super) starts: Starts,
}

/// What a change starts and stops before its step.
#[derive(Default)]
pub(super) struct Starts {
    /// The plugins to start beside the old ones, and those to restart in place, each with what it requires.
    pub(super) beside: Vec<Planned>,
    pub(super) in_place: Vec<Planned>,
    /// The old plugins that stop before those start, last started first.
    pub(super) stopped_first: Vec<Arc<Entry>>,
    /// Those of them that stay and start again.
    pub(super) back: Vec<u64>,
    /// The plugins that each of those to start uses, by its number.
    pub(super) used: HashMap<u64, Vec<Arc<Entry>>>,
}

impl Starts {
    /// Returns a plugin that one of those to start uses, and that another change has replaced meanwhile.
    pub(super) fn replaced_under(&self, number: u64) -> Option<&Arc<Entry>> {
        self.used.get(&number)?.iter().find(|used| used.has_left_with_change())
    }

    /// Returns whether all start beside the old plugins, so that they can stop and start again.
    pub(super) fn are_beside(&self) -> bool {
        self.in_place.is_empty() && self.stopped_first.is_empty()
    }

    /// Returns whether another change has replaced a plugin that one of them uses.
    pub(super) fn are_outdated(&self) -> bool {
        self.used.keys().any(|number| self.replaced_under(*number).is_some())
    }
}

/// The plugins that a change concerns because of others.
#[derive(Default)]
pub(super) struct Concerned {
    pub(super) rebuilt: Vec<(PluginId, PluginId)>,
    pub(super) restarted: Vec<(PluginId, PluginId)>,
    /// The numbers of the old plugins that are restarted in place.
    pub(super) in_place: HashSet<u64>,
}

/// The state before a change of the plugins that leave, are replaced or are restarted in place, and whether the manager ran.
pub(super) struct Beginning {
    pub(super) before: HashMap<u64, Before>,
    pub(super) runs: bool,
}

impl Conductor<'_> {
    /// Finds the running plugins that use plugins which leave or are replaced, and makes them anew as far as they can be.
    pub(super) fn concern(&self, change: &mut Change) -> Result<Concerned, Error> {
        let replaced: HashMap<u64, bool> = change
            .incoming
            .iter()
            .filter_map(|each| Some((each.replaces?, each.entry().is_exclusive())))
            .collect();
        let going: HashSet<u64> = change.leaving.iter().copied().chain(replaced.keys().copied()).collect();
        self.check_requirers(change, &going)?;
        let roots: Vec<_> = going.iter().copied().collect();
        let mut users = self.registry.dependents(&roots);
        users.retain(|life| life.is_active());
        if let Some(busy) = users.iter().find(|life| Lives::is_within(life)) {
            return Err(Error::LifecycleBusy { plugin: busy.id().clone(), state: busy.state() });
        }
        let mut concerned = Concerned::default();
        let mut single = Vec::new();
        for life in &users {
            if let Some(is_exclusive) = replaced.get(&life.number) {
                if *is_exclusive || life.is_exclusive() {
                    single.push(life.number);
                }
                continue;
            }
            if going.contains(&life.number) {
                continue;
            }
            let because = self.reason(life, &going);
            let anew = if life.is_exclusive() { None } else { self.registry.rebuilder() };
            match anew.and_then(|rebuilder| rebuilder.rebuild(self.registry, life)) {
                Some(incoming) => {
                    change.incoming.push(incoming?.only_instead());
                    concerned.rebuilt.push((life.id().clone(), because));
                }
                None => {
                    single.push(life.number);
                    concerned.restarted.push((life.id().clone(), because));
                }
            }
        }
        note_rebuilt(change, &concerned.rebuilt);
        let in_place = self.registry.dependents(&single);
        concerned.in_place =
            in_place.into_iter().filter(|life| life.is_active()).map(|life| life.number).collect();
        Ok(concerned)
    }

    /// Returns a plugin among those `going` that `life` uses, directly or through others.
    pub(super) fn reason(&self, life: &Entry, going: &HashSet<u64>) -> PluginId {
        let used = self.registry.needed_by(std::slice::from_ref(life.id()));
        let reason = used.iter().find(|other| going.contains(&other.number));
        reason.map_or_else(|| life.id().clone(), |reason| reason.id().clone())
    }

    /// Returns what is to be started, in order.
    pub(super) fn plan_change(
        &self,
        prepared: Prepared,
        concerned: &Concerned,
        beginning: &Beginning,
    ) -> Result<Plan, Error> {
        let incoming: HashMap<u64, Option<u64>> =
            prepared.entries().map(|(entry, replaces)| (entry.number, replaces)).collect();
        let gone: HashSet<u64> = prepared.gone().iter().copied().collect();
        let numbers: Vec<u64> = gone.iter().chain(&concerned.in_place).copied().collect();
        let old = self.registry.entries_of(&numbers);
        let by_number: HashMap<u64, &Arc<Entry>> = old.iter().map(|entry| (entry.number, entry)).collect();
        let before = |number: &u64| beginning.before.get(number).copied().unwrap_or_default();
        let ran = |number: &u64| before(number).ran;
        let runs = beginning.runs;
        let starts = |entry: &Arc<Entry>| match incoming.get(&entry.number) {
            Some(Some(replaces)) if by_number.contains_key(replaces) => ran(replaces),
            Some(_) => runs,
            None => concerned.in_place.contains(&entry.number) && ran(&entry.number),
        };
        let mut stopped_first: Vec<_> = old
            .iter()
            .filter(|entry| concerned.in_place.contains(&entry.number) && before(&entry.number).was_active)
            .cloned()
            .collect();
        last_started_first(&mut stopped_first);
        let back =
            stopped_first.iter().map(|life| life.number).filter(|number| !gone.contains(number)).collect();
        let stays = old.iter().filter(|entry| !gone.contains(&entry.number));
        let mut starting: Vec<_> = stays.chain(prepared.entries().map(|(entry, _)| entry)).cloned().collect();
        starting.retain(|entry| starts(entry));
        if starting.is_empty() {
            let starts = Starts { stopped_first, back, ..Starts::default() };
            return Ok(Plan { prepared, starts });
        }
        // All that those use, as it is after the step.
        let mut world = self.registry.used_by(&starting);
        world.retain(|entry| !gone.contains(&entry.number));
        let mut known: HashSet<u64> = world.iter().map(|entry| entry.number).collect();
        let more = prepared.entries().map(|(entry, _)| entry).chain(&starting);
        world.extend(more.filter(|entry| known.insert(entry.number)).cloned());
        let wanted: Vec<usize> = (0..world.len()).filter(|&at| starts(&world[at])).collect();
        let graph = self.registry.requirements(&world, &gone, &[]);
        let order = graph.order(wanted.iter().copied()).map_err(unresolved)?;
        let needed = graph.needed(wanted.iter().copied());
        let is_in_place = |entry: &Entry| match incoming.get(&entry.number) {
            Some(replaces) => replaces.is_some_and(|old| concerned.in_place.contains(&old)),
            None => concerned.in_place.contains(&entry.number),
        };
        // What requires a plugin that is restarted in place starts after it.
        let mut late: HashSet<usize> = HashSet::new();
        let (mut beside, mut in_place) = (Vec::new(), Vec::new());
        let mut used = HashMap::new();
        for at in order {
            let required = graph.required(at);
            let uses = graph.used(at).into_iter().map(|other| Arc::clone(&world[other]));
            used.insert(world[at].number, uses.collect());
            let planned = Planned {
                life: Arc::clone(&world[at]),
                required: required.iter().map(|&other| Arc::clone(&world[other])).collect(),
                is_needed: needed.contains(&at),
            };
            if is_in_place(&world[at]) || required.iter().any(|other| late.contains(other)) {
                late.insert(at);
                in_place.push(planned);
            } else {
                beside.push(planned);
            }
        }
        Ok(Plan { prepared, starts: Starts { beside, in_place, stopped_first, back, used } })
    }

    /// Refuses to remove plugins that another requires which is not among those `going`.
    fn check_requirers(&self, change: &Change, going: &HashSet<u64>) -> Result<(), Error> {
        let leaving = &change.leaving;
        let lives = self.registry.dependents(leaving);
        let coming: Vec<_> =
            change.incoming.iter().flat_map(|each| each.entry().known_services().iter().copied()).collect();
        let graph = self.registry.requirements(&lives, going, &coming);
        let is_leaving = |at: &usize| leaving.contains(&lives[*at].number);
        let all = graph.requirers((0..lives.len()).filter(is_leaving));
        let stays = |at: &usize| !going.contains(&lives[*at].number);
        let Some(first) = all.iter().copied().find(stays) else { return Ok(()) };
        // The leaving plugin that the first of them uses.
        let numbers = leaving.iter().copied().collect();
        let plugin = self.reason(&lives[first], &numbers);
        let dependents = all.into_iter().filter(stays).map(|at| lives[at].id().clone()).collect();
        Err(Error::HasDependents { plugin, dependents, by_load: true })
    }
}

/// Lets a change note the plugins that are made anew, before all else.
fn note_rebuilt(change: &mut Change, rebuilt: &[(PluginId, PluginId)]) {
    if rebuilt.is_empty() {
        return;
    }
    let ids: HashSet<PluginId> = rebuilt.iter().map(|(id, _)| id.clone()).collect();
    let done = change.done.take();
    change.done = Some(Box::new(move |registry, arrived| {
        if let Some(rebuilder) = registry.rebuilder() {
            rebuilder
                .rebuilt(registry, &arrived.iter().filter(|(id, _)| ids.contains(id)).cloned().collect());
        }
        if let Some(done) = done {
            done(registry, arrived);
        }
    }));
}
