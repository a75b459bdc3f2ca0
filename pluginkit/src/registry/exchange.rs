//! Plugins that come in for others, as one step that can be taken back.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::drops::DropPanic;
use crate::base::name::PluginId;
use crate::base::state::StateMap;
use crate::error::Error;
use crate::registry::history::replay_caught;
use crate::registry::registration::{Candidate, address, file, implementations, withdraw};
use crate::registry::{DeferredDrops, Record, Registry, State, Taken};

/// A plugin on its way in.
pub(crate) struct Arriving {
    pub(crate) candidate: Candidate,
    /// The registration whose place it takes, if it takes one's.
    pub(crate) replaces: Option<u64>,
}

impl Arriving {
    /// Where its phases find its settings.
    pub(crate) fn settings(&self) -> &StateMap {
        &self.candidate.entry.settings
    }
}

/// What a plugin that left was to its manager, so that it can come back.
struct Left {
    number: u64,
    record: Record,
    /// What each feature had of it.
    taken: Vec<Option<Taken>>,
}

impl Registry {
    /// Takes out the plugins with the numbers `leaving`, and those whose places the others take, and wires
    /// those, or leaves everything as it was. Each newcomer has the place of the one it replaces.
    ///
    /// Nothing is replayed to the newcomers yet.
    pub(crate) fn exchange(&self, leaving: &[u64], arriving: Vec<Arriving>) -> Result<Exchanged<'_>, Error> {
        let places: Vec<_> = arriving.iter().map(|each| each.replaces).collect();
        let mut candidates: Vec<_> = arriving.into_iter().map(|each| each.candidate).collect();
        let exchanged = self.change(|state, deferred| {
            let replaced = places.iter().copied().flatten();
            let mut gone: Vec<u64> = leaving.iter().copied().chain(replaced).collect();
            // Who was unregistered meanwhile needs not leave.
            gone.retain(|number| state.plugins.contains_key(number));
            let free: HashSet<u64> = gone.iter().copied().collect();
            state.number(&mut candidates);
            for (candidate, place) in candidates.iter_mut().zip(&places) {
                if let Some(place) = place.filter(|place| free.contains(place)) {
                    let replaced = &state.plugins[&place];
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
            let left: Vec<_> = gone.iter().filter_map(|number| state.take(*number)).collect();
            state.commit(&candidates, deferred);
            state.accept_offers(&mut candidates);
            Ok(left)
        });
        match exchanged {
            Ok(left) => Ok(Exchanged { registry: self, candidates, left }),
            Err(error) => {
                self.drop_each(candidates);
                Err(error)
            }
        }
    }

    /// Lets the plugins with these numbers stand in this order, in the places that they have together.
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
    /// Takes its name from a plugin.
    fn unname(&mut self, number: u64) {
        let record = &self.plugins[&number];
        self.names.remove(&record.owner.id);
        self.addresses.remove(&address(&record.instance));
    }

    /// Gives it back.
    fn name(&mut self, number: u64) {
        let record = &self.plugins[&number];
        self.names.insert(record.owner.id.clone(), number);
        self.addresses.insert(address(&record.instance), number);
    }

    /// Takes what a plugin has away from its points.
    fn withdraw_all(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let own = Arc::clone(&self.plugins[&number].implementations);
        self.change_members(&*own, deferred, withdraw);
    }

    /// Puts it back.
    fn file_all(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let own = Arc::clone(&self.plugins[&number].implementations);
        self.change_members(&*own, deferred, file);
    }

    /// Takes out a plugin that has lost its name, and whose points have lost it.
    fn take(&mut self, number: u64) -> Option<Left> {
        let record = self.plugins.remove(&number)?;
        record.owner.registered.store(false, Ordering::Release);
        self.users.remove(&record.entry);
        Some(Left { number, taken: self.take_parts(number), record })
    }

    /// Puts it back, unless another has its name or place by now, or stands where it can no longer be ordered.
    fn put_back(&mut self, left: Left, deferred: &mut DeferredDrops) {
        let Left { number, record, taken } = left;
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

/// Plugins that are in, and others that are out: dropped, it takes both back.
pub(crate) struct Exchanged<'r> {
    registry: &'r Registry,
    candidates: Vec<Candidate>,
    left: Vec<Left>,
}

impl Exchanged<'_> {
    /// Replays past events to the newcomers; one that panics has failed.
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

    /// The newcomers and their numbers.
    pub(crate) fn arrived(&self) -> impl Iterator<Item = (&PluginId, u64)> {
        self.candidates.iter().map(|candidate| (&candidate.owner.id, candidate.number))
    }

    /// Leaves it so. Returns the first panic of a destructor of those that left; observers are told of the others.
    #[must_use = "the panic is told nobody yet"]
    pub(crate) fn stay(mut self) -> Option<DropPanic> {
        let candidates = std::mem::take(&mut self.candidates);
        let left = std::mem::take(&mut self.left);
        self.registry.drop_caught((left, candidates))
    }

    /// Takes both back. Observers are told of destructors that panic.
    pub(crate) fn take_back(self) {
        let registry = self.registry;
        registry.drop_quietly(self);
    }
}

impl Drop for Exchanged<'_> {
    fn drop(&mut self) {
        let left = std::mem::take(&mut self.left);
        if self.candidates.is_empty() && left.is_empty() {
            return;
        }
        let removed: Vec<_> = self.registry.change(|state, deferred| {
            let is_in = |state: &State, candidate: &Candidate| {
                let record = state.plugins.get(&candidate.number);
                record.is_some_and(|record| Arc::ptr_eq(&record.owner, &candidate.owner))
            };
            let mut removed = Vec::new();
            for candidate in &self.candidates {
                if is_in(state, candidate) {
                    removed.extend(state.remove(candidate.number, deferred));
                }
            }
            for left in left {
                state.put_back(left, deferred);
            }
            removed
        });
        self.registry.drop_each((removed, std::mem::take(&mut self.candidates)));
    }
}
