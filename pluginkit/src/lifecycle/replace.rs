//! Changing the plugins of a running manager.
//!
//! The incoming plugins start beside the old ones. One step shows calls all of them instead of the old ones, which then
//! drain and stop. Plugins that cannot be there twice are restarted in place, right before the step: they stop, and their
//! replacements start, or they start again themselves.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::drops::DropPanic;
use crate::base::futures::BoxFuture;
use crate::base::name::PluginId;
use crate::base::signal::CancellationSignal;
use crate::error::Error;
use crate::lifecycle::conductor::{graph, unresolved};
#[cfg(feature = "async")]
use crate::lifecycle::detached::Detached;
use crate::lifecycle::detached::unless;
use crate::lifecycle::driver::{Driver, driver_of};
use crate::lifecycle::life::Away;
use crate::lifecycle::stop::last_started_first;
use crate::lifecycle::{Conductor, Lives, StartPolicy};
use crate::plugin::PluginState;
use crate::registry::{Change, Changed, Entry, Prepared, Registry, Replacer, Step, Switched};

/// Starts the incoming plugins of a change before its step, and stops the old ones after it.
pub(super) struct Restarts;

impl Replacer for Restarts {
    fn replace_all<'r>(
        &self,
        registry: &'r Arc<Registry>,
        change: Change,
        panicked: &'r mut Option<DropPanic>,
    ) -> BoxFuture<'r, Result<Changed, Error>> {
        Box::pin(async move {
            let driver = driver_of(registry);
            let (outcome, panic) = run(registry, driver, change).await;
            registry.keep_drop(panicked, panic);
            outcome
        })
    }
}

type Outcome = (Result<Changed, Error>, Option<DropPanic>);

/// Makes a change. If the future is dropped, the change goes on to its end: before the step, it is undone.
async fn run(registry: &Arc<Registry>, driver: &'static dyn Driver, change: Change) -> Outcome {
    let own = Arc::clone(registry);
    #[cfg(feature = "async")]
    if registry.host.awaits_replays() {
        return Detached::new(|is_dropped| {
            Box::pin(async move { Conductor::new(&own, driver).change(change, &is_dropped).await })
        })
        .await;
    }
    Conductor::new(&own, driver).change(change, &CancellationSignal::new()).await
}

/// A change that is under way.
struct Plan {
    prepared: Prepared,
    /// The plugins to start beside the old ones, and those to restart in place, each with what it requires.
    beside: Vec<Planned>,
    in_place: Vec<Planned>,
    /// The old plugins that stop before those start, last started first.
    stopped_first: Vec<Arc<Entry>>,
    /// Those of them that stay and start again.
    back: Vec<u64>,
}

struct Planned {
    life: Arc<Entry>,
    required: Vec<Arc<Entry>>,
}

/// Registered plugins that a change keeps other operations from, until it is dropped.
struct InChange {
    /// Those that leave with the step: only the change starts them.
    outgoing: Vec<Arc<Entry>>,
    /// Those that stay and look at the plugins that come.
    ahead: Vec<Arc<Entry>>,
}

impl InChange {
    fn new(outgoing: Vec<Arc<Entry>>) -> Self {
        for life in &outgoing {
            life.status().away = Some(Away::Changed);
        }
        Self { outgoing, ahead: Vec::new() }
    }

    fn look_ahead<'e>(&mut self, lives: impl Iterator<Item = &'e Arc<Entry>>) {
        for life in lives {
            life.looks_ahead.store(true, Ordering::Relaxed);
            self.ahead.push(Arc::clone(life));
        }
    }
}

impl Drop for InChange {
    fn drop(&mut self) {
        for life in &self.outgoing {
            life.status().away = None;
        }
        for life in &self.ahead {
            life.looks_ahead.store(false, Ordering::Relaxed);
        }
    }
}

/// The plugins that a change concerns because of others.
#[derive(Default)]
struct Concerned {
    rebuilt: Vec<(PluginId, PluginId)>,
    restarted: Vec<(PluginId, PluginId)>,
    /// The numbers of the old plugins that are restarted in place.
    in_place: HashSet<u64>,
}

impl Conductor<'_> {
    /// Makes a change, or leaves everything as it was.
    async fn change(&self, change: Change, is_dropped: &CancellationSignal) -> Outcome {
        let mut panicked = None;
        let outcome = self.try_change(change, is_dropped, &mut panicked).await;
        (outcome, panicked)
    }

    async fn try_change(
        &self,
        mut change: Change,
        is_dropped: &CancellationSignal,
        panicked: &mut Option<DropPanic>,
    ) -> Result<Changed, Error> {
        let concerned = match self.concern(&mut change) {
            Ok(concerned) => concerned,
            Err(error) => {
                self.registry.drop_quietly(change.incoming);
                return Err(error);
            }
        };
        let mut prepared = self.registry.prepare(change, panicked)?;
        match unless(is_dropped, prepared.replay()).await {
            Some(replayed) => replayed?,
            None => return Err(dropped()),
        }
        let plan = self.plan_change(prepared, &concerned)?;
        let runs = self.registry.lives().runs();
        let (switched, olds, started) = self.carry_out_change(plan, is_dropped, panicked).await?;
        let mut stop_errors = Vec::new();
        for old in &olds {
            stop_errors.extend(self.stop_alone(old).await);
        }
        if runs && !self.registry.lives().runs() {
            // All was stopped meanwhile.
            let started: Vec<_> = started.iter().rev().cloned().collect();
            stop_errors.extend(self.stop_each(&started).await);
        }
        self.registry.drop_quietly((olds, started));
        let arrived = switched.end(panicked);
        let Concerned { rebuilt, restarted, .. } = concerned;
        let is_own = |(id, _): &(PluginId, u64)| !rebuilt.iter().any(|(other, _)| other == id);
        let arrived = arrived.into_iter().filter(is_own).collect();
        Ok(Changed { arrived, rebuilt, restarted, stop_errors })
    }

    /// Finds the running plugins that use plugins which leave or are replaced, and makes them anew as far as they can be.
    fn concern(&self, change: &mut Change) -> Result<Concerned, Error> {
        let replaced: HashMap<u64, bool> = change
            .incoming
            .iter()
            .filter_map(|each| Some((each.replaces?, each.entry().is_exclusive())))
            .collect();
        let going: HashSet<u64> = change.leaving.iter().copied().chain(replaced.keys().copied()).collect();
        self.check_requirers(&change.leaving, &going)?;
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
                    change.incoming.push(incoming?);
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
    fn reason(&self, life: &Entry, going: &HashSet<u64>) -> PluginId {
        let used = self.registry.needed_by(std::slice::from_ref(life.id()));
        let reason = used.iter().find(|other| going.contains(&other.number));
        reason.map_or_else(|| life.id().clone(), |reason| reason.id().clone())
    }

    /// Returns what is to be started, in order.
    fn plan_change(&self, prepared: Prepared, concerned: &Concerned) -> Result<Plan, Error> {
        let incoming: HashMap<u64, Option<u64>> =
            prepared.entries().map(|(entry, replaces)| (entry.number, replaces)).collect();
        let gone: HashSet<u64> = prepared.gone().iter().copied().collect();
        let numbers: Vec<u64> = gone.iter().chain(&concerned.in_place).copied().collect();
        let old = self.registry.entries_of(&numbers);
        let by_number: HashMap<u64, &Arc<Entry>> = old.iter().map(|entry| (entry.number, entry)).collect();
        for (entry, replaces) in prepared.entries() {
            let limit = replaces.and_then(|number| by_number.get(&number)?.drain_limit());
            if let Some(limit) = limit {
                entry.set_drain_limit(limit);
            }
        }
        let ran = |number: &u64| by_number.get(number).is_some_and(|old| old.state() == PluginState::Started);
        let runs = self.registry.lives().runs();
        let starts = |entry: &Arc<Entry>| match incoming.get(&entry.number) {
            Some(Some(replaces)) if by_number.contains_key(replaces) => ran(replaces),
            Some(_) => runs,
            None => concerned.in_place.contains(&entry.number) && ran(&entry.number),
        };
        let mut stopped_first: Vec<_> = old
            .iter()
            .filter(|entry| concerned.in_place.contains(&entry.number) && entry.is_active())
            .cloned()
            .collect();
        last_started_first(&mut stopped_first);
        let back =
            stopped_first.iter().map(|life| life.number).filter(|number| !gone.contains(number)).collect();
        let stays = old.iter().filter(|entry| !gone.contains(&entry.number));
        let mut starting: Vec<_> = stays.chain(prepared.entries().map(|(entry, _)| entry)).cloned().collect();
        starting.retain(|entry| starts(entry));
        if starting.is_empty() {
            return Ok(Plan { prepared, beside: Vec::new(), in_place: Vec::new(), stopped_first, back });
        }
        // All that those use, as it is after the step.
        let mut world = self.registry.used_by(&starting);
        world.retain(|entry| !gone.contains(&entry.number));
        let mut known: HashSet<u64> = world.iter().map(|entry| entry.number).collect();
        let more = prepared.entries().map(|(entry, _)| entry).chain(&starting);
        world.extend(more.filter(|entry| known.insert(entry.number)).cloned());
        let wanted: Vec<usize> = (0..world.len()).filter(|&at| starts(&world[at])).collect();
        let graph = graph(self.registry, &world, &gone);
        let order = graph.order(wanted.iter().copied()).map_err(unresolved)?;
        let is_in_place = |entry: &Entry| match incoming.get(&entry.number) {
            Some(replaces) => replaces.is_some_and(|old| concerned.in_place.contains(&old)),
            None => concerned.in_place.contains(&entry.number),
        };
        // What requires a plugin that is restarted in place starts after it.
        let mut late: HashSet<usize> = HashSet::new();
        let (mut beside, mut in_place) = (Vec::new(), Vec::new());
        for at in order {
            let required = graph.required(at);
            let planned = Planned {
                life: Arc::clone(&world[at]),
                required: required.iter().map(|&other| Arc::clone(&world[other])).collect(),
            };
            if is_in_place(&world[at]) || required.iter().any(|other| late.contains(other)) {
                late.insert(at);
                in_place.push(planned);
            } else {
                beside.push(planned);
            }
        }
        Ok(Plan { prepared, beside, in_place, stopped_first, back })
    }

    /// Starts what is to be started, and makes the step. Returns the old plugins that are still to stop, last started first, and
    /// those that were started.
    async fn carry_out_change(
        &self,
        plan: Plan,
        is_dropped: &CancellationSignal,
        panicked: &mut Option<DropPanic>,
    ) -> Result<(Switched, Vec<Arc<Entry>>, Vec<Arc<Entry>>), Error> {
        let Plan { mut prepared, beside, in_place, stopped_first, back } = plan;
        let mut started: Vec<Arc<Entry>> = Vec::new();
        let mut concerned = InChange::new(self.registry.entries_of(prepared.gone()));
        let ran: Vec<PluginId> = stopped_first
            .iter()
            .rev()
            .filter(|life| life.state() == PluginState::Started)
            .map(|life| life.id().clone())
            .collect();
        let attempt = async {
            self.start_each(&beside, &mut started, is_dropped).await?;
            if stopped_first.is_empty() && in_place.is_empty() {
                return Ok(());
            }
            let errors = self.stop_each(&stopped_first).await;
            Error::all(errors)?;
            concerned.look_ahead(stopped_first.iter().filter(|life| back.contains(&life.number)));
            self.start_each(&in_place, &mut started, is_dropped).await
        };
        let mut outcome = attempt.await;
        if outcome.is_ok() {
            let joining: HashSet<u64> = started.iter().map(|life| life.number).collect();
            // The old plugins are found before the step sets them aside.
            let mut olds = self.registry.entries_of(prepared.gone());
            olds.retain(|life| life.is_active());
            last_started_first(&mut olds);
            outcome = loop {
                let back: Vec<u64> = stopped_first
                    .iter()
                    .filter(|life| back.contains(&life.number) && life.state() == PluginState::Started)
                    .map(|life| life.number)
                    .collect();
                match prepared.step(&joining, &back, panicked) {
                    Step::Done(switched) => {
                        concerned.outgoing.clear();
                        return Ok((switched, olds, started));
                    }
                    Step::Refused(again, error) => {
                        prepared = again;
                        break Err(error);
                    }
                    Step::Late(again) => {
                        prepared = again;
                        match unless(is_dropped, prepared.replay()).await {
                            Some(Ok(())) => {}
                            Some(Err(error)) => break Err(error),
                            None => break Err(dropped()),
                        }
                    }
                }
            };
        }
        let Err(error) = outcome else { unreachable!("a change whose step is made is over") };
        let error = self.undo_change(started, concerned, &ran, error).await;
        // The plugins that were started are there until they have stopped.
        self.registry.drop_quietly(prepared);
        Err(error)
    }

    /// Starts plugins one after the other. Those that were not started before go to `started`, and the one that fails.
    async fn start_each(
        &self,
        planned: &[Planned],
        started: &mut Vec<Arc<Entry>>,
        is_dropped: &CancellationSignal,
    ) -> Result<(), Error> {
        for Planned { life, required } in planned {
            let was_active = life.is_active();
            match unless(is_dropped, self.start_one(life, required)).await {
                Some(Ok(true)) => started.push(Arc::clone(life)),
                Some(Ok(false)) => {}
                Some(Err(failed)) => {
                    if !was_active {
                        started.push(Arc::clone(life));
                    }
                    return Err(failed.error);
                }
                None => {
                    if !was_active {
                        started.push(Arc::clone(life));
                    }
                    return Err(dropped());
                }
            }
        }
        Ok(())
    }

    /// Stops what a change has started, and starts again what it has stopped. Returns all errors.
    async fn undo_change(
        &self,
        started: Vec<Arc<Entry>>,
        concerned: InChange,
        ran: &[PluginId],
        error: Error,
    ) -> Error {
        let mut errors = Vec::new();
        for life in started.iter().rev() {
            errors.extend(self.stop_alone(life).await);
        }
        // The old plugins may start again.
        drop(concerned);
        self.registry.drop_quietly(started);
        if !ran.is_empty() {
            errors.extend(self.start(ran, StartPolicy::Continue).await.err());
        }
        match error {
            Error::Start { plugin, phase, source, mut rollback } => {
                rollback.append(&mut errors);
                Error::Start { plugin, phase, source, rollback }
            }
            other if errors.is_empty() => other,
            other => {
                errors.insert(0, other);
                Error::Several { errors }
            }
        }
    }

    /// Refuses to remove a plugin that another requires which is not among those `going`.
    fn check_requirers(&self, leaving: &[u64], going: &HashSet<u64>) -> Result<(), Error> {
        let lives = self.registry.dependents(leaving);
        let graph = graph(self.registry, &lives, going);
        let stays = |at: &usize| !going.contains(&lives[*at].number);
        let needed = graph.needed_by((0..lives.len()).filter(stays));
        let leaving: HashSet<u64> = leaving.iter().copied().collect();
        let refused = needed.into_iter().find(|&at| leaving.contains(&lives[at].number));
        refused.map_or(Ok(()), |at| {
            let dependents = graph.requirers(at).into_iter().filter(stays);
            let dependents = dependents.map(|other| lives[other].id().clone()).collect();
            Err(Error::HasDependents { plugin: lives[at].id().clone(), dependents })
        })
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

/// Returns the error of a change whose future was dropped, which nobody gets.
fn dropped() -> Error {
    Error::Several { errors: Vec::new() }
}
