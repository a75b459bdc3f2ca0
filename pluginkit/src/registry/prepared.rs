//! [`Prepared`]: a change on its way to its one step.
//!
//! The new plugins are prepared beside the old ones: a feature can run their phases, and calls do not reach
//! them. One [step](Prepared::step) then shows them to calls in place of the old plugins, which leave. Before the step,
//! dropping what was prepared leaves everything as it was.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::drops::{self, DropPanic, Foreign};
use crate::error::Error;
use crate::registry::aside::Reset;
use crate::registry::candidate::Candidate;
use crate::registry::history::replay_caught;
#[cfg(feature = "config")]
use crate::registry::overrides::Overrides;
use crate::registry::registration::{file, implementations};
use crate::registry::replace::{Arrangement, Arrived, Change, Done};
use crate::registry::{DeferredDrops, Entry, Record, Registry, State};

impl Registry {
    /// Prepares a change. The incoming plugins have their numbers and what they offer, and only they see that.
    ///
    /// # Errors
    ///
    /// Returns the reason why the manager would refuse the change. Observers are told of destructors of the incoming
    /// plugins that panic. Another panic of a destructor goes to `panicked`, unless it has one.
    pub fn prepare(
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
pub struct Prepared {
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
    arrangement: Option<Arrangement>,
    #[cfg(feature = "config")]
    overrides: Option<Arc<Overrides>>,
    done: Option<Done>,
    keep: Option<Box<dyn Any + Send>>,
}

/// The outcome of an attempt to make the step of a change.
pub enum Step {
    /// The step is made.
    Done(Switched),
    /// The incoming plugins have missed new past events, which are to be replayed first.
    Missed(Prepared),
    /// The manager refuses the change by now.
    Refused(Prepared, Error),
}

impl Prepared {
    /// Returns the incoming plugins, each with the number of the plugin that it replaces.
    pub fn entries(&self) -> impl Iterator<Item = (&Arc<Entry>, Option<u64>)> {
        self.candidates.iter().map(|candidate| &candidate.entry).zip(self.replaces.iter().copied())
    }

    /// Returns the number of the change.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the numbers of the plugins that leave or are replaced.
    pub fn gone(&self) -> &[u64] {
        &self.superseded
    }

    /// Replays past events to the incoming plugins. A panic counts as a failure.
    pub async fn replay(&mut self) -> Result<(), Error> {
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
    pub fn step(
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
            state.take_places(&self.candidates, &self.replaces);
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
            Ok(None) => return Step::Missed(self),
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
/// discarded by [`end`](Self::end). Dropping it discards all of them; observers are told of destructors that panic.
pub struct Switched {
    registry: Arc<Registry>,
    pub(crate) arrived: Arrived,
    /// The plugins that left.
    pub(crate) removed: Vec<u64>,
    _keep: Option<Box<dyn Any + Send>>,
}

impl Switched {
    /// Discards the plugins that left, and returns the incoming ones. The first panic of a destructor goes to `panicked`,
    /// unless it has one.
    pub fn end(mut self, panicked: &mut Option<DropPanic>) -> Arrived {
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
