//! What a change takes out of a manager, sets aside and puts back.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::name::PluginId;
#[cfg(not(feature = "config"))]
use crate::plugin::implementation::Implementation;
use crate::registry::candidate::{Candidate, address};
use crate::registry::dependents::by_use;
use crate::registry::entry::Departed;
#[cfg(feature = "config")]
use crate::registry::overrides::Overrides;
#[cfg(feature = "config")]
pub(super) use crate::registry::overrides::Reset;
use crate::registry::registration::{file, implementations, withdraw};
use crate::registry::replace::Arrangement;
use crate::registry::{DeferredDrops, Entry, State};

/// The implementations of registered plugins that get other options: none in this build.
#[cfg(not(feature = "config"))]
pub(super) type Reset = Vec<(u64, Arc<[Arc<Implementation>]>)>;

impl State {
    /// Returns a plugin that is to leave or to be replaced, and that another change takes away, or has replaced already.
    pub(super) fn in_another_change(
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
    pub(super) fn leave_late(
        &mut self,
        gone: &[u64],
        is_late: &dyn Fn(&Entry) -> bool,
        deferred: &mut DeferredDrops,
    ) {
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
    pub(super) fn removed_meanwhile(
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
    pub(super) fn gone(&self, leaving: &[u64], replaces: &[Option<u64>]) -> Vec<u64> {
        let gone = leaving.iter().copied().chain(replaces.iter().copied().flatten());
        gone.filter(|number| self.plugins.contains_key(number)).collect()
    }

    /// Gives candidates the ranks and the settings of the plugins that they replace.
    pub(super) fn inherit(&self, candidates: &mut [Candidate], replaces: &[Option<u64>]) {
        for (candidate, replaces) in candidates.iter_mut().zip(replaces) {
            if let Some(replaced) = replaces.and_then(|number| self.plugins.get(&number)) {
                candidate.set_rank(replaced.rank);
                candidate.owner.inherit(&replaced.owner);
            }
        }
    }

    /// Gives what candidates have in other parts of the state the places of what the replaced plugins have there.
    pub(super) fn take_places(&mut self, candidates: &[Candidate], replaces: &[Option<u64>]) {
        for (candidate, replaces) in candidates.iter().zip(replaces) {
            if let Some(old) = *replaces {
                self.parts.iter_mut().for_each(|part| part.take_places(candidate.number, old));
            }
        }
    }

    /// Frees the room that was made for candidates and for other options.
    pub(super) fn take_back(&mut self, candidates: &[Candidate], reset: &Reset) {
        self.keep_out(implementations(candidates).chain(reset.iter().flat_map(|(_, own)| &**own)));
        self.send_away(candidates);
    }

    /// Puts plugins back that were taken out to try something.
    pub(super) fn put_back(&mut self, gone: &[u64], reset: &Reset, deferred: &mut DeferredDrops) {
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
    pub(super) fn apply_overrides(
        &self,
        overrides: Option<&Arc<Overrides>>,
        candidates: &mut [Candidate],
        gone: &[u64],
    ) -> Reset {
        Self::override_candidates(candidates, overrides.unwrap_or(&self.overrides));
        overrides.map_or_else(Vec::new, |overrides| self.reset(overrides, gone))
    }

    /// Frees the name of a plugin.
    pub(super) fn unname(&mut self, number: u64) {
        let record = &self.plugins[&number];
        for name in record.owner.names() {
            self.names.remove(name);
        }
        self.addresses.remove(&address(&record.instance));
    }

    /// Gives a plugin its name back.
    pub(super) fn name(&mut self, number: u64) {
        let record = &self.plugins[&number];
        for name in record.owner.names() {
            self.names.insert(name.clone(), number);
        }
        self.addresses.insert(address(&record.instance), number);
    }

    /// Takes the implementations of a plugin out of their points.
    pub(super) fn withdraw_all(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let own = Arc::clone(&self.plugins[&number].implementations);
        self.change_members(&*own, deferred, withdraw);
    }

    /// Puts the implementations of a plugin back into their points.
    pub(super) fn file_all(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let own = Arc::clone(&self.plugins[&number].implementations);
        self.change_members(&*own, deferred, file);
    }

    /// Sets a plugin aside that has neither a name nor implementations at points any more. Its phases can still run.
    pub(super) fn set_aside(&mut self, number: u64, deferred: &mut DeferredDrops) {
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
    pub(super) fn drop_aside(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let Some(record) = self.aside.remove(&number) else { return };
        record.owner.registered.store(false, Ordering::Release);
        self.take_parts(number).into_iter().flatten().for_each(|taken| deferred.push_boxed(taken));
        deferred.push(record.implementations);
        deferred.push(Departed(record.entry));
        deferred.push(record.instance);
    }

    /// Puts the plugins with these numbers into this order. Together they keep the places that they have.
    pub(super) fn rerank(&mut self, numbers: &[u64], deferred: &mut DeferredDrops) {
        let present: Vec<u64> =
            numbers.iter().copied().filter(|number| self.plugins.contains_key(number)).collect();
        let mut ranks: Vec<u64> = present.iter().map(|number| self.plugins[number].rank).collect();
        ranks.sort_unstable();
        self.parts.iter_mut().for_each(|part| part.reorder(&present));
        let moved = present.iter().copied().zip(ranks);
        let moved: Vec<_> = moved.filter(|(number, rank)| self.plugins[number].rank != *rank).collect();
        for (number, _) in &moved {
            self.withdraw_all(*number, deferred);
        }
        let is_moved = !moved.is_empty();
        for (number, rank) in moved {
            let Some(record) = self.plugins.get_mut(&number) else { continue };
            let own = record.implementations.iter();
            let own: Arc<[_]> = own.map(|each| Arc::new(each.ranked(rank))).collect();
            record.rank = rank;
            deferred.push(std::mem::replace(&mut record.implementations, Arc::clone(&own)));
            self.change_members(&*own, deferred, file);
        }
        if is_moved {
            // In the order of their starts, as after a start of all.
            let present: HashSet<u64> = present.into_iter().collect();
            let entries: Vec<_> = self.ranked().map(|record| &record.entry).collect();
            let starts = by_use(entries.iter().copied()).into_iter().map(|at| entries[at].number);
            let starts: Vec<u64> = starts.filter(|number| present.contains(number)).collect();
            self.parts.iter_mut().for_each(|part| part.reorder_started(&starts));
        }
    }

    #[cfg_attr(
        not(feature = "config"),
        allow(clippy::needless_pass_by_value, reason = "its groups are taken, where there are groups")
    )]
    pub(super) fn arrange(&mut self, arrangement: Arrangement, deferred: &mut DeferredDrops) {
        let numbers: Vec<_> = arrangement.order.iter().filter_map(|id| self.names.get(id).copied()).collect();
        self.rerank(&numbers, deferred);
        #[cfg(feature = "config")]
        if let Some(groups) = arrangement.groups {
            self.groups = Arc::new(groups);
        }
        self.changed = (0..self.points.len()).collect();
    }
}
