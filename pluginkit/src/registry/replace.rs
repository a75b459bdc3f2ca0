//! Replacing plugins while the manager runs, as one change that can be undone.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::drops::DropPanic;
use crate::base::name::PluginId;
use crate::base::state::StateMap;
use crate::error::Error;
use crate::registry::candidate::{Candidate, address};
use crate::registry::history::replay_caught;
use crate::registry::registration::{file, implementations, withdraw};
use crate::registry::{DeferredDrops, Record, Registry, State, Taken};

/// A plugin that is to be registered.
pub(crate) struct Incoming {
    pub(crate) candidate: Candidate,
    /// The number of the plugin that it replaces, if it replaces one.
    pub(crate) replaces: Option<u64>,
}

impl Incoming {
    /// Returns the settings of the plugin, for its phases.
    pub(crate) fn settings(&self) -> &StateMap {
        &self.candidate.entry.settings
    }
}

/// A plugin that was removed, with all that is needed to put it back.
struct Removed {
    number: u64,
    record: Record,
    /// The state that each feature kept for it.
    taken: Vec<Option<Taken>>,
}

impl Registry {
    /// Removes the plugins with the numbers `removed` and those that are replaced, and wires the `incoming` ones, or
    /// leaves everything as it was. A replacement takes the place of the plugin that it replaces.
    ///
    /// Nothing is replayed to the incoming plugins yet.
    pub(crate) fn replace(&self, removed: &[u64], incoming: Vec<Incoming>) -> Result<Replacement<'_>, Error> {
        let replaced: Vec<_> = incoming.iter().map(|each| each.replaces).collect();
        let mut candidates: Vec<_> = incoming.into_iter().map(|each| each.candidate).collect();
        let replacement = self.change(|state, deferred| {
            let gone = removed.iter().copied().chain(replaced.iter().copied().flatten());
            // A plugin that was unregistered meanwhile needs no removal.
            let gone: Vec<u64> = gone.filter(|number| state.plugins.contains_key(number)).collect();
            let free: HashSet<u64> = gone.iter().copied().collect();
            state.number(&mut candidates);
            for (candidate, replaced) in candidates.iter_mut().zip(&replaced) {
                if let Some(replaced) = replaced.filter(|replaced| free.contains(replaced)) {
                    let replaced = &state.plugins[&replaced];
                    candidate.set_rank(replaced.rank);
                    candidate.owner.inherit(&replaced.owner);
                }
            }
            for number in &gone {
                state.unname(*number);
                state.withdraw_all(*number, deferred);
            }
            let admitted =
                self.admit(state, &candidates).and_then(|()| state.let_in(implementations(&candidates)));
            if let Err(error) = admitted {
                state.send_away(&candidates);
                for number in &gone {
                    state.name(*number);
                    state.file_all(*number, deferred);
                }
                return Err(error);
            }
            let removed: Vec<_> = gone.iter().filter_map(|number| state.take(*number)).collect();
            state.commit(&candidates, deferred);
            state.accept_offers(&mut candidates);
            Ok(removed)
        });
        match replacement {
            Ok(removed) => Ok(Replacement { registry: self, candidates, removed }),
            Err(error) => {
                self.drop_each(candidates);
                Err(error)
            }
        }
    }

    /// Puts the plugins with these numbers into this order. Together they keep the places that they have.
    #[cfg(feature = "config")]
    pub(crate) fn rerank(&self, numbers: &[u64]) {
        self.change(|state, deferred| {
            let present: Vec<u64> =
                numbers.iter().copied().filter(|number| state.plugins.contains_key(number)).collect();
            let mut ranks: Vec<u64> = present.iter().map(|number| state.plugins[number].rank).collect();
            ranks.sort_unstable();
            state.parts.iter_mut().for_each(|part| part.reorder(&present));
            let moved = present.into_iter().zip(ranks);
            let moved: Vec<_> = moved.filter(|(number, rank)| state.plugins[number].rank != *rank).collect();
            for (number, _) in &moved {
                let own = Arc::clone(&state.plugins[number].implementations);
                state.change_members(&*own, deferred, withdraw);
            }
            for (number, rank) in moved {
                let Some(record) = state.plugins.get_mut(&number) else { continue };
                let own = record.implementations.iter();
                let own: Arc<[_]> = own.map(|each| Arc::new(each.ranked(rank))).collect();
                record.rank = rank;
                deferred.push(std::mem::replace(&mut record.implementations, Arc::clone(&own)));
                state.change_members(&*own, deferred, file);
            }
        });
    }
}

impl State {
    /// Frees the name of a plugin.
    fn unname(&mut self, number: u64) {
        let record = &self.plugins[&number];
        self.names.remove(&record.owner.id);
        self.addresses.remove(&address(&record.instance));
    }

    /// Gives a plugin its name back.
    fn name(&mut self, number: u64) {
        let record = &self.plugins[&number];
        self.names.insert(record.owner.id.clone(), number);
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

    /// Removes a plugin that has neither a name nor implementations at points any more.
    fn take(&mut self, number: u64) -> Option<Removed> {
        let record = self.plugins.remove(&number)?;
        record.owner.registered.store(false, Ordering::Release);
        self.users.remove(&record.entry);
        Some(Removed { number, taken: self.take_parts(number), record })
    }

    /// Puts a plugin back, unless its name or its place is taken by now, its name is blocked, or its order has become
    /// impossible.
    fn put_back(&mut self, removed: Removed, deferred: &mut DeferredDrops) {
        let Removed { number, record, taken } = removed;
        if self.plugins.contains_key(&number)
            || self.names.contains_key(&record.owner.id)
            || self.blocked.contains(&record.owner.id)
            || self.addresses.contains_key(&address(&record.instance))
            || self.let_in(record.implementations.iter()).is_err()
        {
            deferred.push(record.instance);
            deferred.push(record.implementations);
            deferred.push(record.entry);
            return deferred.push(taken);
        }
        record.owner.registered.store(true, Ordering::Release);
        self.change_members(&*record.implementations, deferred, file);
        self.users.add(&record.entry);
        self.plugins.insert(number, record);
        self.name(number);
        self.put_parts_back(taken);
    }
}

/// Incoming plugins that are registered, and removed ones that are not. Dropping it undoes both.
pub(crate) struct Replacement<'r> {
    registry: &'r Registry,
    candidates: Vec<Candidate>,
    removed: Vec<Removed>,
}

impl Replacement<'_> {
    /// Replays past events to the incoming plugins. A panic counts as a failure.
    pub(crate) async fn replay(&self) -> Result<(), Error> {
        for Candidate { owner, implementations, .. } in &self.candidates {
            if !owner.replaying.load(Ordering::Acquire) {
                continue;
            }
            let mut seen = 0;
            while let Some(events) = self.registry.due(owner, implementations, &mut seen) {
                replay_caught(implementations, &events).await?;
            }
        }
        Ok(())
    }

    /// Returns the names and the numbers of the incoming plugins.
    pub(crate) fn registered(&self) -> impl Iterator<Item = (&PluginId, u64)> {
        self.candidates.iter().map(|candidate| (&candidate.owner.id, candidate.number))
    }

    /// Makes the change final. Returns the first panic of a destructor of the removed plugins; observers are told of the
    /// others.
    #[must_use = "no caller has heard of the panic"]
    pub(crate) fn keep(mut self) -> Option<DropPanic> {
        let candidates = std::mem::take(&mut self.candidates);
        let removed = std::mem::take(&mut self.removed);
        self.registry.drop_caught((removed, candidates))
    }

    /// Undoes the change. Observers are told of destructors that panic.
    pub(crate) fn undo(self) {
        let registry = self.registry;
        registry.drop_quietly(self);
    }
}

impl Drop for Replacement<'_> {
    fn drop(&mut self) {
        let put_back = std::mem::take(&mut self.removed);
        if self.candidates.is_empty() && put_back.is_empty() {
            return;
        }
        let taken_out: Vec<_> = self.registry.change(|state, deferred| {
            let is_in = |state: &State, candidate: &Candidate| {
                let record = state.plugins.get(&candidate.number);
                record.is_some_and(|record| Arc::ptr_eq(&record.owner, &candidate.owner))
            };
            let mut taken_out = Vec::new();
            for candidate in &self.candidates {
                if is_in(state, candidate) {
                    taken_out.extend(state.remove(candidate.number, deferred));
                }
            }
            for removed in put_back {
                state.put_back(removed, deferred);
            }
            taken_out
        });
        self.registry.drop_each((taken_out, std::mem::take(&mut self.candidates)));
    }
}
