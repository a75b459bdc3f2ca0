//! Replacing plugins while the manager runs, in one step.
//!
//! The new plugins are [prepared](Prepared) beside the old ones: a feature can run their phases, and calls do not reach
//! them. One [step](Prepared::step) then shows them to calls in place of the old plugins, which leave. Before the step,
//! dropping what was prepared leaves everything as it was.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::base::drops::{self, DropPanic, Foreign};
use crate::base::futures::BoxFuture;
use crate::base::name::PluginId;
use crate::base::state::StateMap;
use crate::error::Error;
#[cfg(not(feature = "config"))]
use crate::plugin::implementation::Implementation;
use crate::registry::candidate::{Candidate, address};
use crate::registry::entry::Departed;
use crate::registry::history::replay_caught;
#[cfg(feature = "config")]
use crate::registry::overrides::{Overrides, Reset};
use crate::registry::registration::{file, implementations, withdraw};
use crate::registry::{DeferredDrops, Entry, Record, Registry, State};
#[cfg(feature = "config")]
use crate::spec::point::PointInfo;

/// A plugin that is to be registered.
pub(crate) struct Incoming {
    pub(crate) candidate: Candidate,
    /// The number of the plugin that it replaces, if it replaces one.
    pub(crate) replaces: Option<u64>,
    /// Whether it comes only as long as the plugin that it replaces is there.
    only_instead: bool,
}

impl Incoming {
    pub(crate) fn new(candidate: Candidate, replaces: Option<u64>) -> Self {
        Self { candidate, replaces, only_instead: false }
    }

    /// Returns the same plugin, which nobody asks for but the one that it replaces is there.
    #[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "for changes of a running manager"))]
    pub(crate) fn only_instead(self) -> Self {
        Self { only_instead: true, ..self }
    }

    /// Returns the settings of the plugin, for its phases.
    pub(crate) fn settings(&self) -> &StateMap {
        &self.candidate.entry.settings
    }

    pub(crate) fn entry(&self) -> &Arc<Entry> {
        &self.candidate.entry
    }

    /// Returns the points that the plugin extends, perhaps with repetitions.
    #[cfg(feature = "config")]
    pub(crate) fn points(&self) -> Vec<&'static PointInfo> {
        self.candidate.implementations.iter().map(|each| each.contribution.info).collect()
    }
}

/// The incoming plugins of a replacement, with their numbers.
pub(crate) type Arrived = Vec<(PluginId, u64)>;

/// The time limits of plugins; `None` is no limit. That of another plugin is inherited.
pub(crate) type Timeouts = Arc<HashMap<PluginId, Option<Duration>>>;

/// A function that a step calls with the incoming plugins.
pub(crate) type Done = Box<dyn FnOnce(&Arc<Registry>, &Arrived) + Send>;

/// A change to the plugins of a running manager.
#[derive(Default)]
pub(crate) struct Change {
    /// The numbers of the plugins that leave and are not replaced.
    pub(crate) leaving: Vec<u64>,
    pub(crate) incoming: Vec<Incoming>,
    /// The order and the groups of plugins from the step on, if they change.
    #[cfg(feature = "macros")]
    pub(crate) arrangement: Option<Arrangement>,
    /// The options of extensions that a configuration sets from the step on, if they change.
    #[cfg(feature = "config")]
    pub(crate) overrides: Option<Arc<Overrides>>,
    /// The time limits of incoming plugins, if something decides on them.
    pub(crate) timeouts: Option<Timeouts>,
    /// Called right after the step with the incoming plugins.
    pub(crate) done: Option<Done>,
    /// A value that is dropped when the whole change has ended.
    pub(crate) keep: Option<Box<dyn Any + Send>>,
}

/// The order and the groups of plugins.
#[cfg(feature = "macros")]
pub(crate) struct Arrangement {
    /// The plugins of the configuration in their order. Together they keep the places that they have.
    pub(crate) order: Vec<PluginId>,
    /// None, if the groups stay as they are.
    #[cfg(feature = "config")]
    pub(crate) groups: Option<HashMap<String, Vec<PluginId>>>,
}

/// The outcome of a change.
#[derive(Default)]
pub(crate) struct Changed {
    pub(crate) arrived: Arrived,
    /// The plugins that were made anew because of another, each with that plugin.
    #[cfg_attr(not(feature = "config"), allow(dead_code, reason = "for the reports of loads"))]
    pub(crate) rebuilt: Vec<(PluginId, PluginId)>,
    /// The plugins that were stopped and started again because of another, each with that plugin.
    #[cfg_attr(not(feature = "config"), allow(dead_code, reason = "for the reports of loads"))]
    pub(crate) restarted: Vec<(PluginId, PluginId)>,
    /// The errors of the plugins that left, as they stopped.
    pub(crate) stop_errors: Vec<Error>,
}

/// The implementations of registered plugins that get other options: none in this build.
#[cfg(not(feature = "config"))]
type Reset = Vec<(u64, Arc<[Arc<Implementation>]>)>;

/// Changes the plugins of a running manager. A feature that runs phases of plugins starts the incoming ones before the step,
/// and stops those that left after it.
pub(crate) trait Replacer: Send + Sync {
    /// Does what [`Registry::replace_all`] says.
    fn replace_all<'r>(
        &self,
        registry: &'r Arc<Registry>,
        change: Change,
        panicked: &'r mut Option<DropPanic>,
    ) -> BoxFuture<'r, Result<Changed, Error>>;
}

/// Makes a plugin anew that a feature has made.
pub(crate) trait Rebuilder: Send + Sync {
    /// Makes the plugin anew; `None` if the host made it.
    fn rebuild(&self, registry: &Arc<Registry>, plugin: &Entry) -> Option<Result<Incoming, Error>>;

    /// Notes that plugins were made anew.
    fn rebuilt(&self, registry: &Arc<Registry>, arrived: &Arrived);
}

impl Registry {
    /// Removes the plugins that leave or are replaced, and registers the incoming ones, or leaves everything as it was.
    ///
    /// The first panic of a destructor of the removed plugins goes to `panicked`.
    pub(crate) async fn replace_all(
        self: &Arc<Self>,
        change: Change,
        panicked: &mut Option<DropPanic>,
    ) -> Result<Changed, Error> {
        if let Some(replacer) = self.replacer.get() {
            return replacer.replace_all(self, change, panicked).await;
        }
        let mut prepared = self.prepare(change, panicked)?;
        let switched = loop {
            prepared.replay().await?;
            match prepared.step(&|_| false, &|_| false, &[], panicked) {
                Step::Done(switched) => break switched,
                Step::Late(again) => prepared = again,
                Step::Refused(_, error) => return Err(error),
            }
        };
        Ok(Changed { arrived: switched.end(panicked), ..Changed::default() })
    }

    /// Lets `replacer` replace plugins from now on.
    pub(crate) fn set_replacer(&self, replacer: &'static dyn Replacer) {
        let _ = self.replacer.set(replacer);
    }

    /// Lets `rebuilder` make plugins anew from now on.
    #[cfg(feature = "config")]
    pub(crate) fn set_rebuilder(&self, rebuilder: &'static dyn Rebuilder) {
        let _ = self.rebuilder.set(rebuilder);
    }

    /// Returns what makes plugins anew.
    pub(crate) fn rebuilder(&self) -> Option<&'static dyn Rebuilder> {
        self.rebuilder.get().copied()
    }

    /// Prepares a change. The incoming plugins have their numbers and what they offer, and only they see that.
    ///
    /// # Errors
    ///
    /// Returns the reason why the manager would refuse the change. Observers are told of destructors of the incoming
    /// plugins that panic. Another panic of a destructor goes to `panicked`, unless it has one.
    pub(crate) fn prepare(
        self: &Arc<Self>,
        change: Change,
        panicked: &mut Option<DropPanic>,
    ) -> Result<Prepared, Error> {
        let Change { leaving, incoming, timeouts, done, keep, .. } = change;
        let arrangement = change.arrangement;
        #[cfg(feature = "config")]
        let overrides = change.overrides;
        let replaces: Vec<_> = incoming.iter().map(|each| each.replaces).collect();
        let only_instead: Vec<_> =
            incoming.iter().filter(|each| each.only_instead).filter_map(|each| each.replaces).collect();
        let timeouts: Vec<_> =
            incoming.iter().map(|each| timeouts.as_ref()?.get(each.entry().id()).copied()).collect();
        let mut candidates: Vec<_> = incoming.into_iter().map(|each| each.candidate).collect();
        let (admitted, panic) = self.change_caught(|state, deferred| {
            if let Some(plugin) = state.in_another_change(&leaving, &replaces, &candidates) {
                return Err(Error::BeingReplaced { plugin });
            }
            if let Some(plugin) = state.removed_meanwhile(&only_instead, &replaces, &candidates) {
                return Err(Error::BeingReplaced { plugin });
            }
            state.number(&mut candidates);
            state.changes += 1;
            let change = state.changes;
            for candidate in &candidates {
                candidate.entry.aside.store(change, Ordering::Relaxed);
                candidate.entry.ahead.store(change, Ordering::Relaxed);
            }
            let gone = state.gone(&leaving, &replaces);
            state.inherit(&mut candidates, &replaces);
            for (candidate, timeout) in candidates.iter().zip(timeouts) {
                if let Some(timeout) = timeout {
                    candidate.owner.timeout.set(timeout);
                }
            }
            #[cfg(feature = "config")]
            let reset = state.apply_overrides(overrides.as_ref(), &mut candidates, &gone);
            #[cfg(not(feature = "config"))]
            let reset = Vec::new();
            let changed = std::mem::take(&mut state.changed);
            let admitted = self.try_out(state, &gone, &candidates, &reset, deferred);
            if admitted.is_ok() {
                state.take_back(&candidates, &reset);
                for candidate in &candidates {
                    state.aside.insert(candidate.number, candidate.record());
                }
                state.superseded.extend(gone.iter().map(|number| (change, *number)));
                state.accept_offers(&mut candidates);
            }
            state.put_back(&gone, &reset, deferred);
            state.changed = changed;
            admitted.map(|()| (change, gone))
        });
        self.keep_drop(panicked, panic);
        let (number, superseded) = match admitted {
            Ok(admitted) => admitted,
            Err(error) => {
                self.drop_quietly(candidates);
                return Err(error);
            }
        };
        Ok(Prepared {
            registry: Arc::clone(self),
            leaving,
            only_instead,
            number,
            superseded,
            seen: vec![0; candidates.len()],
            replaces,
            candidates,
            #[cfg(feature = "macros")]
            arrangement,
            #[cfg(feature = "config")]
            overrides,
            done,
            keep,
        })
    }

    /// Takes the plugins with the numbers `gone` out, and makes room for the candidates and for the implementations that
    /// get other options. After an error, there is none.
    fn try_out(
        &self,
        state: &mut State,
        gone: &[u64],
        candidates: &[Candidate],
        reset: &Reset,
        deferred: &mut DeferredDrops,
    ) -> Result<(), Error> {
        for number in gone {
            state.unname(*number);
            state.withdraw_all(*number, deferred);
        }
        for (number, _) in reset {
            state.withdraw_all(*number, deferred);
        }
        let newcomers = || implementations(candidates).chain(reset.iter().flat_map(|(_, own)| &**own));
        let admitted = self.admit(state, candidates).and_then(|()| state.let_in(newcomers()));
        if admitted.is_err() {
            state.send_away(candidates);
        }
        admitted
    }

    /// Drops a plugin that has left, after its last phase. The first panic of a destructor goes to `panicked`, unless it has
    /// one.
    pub(crate) fn discard(&self, number: u64, panicked: &mut Option<DropPanic>) {
        let ((), panic) = self.change_caught(|state, deferred| state.drop_aside(number, deferred));
        self.keep_drop(panicked, panic);
    }
}

impl State {
    /// Returns a plugin that is to leave or to be replaced, and that another change takes away, or has replaced already.
    fn in_another_change(
        &self,
        leaving: &[u64],
        replaces: &[Option<u64>],
        candidates: &[Candidate],
    ) -> Option<PluginId> {
        let taken: HashSet<u64> = self.superseded.iter().map(|(_, number)| *number).collect();
        let gone = leaving.iter().chain(replaces.iter().flatten());
        let taken = gone.filter(|number| taken.contains(number)).find_map(|number| self.plugins.get(number));
        let is_late = |replaces: &Option<u64>, candidate: &Candidate| {
            replaces.is_some_and(|number| !self.plugins.contains_key(&number))
                && self.names.contains_key(&candidate.owner.id)
        };
        let late =
            || replaces.iter().zip(candidates).find(|(replaces, candidate)| is_late(replaces, candidate));
        taken
            .map(|record| record.owner.id.clone())
            .or_else(|| late().map(|(_, candidate)| candidate.owner.id.clone()))
    }

    /// Takes users of the plugins that go out of calls, as far as they are late.
    fn leave_late(&mut self, gone: &[u64], is_late: &dyn Fn(&Entry) -> bool, deferred: &mut DeferredDrops) {
        let going: HashSet<u64> = gone.iter().copied().collect();
        for number in self.dependents(gone) {
            let Some(record) = self.plugins.get(&number) else { continue };
            if going.contains(&number) || !is_late(&record.entry) {
                continue;
            }
            record.entry.is_late.store(true, Ordering::Relaxed);
            if record.owner.leave(self.publications) {
                self.renew(number, deferred);
            }
        }
    }

    /// Returns a plugin that is gone, and whose replacement nobody asks for any more.
    fn removed_meanwhile(
        &self,
        only_instead: &[u64],
        replaces: &[Option<u64>],
        candidates: &[Candidate],
    ) -> Option<PluginId> {
        let removed = only_instead.iter().find(|number| !self.plugins.contains_key(number))?;
        let at = replaces.iter().position(|replaces| *replaces == Some(*removed))?;
        Some(candidates[at].owner.id.clone())
    }

    /// Returns the plugins that leave or are replaced. A plugin that was unregistered meanwhile needs no removal.
    fn gone(&self, leaving: &[u64], replaces: &[Option<u64>]) -> Vec<u64> {
        let gone = leaving.iter().copied().chain(replaces.iter().copied().flatten());
        gone.filter(|number| self.plugins.contains_key(number)).collect()
    }

    /// Gives candidates the ranks and the settings of the plugins that they replace.
    fn inherit(&self, candidates: &mut [Candidate], replaces: &[Option<u64>]) {
        for (candidate, replaces) in candidates.iter_mut().zip(replaces) {
            if let Some(replaced) = replaces.and_then(|number| self.plugins.get(&number)) {
                candidate.set_rank(replaced.rank);
                candidate.owner.inherit(&replaced.owner);
            }
        }
    }

    /// Frees the room that was made for candidates and for other options.
    fn take_back(&mut self, candidates: &[Candidate], reset: &Reset) {
        self.keep_out(implementations(candidates).chain(reset.iter().flat_map(|(_, own)| &**own)));
        self.send_away(candidates);
    }

    /// Puts plugins back that were taken out to try something.
    fn put_back(&mut self, gone: &[u64], reset: &Reset, deferred: &mut DeferredDrops) {
        for number in gone {
            self.name(*number);
            self.file_all(*number, deferred);
        }
        for (number, _) in reset {
            self.file_all(*number, deferred);
        }
    }

    /// Gives candidates the options that a configuration sets, `overrides` or those of the last one. Returns what
    /// `overrides` changes of the plugins that stay.
    #[cfg(feature = "config")]
    fn apply_overrides(
        &self,
        overrides: Option<&Arc<Overrides>>,
        candidates: &mut [Candidate],
        gone: &[u64],
    ) -> Reset {
        Self::override_candidates(candidates, overrides.unwrap_or(&self.overrides));
        overrides.map_or_else(Vec::new, |overrides| self.reset(overrides, gone))
    }

    /// Frees the name of a plugin.
    fn unname(&mut self, number: u64) {
        let record = &self.plugins[&number];
        for name in record.owner.names() {
            self.names.remove(name);
        }
        self.addresses.remove(&address(&record.instance));
    }

    /// Gives a plugin its name back.
    fn name(&mut self, number: u64) {
        let record = &self.plugins[&number];
        for name in record.owner.names() {
            self.names.insert(name.clone(), number);
        }
        self.addresses.insert(address(&record.instance), number);
    }

    /// Takes the implementations of a plugin out of their points.
    fn withdraw_all(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let own = Arc::clone(&self.plugins[&number].implementations);
        self.change_members(&*own, deferred, withdraw);
    }

    /// Puts the implementations of a plugin back into their points.
    fn file_all(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let own = Arc::clone(&self.plugins[&number].implementations);
        self.change_members(&*own, deferred, file);
    }

    /// Sets a plugin aside that has neither a name nor implementations at points any more. Its phases can still run.
    fn set_aside(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let Some(record) = self.plugins.remove(&number) else { return };
        self.count_waiting(&record.owner, false);
        record.owner.registered.store(false, Ordering::Release);
        record.owner.leave(self.publications);
        // Nobody sees what it still provides.
        record.entry.aside.store(u64::MAX, Ordering::Relaxed);
        self.users.remove(&record.entry);
        self.note_move(&record.owner.id);
        self.take_parts(number).into_iter().flatten().for_each(|taken| deferred.push_boxed(taken));
        self.aside.insert(number, record);
    }

    /// Drops a plugin that was set aside or prepared.
    fn drop_aside(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let Some(record) = self.aside.remove(&number) else { return };
        record.owner.registered.store(false, Ordering::Release);
        self.take_parts(number).into_iter().flatten().for_each(|taken| deferred.push_boxed(taken));
        deferred.push(record.implementations);
        deferred.push(Departed(record.entry));
        deferred.push(record.instance);
    }

    /// Puts the plugins with these numbers into this order. Together they keep the places that they have.
    #[cfg(feature = "macros")]
    fn rerank(&mut self, numbers: &[u64], deferred: &mut DeferredDrops) {
        let present: Vec<u64> =
            numbers.iter().copied().filter(|number| self.plugins.contains_key(number)).collect();
        let mut ranks: Vec<u64> = present.iter().map(|number| self.plugins[number].rank).collect();
        ranks.sort_unstable();
        self.parts.iter_mut().for_each(|part| part.reorder(&present));
        let moved = present.into_iter().zip(ranks);
        let moved: Vec<_> = moved.filter(|(number, rank)| self.plugins[number].rank != *rank).collect();
        for (number, _) in &moved {
            self.withdraw_all(*number, deferred);
        }
        for (number, rank) in moved {
            let Some(record) = self.plugins.get_mut(&number) else { continue };
            let own = record.implementations.iter();
            let own: Arc<[_]> = own.map(|each| Arc::new(each.ranked(rank))).collect();
            record.rank = rank;
            deferred.push(std::mem::replace(&mut record.implementations, Arc::clone(&own)));
            self.change_members(&*own, deferred, file);
        }
    }

    #[cfg(feature = "macros")]
    #[cfg_attr(
        not(feature = "config"),
        allow(clippy::needless_pass_by_value, reason = "its groups are taken, where there are groups")
    )]
    fn arrange(&mut self, arrangement: Arrangement, deferred: &mut DeferredDrops) {
        let numbers: Vec<_> = arrangement.order.iter().filter_map(|id| self.names.get(id).copied()).collect();
        self.rerank(&numbers, deferred);
        #[cfg(feature = "config")]
        if let Some(groups) = arrangement.groups {
            self.groups = Arc::new(groups);
        }
        self.changed = (0..self.points.len()).collect();
    }
}

impl Candidate {
    /// Returns its record.
    fn record(&self) -> Record {
        Record {
            rank: self.rank,
            owner: Arc::clone(&self.owner),
            instance: Foreign::new(Arc::clone(&self.instance), Some(&self.owner.id)),
            entry: Arc::clone(&self.entry),
            implementations: Arc::clone(&self.implementations),
        }
    }
}

/// A change that is prepared: its incoming plugins are beside those of the manager. Dropping it gives the change up.
/// Observers are told of destructors that panic then.
pub(crate) struct Prepared {
    registry: Arc<Registry>,
    leaving: Vec<u64>,
    replaces: Vec<Option<u64>>,
    /// The numbers of the plugins without which those that replace them do not come.
    only_instead: Vec<u64>,
    /// The plugins that incoming ones do not see any more.
    superseded: Vec<u64>,
    /// The number of the change.
    number: u64,
    candidates: Vec<Candidate>,
    /// The number of past events that each of them has seen.
    seen: Vec<u64>,
    #[cfg(feature = "macros")]
    arrangement: Option<Arrangement>,
    #[cfg(feature = "config")]
    overrides: Option<Arc<Overrides>>,
    done: Option<Done>,
    keep: Option<Box<dyn Any + Send>>,
}

/// The outcome of an attempt to make the step of a change.
pub(crate) enum Step {
    Done(Switched),
    /// There are new past events to replay first.
    Late(Prepared),
    /// The manager refuses the change by now.
    Refused(Prepared, Error),
}

impl Prepared {
    /// Returns the incoming plugins, each with the number of the plugin that it replaces.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&Arc<Entry>, Option<u64>)> {
        self.candidates.iter().map(|candidate| &candidate.entry).zip(self.replaces.iter().copied())
    }

    /// Returns the number of the change.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Returns the numbers of the plugins that leave or are replaced.
    pub(crate) fn gone(&self) -> &[u64] {
        &self.superseded
    }

    /// Replays past events to the incoming plugins. A panic counts as a failure.
    pub(crate) async fn replay(&mut self) -> Result<(), Error> {
        for (Candidate { owner, implementations, .. }, seen) in self.candidates.iter().zip(&mut self.seen) {
            while let Some(events) = self.registry.due(owner, implementations, seen) {
                replay_caught(implementations, &events).await?;
            }
        }
        Ok(())
    }

    /// Shows calls the incoming plugins instead of the old ones, in one step.
    ///
    /// Of the incoming plugins that wait outside of calls, and of those with the numbers `back`, which stay, those that are
    /// joining take part from now on. Those of the other users of the old plugins that are late leave calls. Both is asked
    /// under the registry's lock.
    ///
    /// The first panic of a destructor goes to `panicked`, unless it has one.
    pub(crate) fn step(
        mut self,
        is_joining: &dyn Fn(&Entry) -> bool,
        is_late: &dyn Fn(&Entry) -> bool,
        back: &[u64],
        panicked: &mut Option<DropPanic>,
    ) -> Step {
        let registry = Arc::clone(&self.registry);
        let (stepped, panic) = registry.change_caught(|state, deferred| {
            let has_missed = |(candidate, seen): (&Candidate, &u64)| {
                state.has_events_from(*seen, &candidate.implementations)
            };
            if self.candidates.iter().zip(&self.seen).any(has_missed) {
                return Ok(None);
            }
            if let Some(plugin) =
                state.removed_meanwhile(&self.only_instead, &self.replaces, &self.candidates)
            {
                return Err(Error::BeingReplaced { plugin });
            }
            let gone = state.gone(&self.leaving, &self.replaces);
            state.inherit(&mut self.candidates, &self.replaces);
            #[cfg(feature = "config")]
            let reset = state.apply_overrides(self.overrides.as_ref(), &mut self.candidates, &gone);
            #[cfg(not(feature = "config"))]
            let reset = Vec::new();
            if let Err(error) = registry.try_out(state, &gone, &self.candidates, &reset, deferred) {
                state.put_back(&gone, &reset, deferred);
                return Err(error);
            }
            state.leave_late(&gone, is_late, deferred);
            for number in &gone {
                state.set_aside(*number, deferred);
            }
            for candidate in &self.candidates {
                let Some(record) = state.aside.remove(&candidate.number) else { continue };
                let implementations = Arc::clone(&candidate.implementations);
                let record = Record { rank: candidate.rank, implementations, ..record };
                state.begin(&record.owner, &record.implementations);
                record.owner.replayed.store(state.events, Ordering::Release);
                if is_joining(&record.entry) {
                    state.count_waiting(&record.owner, false);
                    record.owner.is_out.store(false, Ordering::Relaxed);
                }
                record.entry.aside.store(0, Ordering::Relaxed);
                record.entry.ahead.store(0, Ordering::Relaxed);
                state.users.add(&record.entry);
                state.note_move(&record.owner.id);
                state.plugins.insert(candidate.number, record);
            }
            state.change_members(implementations(&self.candidates), deferred, file);
            for number in back {
                if let Some(record) = state.plugins.get(number) {
                    record.entry.ahead.store(0, Ordering::Relaxed);
                    if is_joining(&record.entry) {
                        state.let_back(*number, deferred);
                    }
                }
            }
            state.forget_superseded(self.number);
            #[cfg(feature = "config")]
            {
                state.commit_reset(reset, deferred);
                if let Some(overrides) = self.overrides.take() {
                    state.overrides = overrides;
                }
            }
            if let Some(arrangement) = self.arrangement.take() {
                state.arrange(arrangement, deferred);
            }
            Ok(Some(gone))
        });
        registry.keep_drop(panicked, panic);
        let removed = match stepped {
            Ok(Some(removed)) => removed,
            Ok(None) => return Step::Late(self),
            Err(error) => return Step::Refused(self, error),
        };
        self.superseded.clear();
        let candidates = std::mem::take(&mut self.candidates);
        let arrived: Arrived = candidates.iter().map(|each| (each.owner.id.clone(), each.number)).collect();
        registry.keep_drop(panicked, registry.drop_caught(candidates));
        let panic = drops::caught(&|panic| registry.report_drop(panic), &mut || {
            if let Some(done) = self.done.take() {
                done(&registry, &arrived);
            }
        });
        registry.keep_drop(panicked, panic);
        Step::Done(Switched { registry, arrived, removed, _keep: self.keep.take() })
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        if self.candidates.is_empty() && self.superseded.is_empty() {
            return;
        }
        let ((), panic) = self.registry.change_caught(|state, deferred| {
            for candidate in &self.candidates {
                state.drop_aside(candidate.number, deferred);
            }
            state.forget_superseded(self.number);
        });
        if let Some(panic) = &panic {
            self.registry.report_drop(panic);
        }
        self.registry.drop_quietly(std::mem::take(&mut self.candidates));
    }
}

/// A change whose step is made. The plugins that left are still there for their last phases, until they are
/// [discarded](Registry::discard). Dropping it discards all of them; observers are told of destructors that panic.
pub(crate) struct Switched {
    registry: Arc<Registry>,
    pub(crate) arrived: Arrived,
    /// The plugins that left.
    pub(crate) removed: Vec<u64>,
    _keep: Option<Box<dyn Any + Send>>,
}

impl Switched {
    /// Discards the plugins that left, and returns the incoming ones. The first panic of a destructor goes to `panicked`,
    /// unless it has one.
    pub(crate) fn end(mut self, panicked: &mut Option<DropPanic>) -> Arrived {
        for number in std::mem::take(&mut self.removed) {
            self.registry.discard(number, panicked);
        }
        std::mem::take(&mut self.arrived)
    }
}

impl Drop for Switched {
    fn drop(&mut self) {
        let mut panicked = None;
        for number in std::mem::take(&mut self.removed) {
            self.registry.discard(number, &mut panicked);
        }
        if let Some(panic) = &panicked {
            self.registry.report_drop(panic);
        }
    }
}

/// A manager always has a lifecycle, so only a test sees a registry that replaces plugins by itself.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;
    use crate::base::futures::now;
    use crate::plugin::PluginMetadata;
    use crate::registry::{Host, Staged};

    struct Noted(&'static str);

    impl Drop for Noted {
        fn drop(&mut self) {
            assert_ne!(self.0, "bad", "a bad plugin");
        }
    }

    fn registry() -> Arc<Registry> {
        Registry::new("test", Host::new(false), Clock::default())
    }

    fn candidate(registry: &Registry, id: &str, value: &'static str) -> Candidate {
        let metadata = Some(PluginMetadata::new(id));
        let instance = Arc::new(Noted(value));
        let staged = Staged::new(id.into(), "Noted", instance, Vec::new(), metadata, Vec::new());
        registry.candidate(staged).unwrap()
    }

    fn add(registry: &Registry, id: &str, value: &'static str) -> u64 {
        registry.register(vec![candidate(registry, id, value)]).unwrap();
        registry.number_of(id).unwrap()
    }

    fn incoming(registry: &Registry, id: &str, replaces: Option<u64>) -> Incoming {
        Incoming::new(candidate(registry, id, "new"), replaces)
    }

    fn plugins(registry: &Registry) -> Vec<(String, &'static str)> {
        let named = |id: PluginId| {
            let plugin = registry.plugin(&id).unwrap();
            (id.to_string(), plugin.downcast_ref::<Noted>().unwrap().0)
        };
        registry.plugin_names().into_iter().map(named).collect()
    }

    fn replace(
        registry: &Arc<Registry>,
        leaving: &[u64],
        incoming: Vec<Incoming>,
    ) -> (Result<Arrived, Error>, Option<DropPanic>) {
        let mut panicked = None;
        let change = Change { leaving: leaving.to_vec(), incoming, ..Change::default() };
        let changed = now(registry.replace_all(change, &mut panicked));
        (changed.map(|changed| changed.arrived), panicked)
    }

    #[test]
    fn replacements_keep_their_places_and_the_others_join_at_the_end() {
        let registry = registry();
        let (first, second) = (add(&registry, "first", "old"), add(&registry, "second", "old"));
        add(&registry, "third", "old");
        let arriving = vec![incoming(&registry, "fourth", None), incoming(&registry, "second", Some(second))];
        let (arrived, panicked) = replace(&registry, &[first], arriving);
        let arrived: Vec<_> = arrived.unwrap().into_iter().map(|(id, _)| id.to_string()).collect();
        assert_eq!(arrived, ["fourth", "second"]);
        assert!(panicked.is_none());
        let now = [("second", "new"), ("third", "old"), ("fourth", "new")];
        assert_eq!(plugins(&registry), now.map(|(id, value)| (id.to_owned(), value)));
    }

    #[test]
    fn a_refused_plugin_leaves_everything_as_it_was() {
        let registry = registry();
        let (first, second) = (add(&registry, "first", "old"), add(&registry, "second", "old"));
        add(&registry, "third", "old");
        let arriving = vec![incoming(&registry, "second", Some(second)), incoming(&registry, "third", None)];
        let (arrived, panicked) = replace(&registry, &[first], arriving);
        assert!(matches!(arrived, Err(Error::NameTaken { plugin, .. }) if plugin == "third"));
        assert!(panicked.is_none());
        let now = [("first", "old"), ("second", "old"), ("third", "old")];
        assert_eq!(plugins(&registry), now.map(|(id, value)| (id.to_owned(), value)));
        assert_eq!(registry.number_of("second"), Some(second));
    }

    #[test]
    fn the_panic_of_a_removed_plugin_is_handed_to_the_caller() {
        let registry = registry();
        let bad = add(&registry, "first", "bad");
        let (arrived, panicked) = replace(&registry, &[], vec![incoming(&registry, "first", Some(bad))]);
        assert_eq!(arrived.unwrap().len(), 1);
        assert!(panicked.is_some());
        assert_eq!(plugins(&registry), [("first".to_owned(), "new")]);
    }
}
