//! Changing the plugins of a running manager.
//!
//! The incoming plugins start beside the old ones. One step shows calls all of them instead of the old ones, which then
//! drain and stop. Plugins that cannot be there twice are restarted in place, right before the step: they stop, and their
//! replacements start, or they start again themselves.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::drops::DropPanic;
use crate::base::futures::BoxFuture;
use crate::base::name::PluginId;
use crate::base::signal::CancellationSignal;
use crate::error::Error;
#[cfg(feature = "async")]
use crate::lifecycle::detached::Detached;
use crate::lifecycle::detached::unless;
use crate::lifecycle::driver::{Driver, driver_of};
use crate::lifecycle::life::Asked;
use crate::lifecycle::plan::{Beginning, Concerned, Plan, Starts};
use crate::lifecycle::start::{Begun, Planned};
use crate::lifecycle::stop::last_started_first;
use crate::lifecycle::{Conductor, Lives, StartPolicy};
use crate::plugin::{Cause, Phase, PluginState};
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
    if registry.is_async() {
        return Detached::new(|is_dropped| {
            Box::pin(async move { Conductor::new(&own, driver).change(change, &is_dropped).await })
        })
        .await;
    }
    Conductor::new(&own, driver).change(change, &CancellationSignal::new()).await
}

/// Registered plugins that a change keeps other operations from, until it is dropped.
struct InChange {
    change: u64,
    /// Those that leave with the step: only the change starts them.
    outgoing: Vec<Arc<Entry>>,
    /// Those that stay, and that the change restarts in place.
    staying: Vec<Arc<Entry>>,
    /// Those of them that look at the plugins that come.
    ahead: Vec<Arc<Entry>>,
}

impl InChange {
    /// Sets which plugins stay and look at the plugins that come.
    fn look_ahead<'e>(&mut self, lives: impl Iterator<Item = &'e Arc<Entry>>) {
        for life in lives {
            life.look_ahead(self.change);
            self.ahead.push(Arc::clone(life));
        }
    }

    /// Leaves the plugins that have left with the step, and returns those that stay.
    fn stepped(mut self) -> Vec<Arc<Entry>> {
        self.outgoing.clear();
        self.staying.clone()
    }
}

impl Drop for InChange {
    fn drop(&mut self) {
        for life in self.outgoing.iter().chain(&self.staying) {
            life.set_unchanged(self.change);
        }
        for life in &self.ahead {
            life.look_ahead(0);
        }
    }
}

/// A change whose step is made.
struct Made {
    /// The old plugins that are still to stop, last started first.
    olds: Vec<Arc<Entry>>,
    started: Vec<Arc<Entry>>,
    /// The incoming plugins, each with the one that it has replaced.
    new: Vec<(Arc<Entry>, Option<Arc<Entry>>)>,
    /// Those that stay, and were restarted in place.
    staying: Vec<Arc<Entry>>,
    /// The started plugins that use one which another change has replaced meanwhile, by number, each with that one.
    stale: HashMap<u64, PluginId>,
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
        let first = {
            // A start that has a number before this one is seen as under way.
            let _deciding = self.registry.lives().decide();
            self.registry.lives().next_begun()
        };
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
        let within = self.within(prepared.number());
        let (in_change, beginning) = within.begin_change(&prepared, &concerned);
        let plan = match within.plan_change(prepared, &concerned, &beginning) {
            Ok(plan) => plan,
            Err(error) => return Err(within.undo_change(Vec::new(), in_change, Vec::new(), error).await),
        };
        let (switched, mut made) = within
            .carry_out_change(plan, (&concerned, &beginning), in_change, first, is_dropped, panicked)
            .await?;
        let last = self.registry.lives().next_begun();
        let Concerned { rebuilt, mut restarted, .. } = concerned;
        let mut stop_errors = self.restart_late(&made, (first, last), &mut restarted).await;
        for old in &made.olds {
            stop_errors.extend(within.stop_alone(old).await);
        }
        stop_errors.extend(self.do_asked(&mut made, beginning.runs).await);
        let Made { olds, started, new, staying, .. } = made;
        self.registry.drop_quietly((olds, started, new, staying));
        let arrived = switched.end(panicked);
        let is_own = |(id, _): &(PluginId, u64)| !rebuilt.iter().any(|(other, _)| other == id);
        let arrived = arrived.into_iter().filter(is_own).collect();
        Ok(Changed { arrived, rebuilt, restarted, stop_errors })
    }

    /// Keeps other operations from the plugins that a change concerns, and returns their states.
    fn begin_change(&self, prepared: &Prepared, concerned: &Concerned) -> (InChange, Beginning) {
        let change = prepared.number();
        let outgoing = self.registry.entries_of(prepared.gone());
        let gone: HashSet<u64> = prepared.gone().iter().copied().collect();
        let staying: Vec<u64> = concerned.in_place.difference(&gone).copied().collect();
        let staying = self.registry.entries_of(&staying);
        // An operation goes before the change or after it.
        let _deciding = self.registry.lives().decide();
        let all = outgoing.iter().chain(&staying);
        let before = all.map(|life| (life.number, life.set_changed(change))).collect();
        let runs = self.registry.lives().runs();
        (InChange { change, outgoing, staying, ahead: Vec::new() }, Beginning { before, runs })
    }

    /// Stops and starts what was to be stopped or started while a change was under way. Returns the errors.
    async fn do_asked(&self, made: &mut Made, runs: bool) -> Vec<Error> {
        let Made { started, new, staying, .. } = made;
        let mut errors = Vec::new();
        let runs_now = self.registry.lives().runs();
        if runs && !runs_now {
            // All was stopped meanwhile.
            let started: Vec<_> = started.iter().rev().cloned().collect();
            errors.extend(self.stop_each(&started).await);
        }
        // The new plugins have what was asked of the old ones.
        for life in new.iter().map(|(life, _)| life).chain(&*staying) {
            if life.is_asked(Asked::Stop) {
                errors.extend(self.stop_asked(life).await);
            }
        }
        let is_started = |life: &Entry| started.iter().any(|other| other.number == life.number);
        let added = new.iter().filter(|(life, old)| old.is_none() && !runs && runs_now && !is_started(life));
        let mut asked: Vec<PluginId> = added.map(|(life, _)| life.id().clone()).collect();
        asked.extend(self.asked());
        if !asked.is_empty() {
            errors.extend(self.start(&asked, StartPolicy::Continue).await.err());
        }
        errors
    }

    /// Returns the registered plugins that were to be started while a change kept that from them.
    fn asked(&self) -> Vec<PluginId> {
        if !self.registry.lives().take_asked() {
            return Vec::new();
        }
        let lives = self.registry.entries();
        let asked = lives.iter().filter(|life| life.take_asked(Asked::Start));
        asked.map(|life| life.id().clone()).collect()
    }

    /// Restarts plugins that use a replaced plugin and were started while the change was under way, and those that are
    /// `stale`: they may have the old one. Returns the errors.
    async fn restart_late(
        &self,
        made: &Made,
        (first, last): (u64, u64),
        restarted: &mut Vec<(PluginId, PluginId)>,
    ) -> Vec<Error> {
        let Made { new, started, stale, .. } = made;
        let replaced: Vec<u64> =
            new.iter().filter(|(_, old)| old.is_some()).map(|(life, _)| life.number).collect();
        let mut late = if replaced.is_empty() { Vec::new() } else { self.registry.dependents(&replaced) };
        late.retain(|life| {
            let is_own = started.iter().chain(new.iter().map(|(life, _)| life));
            let begun = life.status().begun;
            !{ is_own }.any(|other| other.number == life.number) && first < begun && begun < last
        });
        late.extend(started.iter().filter(|life| stale.contains_key(&life.number)).cloned());
        late.retain(|life| {
            !Lives::is_within(life) && matches!(life.state(), PluginState::Starting | PluginState::Started)
        });
        if late.is_empty() {
            return Vec::new();
        }
        last_started_first(&mut late);
        let numbers = replaced.iter().copied().collect();
        let reason =
            |life: &Entry| stale.get(&life.number).cloned().unwrap_or_else(|| self.reason(life, &numbers));
        restarted.extend(late.iter().map(|life| (life.id().clone(), reason(life))));
        let mut errors = self.stop_each(&late).await;
        let ids: Vec<PluginId> = late.iter().map(|life| life.id().clone()).collect();
        errors.extend(self.start(&ids, StartPolicy::Continue).await.err());
        self.registry.drop_quietly(late);
        errors
    }

    /// Starts what is to be started, and makes the step. If that fails, the old plugins run as before.
    async fn carry_out_change(
        &self,
        plan: Plan,
        (concerned, beginning): (&Concerned, &Beginning),
        mut in_change: InChange,
        first: u64,
        is_dropped: &CancellationSignal,
        panicked: &mut Option<DropPanic>,
    ) -> Result<(Switched, Made), Error> {
        let Plan { mut prepared, mut starts } = plan;
        let mut started: Vec<Arc<Entry>> = Vec::new();
        let ran = starts.stopped_first.iter().rev().filter(|life| life.state() == PluginState::Started);
        let ran: Vec<_> = ran.cloned().collect();
        let mut spared = Vec::new();
        let outcome = loop {
            let outcome =
                self.start_planned(&starts, &mut in_change, &mut started, &mut spared, is_dropped).await;
            let Err(error) = outcome else { break Ok(()) };
            if is_dropped.is_cancelled() || !(starts.are_beside() && starts.are_outdated()) {
                break Err(error);
            }
            // Another change has replaced a plugin that one of these uses: they start again, with the new one.
            let mut errors = Vec::new();
            for life in started.iter().rev() {
                errors.extend(self.stop_alone(life).await);
            }
            if !errors.is_empty() {
                started.clear();
                break Err(error.with_rollback(errors));
            }
            self.registry.drop_quietly((error, std::mem::take(&mut started), std::mem::take(&mut spared)));
            match self.plan_change(prepared, concerned, beginning) {
                Ok(plan) => Plan { prepared, starts } = plan,
                Err(error) => return Err(self.undo_change(Vec::new(), in_change, ran, error).await),
            }
        };
        let (prepared, error) = match outcome {
            Ok(()) => match self.step_change(prepared, &starts, started, first, is_dropped, panicked).await {
                Ok((switched, made)) => {
                    return Ok((switched, Made { staying: in_change.stepped(), ..made }));
                }
                Err((prepared, again, error)) => {
                    started = again;
                    self.registry.drop_quietly(std::mem::take(&mut spared));
                    (prepared, error)
                }
            },
            Err(error) => (prepared, error),
        };
        let error = self.undo_change(started, in_change, ran, error).await.with_spared(spared);
        // The plugins that were started are there until they have stopped.
        self.registry.drop_quietly(prepared);
        Err(error)
    }

    /// Starts the plugins beside the old ones, then those in place.
    async fn start_planned(
        &self,
        starts: &Starts,
        in_change: &mut InChange,
        started: &mut Vec<Arc<Entry>>,
        spared: &mut Vec<Error>,
        is_dropped: &CancellationSignal,
    ) -> Result<(), Error> {
        let Starts { beside, in_place, stopped_first, back, .. } = starts;
        self.start_each(beside, started, spared, is_dropped).await?;
        if stopped_first.is_empty() && in_place.is_empty() {
            return check_started(started, &[beside]);
        }
        let errors = self.stop_each(stopped_first).await;
        Error::all(errors)?;
        in_change.look_ahead(stopped_first.iter().filter(|life| back.contains(&life.number)));
        self.start_each(in_place, started, spared, is_dropped).await?;
        check_started(started, &[beside, in_place])
    }

    /// Makes the step of a change whose plugins are started.
    async fn step_change(
        &self,
        mut prepared: Prepared,
        starts: &Starts,
        started: Vec<Arc<Entry>>,
        first: u64,
        is_dropped: &CancellationSignal,
        panicked: &mut Option<DropPanic>,
    ) -> Result<(Switched, Made), (Prepared, Vec<Arc<Entry>>, Error)> {
        let Starts { beside, in_place, back, .. } = starts;
        // The old plugins are found before the step sets them aside.
        let mut olds = self.registry.entries_of(prepared.gone());
        let by_number: HashMap<u64, Arc<Entry>> =
            olds.iter().map(|old| (old.number, Arc::clone(old))).collect();
        let old_of = |replaces: Option<u64>| by_number.get(&replaces?).cloned();
        let new: Vec<_> =
            prepared.entries().map(|(life, replaces)| (Arc::clone(life), old_of(replaces))).collect();
        let replaced: HashMap<u64, &Arc<Entry>> =
            new.iter().filter_map(|(life, old)| Some((life.number, old.as_ref()?))).collect();
        for (life, old) in &new {
            if let Some(limit) = old.as_ref().and_then(|old| old.drain_limit()) {
                life.set_drain_limit(limit);
            }
        }
        let own: HashSet<u64> = started.iter().map(|life| life.number).collect();
        // One that is stopped before the step stays outside of calls, and one that uses a plugin which another change has
        // replaced, until it is restarted. An operation that finds the new plugin comes after
        // what was asked of the old one.
        let is_joining = |life: &Entry| {
            if let Some(old) = replaced.get(&life.number) {
                old.pass_asked(life);
            }
            if own.contains(&life.number) {
                // It begins anew with the step: another change that has not found it among the registered ones yet finds
                // that it came later.
                life.status().begun = self.registry.lives().next_begun();
            }
            (own.contains(&life.number) || back.contains(&life.number))
                && life.state() == PluginState::Started
                && starts.replaced_under(life.number).is_none()
        };
        // What was started meanwhile with an old plugin is restarted after the step.
        let stays: HashSet<u64> = back.iter().copied().collect();
        let follow = self.registry.lives().calls_follow_states();
        let is_late = |life: &Entry| {
            let (begun, state) = {
                let status = life.status();
                (status.begun, status.state)
            };
            follow
                && !own.contains(&life.number)
                && !stays.contains(&life.number)
                && first < begun
                && matches!(state, PluginState::Starting | PluginState::Started)
                && !Lives::is_within(life)
        };
        olds.retain(|life| life.is_active());
        last_started_first(&mut olds);
        loop {
            let error = match prepared.step(&is_joining, &is_late, back, panicked) {
                Step::Done(switched) => {
                    let is_replaced = |life: &Arc<Entry>| !life.is_registered();
                    let planned = beside.iter().chain(in_place);
                    let stale = planned.filter_map(|each| {
                        let required = || each.required.iter().find(|life| is_replaced(life));
                        let other = starts.replaced_under(each.life.number).or_else(required)?;
                        Some((each.life.number, other.id().clone()))
                    });
                    let stale = stale.collect();
                    drop(replaced);
                    let made = Made { olds, started, new, staying: Vec::new(), stale };
                    return Ok((switched, made));
                }
                Step::Refused(again, error) => {
                    prepared = again;
                    error
                }
                Step::Missed(again) => {
                    prepared = again;
                    match unless(is_dropped, prepared.replay()).await {
                        Some(Ok(())) => continue,
                        Some(Err(error)) => error,
                        None => dropped(),
                    }
                }
            };
            return Err((prepared, started, error));
        }
    }

    /// Starts plugins one after the other. Those that were not started before go to `started`, and the one that fails. The
    /// failures of plugins that the others may do without go to `spared`.
    async fn start_each(
        &self,
        planned: &[Planned],
        started: &mut Vec<Arc<Entry>>,
        spared: &mut Vec<Error>,
        is_dropped: &CancellationSignal,
    ) -> Result<(), Error> {
        for Planned { life, required, is_needed } in planned {
            let was_active = life.is_active();
            match unless(is_dropped, self.start_one(life, required)).await {
                Some(Ok(Begun::Now)) => started.push(Arc::clone(life)),
                Some(Ok(Begun::Before | Begun::Later(_))) => {}
                Some(Err(failed)) if !is_needed => {
                    spared.push(failed.error);
                    if failed.is_own {
                        spared.extend(self.undo(life).await);
                    }
                }
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
        in_change: InChange,
        ran: Vec<Arc<Entry>>,
        error: Error,
    ) -> Error {
        let mut errors = Vec::new();
        for life in started.iter().rev() {
            errors.extend(self.stop_alone(life).await);
        }
        // The old plugins may start again, unless that they are to stop was asked meanwhile.
        let all = [&in_change.outgoing[..], &in_change.staying].concat();
        drop(in_change);
        let stopped: HashSet<u64> =
            all.iter().filter(|life| life.take_asked(Asked::Stop)).map(|life| life.number).collect();
        let again = ran.iter().filter(|life| !stopped.contains(&life.number)).map(|life| life.id().clone());
        let again: Vec<PluginId> = again.chain(self.asked()).collect();
        self.registry.drop_quietly((started, all, ran));
        if !again.is_empty() {
            errors.extend(self.within(0).start(&again, StartPolicy::Continue).await.err());
        }
        error.with_rollback(errors)
    }
}

/// Refuses a change if a plugin that it has started is not started any more, or what that plugin requires.
fn check_started(started: &[Arc<Entry>], planned: &[&[Planned]]) -> Result<(), Error> {
    let is_own = |life: &Entry| started.iter().any(|other| other.number == life.number);
    for Planned { life, required, .. } in planned.iter().copied().flatten().filter(|each| is_own(&each.life))
    {
        for dependency in required {
            let state = dependency.state();
            if state != PluginState::Started {
                let (plugin, dependency) = (life.id().clone(), dependency.id().clone());
                return Err(Error::DependencyNotStarted { plugin, dependency, state });
            }
        }
        if life.state() != PluginState::Started {
            let source = Cause::new("it was stopped before calls could reach it");
            let (plugin, phase) = (life.id().clone(), Phase::Start);
            return Err(Error::Start { plugin, phase, source, rollback: Vec::new() });
        }
    }
    Ok(())
}

/// Returns the error of a change whose future was dropped, which nobody gets.
fn dropped() -> Error {
    Error::Several { errors: Vec::new() }
}
