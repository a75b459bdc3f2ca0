//! Replacing plugins while the manager runs, as one change that can be undone.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::drops::DropPanic;
use crate::base::futures::BoxFuture;
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

/// The incoming plugins of a replacement, with their numbers.
pub(crate) type Arrived = Vec<(PluginId, u64)>;

/// Replaces plugins while the manager runs. A feature that runs phases of plugins stops and starts them meanwhile.
pub(crate) trait Replacer: Send + Sync {
    /// Does what [`Registry::replace_all`] says.
    fn replace_all<'r>(
        &self,
        registry: &'r Arc<Registry>,
        leaving: &'r [u64],
        incoming: Vec<Incoming>,
        panicked: &'r mut Option<DropPanic>,
    ) -> BoxFuture<'r, Result<Arrived, Error>>;
}

/// A plugin that was removed, with all that is needed to put it back.
struct Removed {
    number: u64,
    record: Record,
    /// The state that each feature kept for it.
    taken: Vec<Option<Taken>>,
}

impl Registry {
    /// Removes the plugins with the numbers `leaving` and those that are replaced, and registers the `incoming` ones, or
    /// leaves everything as it was.
    ///
    /// Returns the incoming plugins with their numbers. The first panic of a destructor of the removed plugins goes to
    /// `panicked`.
    pub(crate) async fn replace_all(
        self: &Arc<Self>,
        leaving: &[u64],
        incoming: Vec<Incoming>,
        panicked: &mut Option<DropPanic>,
    ) -> Result<Arrived, Error> {
        if let Some(replacer) = self.replacer.get() {
            return replacer.replace_all(self, leaving, incoming, panicked).await;
        }
        let replacement = self.replace(leaving, incoming, panicked)?;
        match replacement.replay().await {
            Ok(()) => Ok(replacement.complete(panicked)),
            Err(error) => {
                replacement.undo();
                Err(error)
            }
        }
    }

    /// Lets `replacer` replace plugins from now on.
    pub(crate) fn set_replacer(&self, replacer: &'static dyn Replacer) {
        let _ = self.replacer.set(replacer);
    }

    /// Removes the plugins with the numbers `removed` and those that are replaced, and wires the `incoming` ones, or
    /// leaves everything as it was. A replacement takes the place of the plugin that it replaces.
    ///
    /// Nothing is replayed to the incoming plugins yet. If they are refused, observers are told of destructors of them
    /// that panic. Another panic of a destructor goes to `panicked`, unless it has one.
    pub(crate) fn replace(
        &self,
        removed: &[u64],
        incoming: Vec<Incoming>,
        panicked: &mut Option<DropPanic>,
    ) -> Result<Replacement<'_>, Error> {
        let replaced: Vec<_> = incoming.iter().map(|each| each.replaces).collect();
        let mut candidates: Vec<_> = incoming.into_iter().map(|each| each.candidate).collect();
        let (replacement, panic) = self.change_caught(|state, deferred| {
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
        self.keep_drop(panicked, panic);
        match replacement {
            Ok(removed) => Ok(Replacement { registry: self, candidates, removed }),
            Err(error) => {
                self.drop_quietly(candidates);
                Err(error)
            }
        }
    }

    /// Puts the plugins with these numbers into this order. Together they keep the places that they have.
    ///
    /// Returns the first panic of a destructor.
    #[cfg(feature = "config")]
    #[must_use = "the panic is told nobody yet"]
    pub(crate) fn rerank(&self, numbers: &[u64]) -> Option<DropPanic> {
        let change = |state: &mut State, deferred: &mut DeferredDrops| {
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
        };
        self.change_caught(change).1
    }
}

impl State {
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

    /// Removes a plugin that has neither a name nor implementations at points any more.
    fn take(&mut self, number: u64) -> Option<Removed> {
        let record = self.plugins.remove(&number)?;
        self.count_waiting(&record.owner, false);
        record.owner.registered.store(false, Ordering::Release);
        self.users.remove(&record.entry);
        Some(Removed { number, taken: self.take_parts(number), record })
    }

    /// Puts a plugin back, unless its name or its place is taken by now, its name is blocked, or its order has become
    /// impossible.
    fn put_back(&mut self, removed: Removed, deferred: &mut DeferredDrops) {
        let Removed { number, record, taken } = removed;
        if self.plugins.contains_key(&number)
            || record.owner.names().any(|name| self.names.contains_key(name) || self.blocked.contains(name))
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

    /// Makes the change final, and returns the incoming plugins with their numbers.
    ///
    /// The first panic of a destructor of the removed plugins goes to `panicked`, unless it has one. Observers are told of
    /// the others.
    pub(crate) fn complete(mut self, panicked: &mut Option<DropPanic>) -> Arrived {
        let candidates = std::mem::take(&mut self.candidates);
        let removed = std::mem::take(&mut self.removed);
        let arrived = candidates.iter().map(|each| (each.owner.id.clone(), each.number)).collect();
        let panic = self.registry.drop_caught((removed, candidates));
        self.registry.keep_drop(panicked, panic);
        arrived
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
        Incoming { candidate: candidate(registry, id, "new"), replaces }
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
        (now(registry.replace_all(leaving, incoming, &mut panicked)), panicked)
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
