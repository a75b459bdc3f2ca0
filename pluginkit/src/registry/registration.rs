//! Registering and unregistering: all or nothing.

use std::collections::BTreeMap;
use std::collections::hash_map;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::drops::{self, DropPanic, Foreign};
use crate::base::name::{PluginId, short_type_name};
use crate::error::Error;
use crate::plugin::AnyPlugin;
use crate::plugin::implementation::{Contribution, Implementation, is_reserved};
use crate::registry::candidate::{Candidate, Staged, address};
use crate::registry::entry::Departed;
use crate::registry::history::replay;
#[cfg(feature = "async")]
use crate::registry::history::replay_async;
use crate::registry::{DeferredDrops, Record, Registry, Siblings, State};

impl Registry {
    /// Registers all of `candidates` and replays past events to them, or leaves everything as it was. A manager that
    /// awaits replays refuses candidates with events to replay.
    pub fn register(&self, candidates: Vec<Candidate>) -> Result<Vec<PluginId>, Error> {
        let entered = self.enter(candidates, self.host.is_async())?;
        match self.replay(&entered.candidates) {
            Ok(()) => Ok(entered.stay()),
            Err(error) => Err(entered.fail(error)),
        }
    }

    /// Registers all of `candidates` and awaits the replay of past events to them, or leaves everything as it was. A
    /// future that is dropped early undoes the registration.
    #[cfg(feature = "async")]
    pub async fn register_and_replay(&self, candidates: Vec<Candidate>) -> Result<Vec<PluginId>, Error> {
        let entered = self.enter(candidates, false)?;
        match self.replay_async(&entered.candidates).await {
            Ok(()) => Ok(entered.stay()),
            Err(error) => Err(entered.fail(error)),
        }
    }

    /// Replays past events to `candidates`, which are wired.
    fn replay(&self, candidates: &[Candidate]) -> Result<(), Error> {
        for Candidate { owner, implementations, .. } in replaying(candidates) {
            let mut seen = 0;
            while let Some(events) = self.due(owner, implementations, &mut seen) {
                replay(implementations, &events)?;
            }
        }
        Ok(())
    }

    /// Awaits the replay of past events to `candidates`, which are wired.
    #[cfg(feature = "async")]
    async fn replay_async(&self, candidates: &[Candidate]) -> Result<(), Error> {
        for Candidate { owner, implementations, .. } in replaying(candidates) {
            let mut seen = 0;
            while let Some(events) = self.due(owner, implementations, &mut seen) {
                replay_async(implementations, &events).await?;
            }
        }
        Ok(())
    }

    /// Wires all of `candidates`, or none if one is refused. If `too_early`, those with events to replay are refused.
    fn enter(&self, mut candidates: Vec<Candidate>, too_early: bool) -> Result<Registering<'_>, Error> {
        let (admitted, panicked) = self.change_caught(|state, deferred| {
            state.number(&mut candidates);
            #[cfg(all(feature = "config", feature = "macros"))]
            State::override_candidates(&mut candidates, &state.overrides);
            let admitted = self.admit(state, &candidates).and_then(|()| {
                if too_early {
                    state.check_replays(&candidates)?;
                }
                state.let_in(implementations(&candidates))
            });
            match admitted {
                Ok(()) => {
                    state.commit(&candidates, deferred);
                    state.accept_offers(&mut candidates);
                }
                Err(_) => state.send_away(&candidates),
            }
            admitted
        });
        match admitted {
            Ok(()) => {
                #[cfg(all(feature = "config", feature = "macros", feature = "tracing"))]
                self.warn_overrides(&candidates);
                Ok(Registering { registry: self, candidates, panicked })
            }
            Err(error) => {
                if let Some(panic) = &panicked {
                    self.report_drop(panic);
                }
                self.drop_each(candidates);
                Err(error)
            }
        }
    }

    /// Registers one plugin as [`register_and_replay`](Self::register_and_replay) does.
    #[cfg(feature = "async")]
    pub(crate) async fn register_and_replay_one(&self, staged: Staged) -> Result<PluginId, Error> {
        let id = staged.id.clone();
        self.register_and_replay(vec![self.candidate(staged)?]).await.map(|_| id)
    }

    /// Registers one plugin as [`register`](Self::register) does.
    pub(crate) fn register_one(&self, staged: Staged) -> Result<PluginId, Error> {
        let id = staged.id.clone();
        self.register(vec![self.candidate(staged)?]).map(|_| id)
    }

    /// Reserves the names of all `candidates`, or finds a reason to refuse one. The names of those before it stay
    /// reserved then.
    pub(super) fn admit(&self, state: &mut State, candidates: &[Candidate]) -> Result<(), Error> {
        state.names.reserve(candidates.len());
        state.addresses.reserve(candidates.len());
        for candidate in candidates {
            let plugin = &candidate.owner.id;
            if plugin.is_empty() {
                return Err(Error::EmptyName { type_name: short_type_name(candidate.type_name) });
            }
            if is_reserved(plugin) {
                return Err(Error::ReservedName { plugin: plugin.clone() });
            }
            for name in candidate.owner.names() {
                if state.blocked.contains(name) {
                    return Err(Error::Blocked { plugin: name.clone() });
                }
            }
            for alias in &candidate.owner.aliases {
                if let Some(number) = state.names.get(alias) {
                    let of = |each: &&Candidate| each.number == *number;
                    let registered = state.plugins.get(number).map(|record| &record.owner.id);
                    let taken_by = registered.or_else(|| Some(&candidates.iter().find(of)?.owner.id));
                    let taken_by = taken_by.unwrap_or(alias).clone();
                    return Err(Error::AliasTaken { plugin: plugin.clone(), alias: alias.clone(), taken_by });
                }
            }
            let hash_map::Entry::Vacant(name) = state.names.entry(plugin.clone()) else {
                return Err(Error::NameTaken { plugin: plugin.clone() });
            };
            match state.addresses.entry(address(&candidate.instance)) {
                hash_map::Entry::Vacant(entry) => entry.insert(candidate.number),
                hash_map::Entry::Occupied(entry) => {
                    let owner = |number| match state.plugins.get(number) {
                        Some(record) => &record.owner,
                        None => {
                            let same = candidates.iter().find(|each| each.number == *number);
                            &same.expect("who has an address is registered or was just admitted").owner
                        }
                    };
                    let registered = owner(entry.get()).id.clone();
                    return Err(Error::AlreadyRegistered { plugin: plugin.clone(), registered });
                }
            };
            name.insert(candidate.number);
            for alias in &candidate.owner.aliases {
                state.names.insert(alias.clone(), candidate.number);
            }
            if candidate.is_bare {
                return Err(Error::NoExtensions {
                    plugin: plugin.clone(),
                    type_name: short_type_name(candidate.type_name),
                });
            }
            for offer in &candidate.offers {
                offer.check(state, &self.project)?;
            }
            for implementation in &*candidate.implementations {
                let contribution = &implementation.contribution;
                let point = state.point(contribution.point);
                let offloads = point.is_none_or(|point| point.slot.offloads);
                self.host.check(plugin, contribution, offloads)?;
                let is_built_in =
                    state.places.get(&contribution.point).is_some_and(|&at| at < state.built_in);
                if is_built_in && has_no_order(implementation, &candidate.implementations) {
                    return Err(Error::PhaseOrder { plugin: plugin.clone(), point: contribution.info });
                }
                if point.is_none() && !contribution.options.optional {
                    return Err(state.unknown_specs(plugin, contribution));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn unregister(&self, name: &str) -> Option<AnyPlugin> {
        let removed = self.change(|state, deferred| {
            let number = *state.names.get(name)?;
            state.remove(number, deferred)
        });
        removed.map(Foreign::into_inner)
    }

    pub(crate) fn unregister_plugin(&self, plugin: &AnyPlugin) -> Option<AnyPlugin> {
        let removed = self.change(|state, deferred| {
            let number = *state.addresses.get(&address(plugin))?;
            state.remove(number, deferred)
        });
        removed.map(Foreign::into_inner)
    }

    pub(crate) fn block(&self, name: PluginId) -> Option<AnyPlugin> {
        let removed = self.change(|state, deferred| {
            let removed = state.names.get(&name).copied().and_then(|number| state.remove(number, deferred));
            state.blocked.insert(name);
            removed
        });
        removed.map(Foreign::into_inner)
    }

    /// Removes the registered ones of the plugins with these numbers, in one step: a destructor that panics keeps none
    /// of them registered.
    pub fn remove_all(&self, numbers: impl Iterator<Item = u64>) -> Vec<Option<Foreign<AnyPlugin>>> {
        self.change(|state, deferred| numbers.map(|number| state.remove(number, deferred)).collect())
    }
}

/// Plugins that are registered, with replays perhaps under way. Dropping it unregisters all of them.
struct Registering<'r> {
    registry: &'r Registry,
    candidates: Vec<Candidate>,
    /// The panic of a destructor, for the caller once the registration is complete.
    panicked: Option<DropPanic>,
}

impl Registering<'_> {
    /// Takes the registration back, and returns its error.
    fn fail(self, error: Error) -> Error {
        // In a variable that contains its destructor, while others run.
        let error = Foreign::new(error, None);
        drop(self);
        error.into_inner()
    }

    /// Makes the registration final, and returns the names.
    fn stay(mut self) -> Vec<PluginId> {
        let candidates = std::mem::take(&mut self.candidates);
        let ids = candidates.iter().map(|candidate| candidate.owner.id.clone()).collect();
        let (mut panicked, mut left) = (self.panicked.take(), Some(candidates));
        drops::scope(&|panic| self.registry.report_drop(panic), &mut || {
            drops::go_on(panicked.take());
            left = None;
        });
        ids
    }
}

impl Drop for Registering<'_> {
    fn drop(&mut self) {
        let candidates = std::mem::take(&mut self.candidates);
        if let Some(panic) = &self.panicked.take() {
            self.registry.report_drop(panic);
        }
        let removed = self.registry.remove_all(candidates.iter().map(|candidate| candidate.number));
        self.registry.drop_each((removed, candidates));
    }
}

/// Returns the candidates with events to replay.
fn replaying(candidates: &[Candidate]) -> impl Iterator<Item = &Candidate> {
    candidates.iter().filter(|candidate| candidate.owner.replaying.load(Ordering::Acquire))
}

pub(super) fn implementations(candidates: &[Candidate]) -> impl Iterator<Item = &Arc<Implementation>> {
    candidates.iter().flat_map(|candidate| &*candidate.implementations)
}

/// Returns whether an implementation of a phase has options of an order that do nothing. Only implementations of the same plugin
/// are ordered.
fn has_no_order(of: &Implementation, all: &[Arc<Implementation>]) -> bool {
    let Contribution { point, role, .. } = &*of.contribution;
    let is_sibling =
        |each: &&Arc<Implementation>| each.contribution.point == *point && each.contribution.role == *role;
    let options = of.options();
    options.names_others() || options.orders() && all.iter().filter(is_sibling).count() == 1
}

/// Puts an implementation into its point.
pub(super) fn file(siblings: Siblings<'_>, each: &Arc<Implementation>, _deferred: &mut DeferredDrops) {
    match siblings {
        Siblings::Members(members) => {
            members.insert(Arc::clone(each), each.takes_part());
        }
        Siblings::Pending(pending) => {
            pending.insert(each.place, Arc::clone(each));
        }
    }
}

/// Takes an implementation out of its point.
pub(super) fn withdraw(siblings: Siblings<'_>, each: &Arc<Implementation>, deferred: &mut DeferredDrops) {
    deferred.push(match siblings {
        Siblings::Members(members) => members.remove(each),
        Siblings::Pending(pending) => pending.remove(&each.place),
    });
}

impl State {
    /// Numbers `candidates`, before anything else refers to them.
    pub(super) fn number(&mut self, candidates: &mut [Candidate]) {
        for candidate in candidates {
            candidate.set_number(self.registrations);
            self.registrations += 1;
        }
    }

    /// Accepts the offers of `candidates`, which are wired.
    pub(super) fn accept_offers(&mut self, candidates: &mut [Candidate]) {
        for candidate in candidates {
            for offer in candidate.offers.drain(..) {
                offer.accept(self, &candidate.entry);
            }
        }
    }

    /// Frees the names that `candidates` have reserved.
    pub(super) fn send_away(&mut self, candidates: &[Candidate]) {
        for candidate in candidates {
            for name in candidate.owner.names() {
                if self.names.get(name) == Some(&candidate.number) {
                    self.names.remove(name);
                }
            }
            let address = address(&candidate.instance);
            if self.addresses.get(&address) == Some(&candidate.number) {
                self.addresses.remove(&address);
            }
        }
    }

    /// Wires `candidates`, which [`let_in`](Self::let_in) has found possible to order.
    pub(super) fn commit(&mut self, candidates: &[Candidate], deferred: &mut DeferredDrops) {
        for candidate in candidates {
            self.begin_replays(&candidate.owner, &candidate.implementations);
            self.begin(&candidate.owner, &candidate.implementations);
            self.users.add(&candidate.entry);
            self.note_move(&candidate.owner.id);
            self.plugins.insert(
                candidate.number,
                Record {
                    rank: candidate.rank,
                    owner: Arc::clone(&candidate.owner),
                    instance: Foreign::new(Arc::clone(&candidate.instance), Some(&candidate.owner.id)),
                    entry: Arc::clone(&candidate.entry),
                    implementations: Arc::clone(&candidate.implementations),
                },
            );
        }
        self.change_members(implementations(candidates), deferred, file);
    }

    /// Makes room for `newcomers` at their points, before they are wired. Returns an error if they cannot be ordered.
    pub(super) fn let_in<'i>(
        &mut self,
        newcomers: impl Iterator<Item = &'i Arc<Implementation>>,
    ) -> Result<(), Error> {
        let mut concerned: BTreeMap<usize, Vec<Arc<Implementation>>> = BTreeMap::new();
        for newcomer in newcomers {
            if let Some(&place) = self.places.get(&newcomer.contribution.point) {
                concerned.entry(place).or_default().push(Arc::clone(newcomer));
            }
        }
        concerned.retain(|&place, own| own.iter().any(|newcomer| self.points[place].members.bind(newcomer)));
        for (&place, own) in &concerned {
            let point = &mut self.points[place];
            if let Err(error) = point.members.let_in(own, point.slot.info) {
                for (&earlier, own) in concerned.range(..place) {
                    self.points[earlier].members.keep_out(own);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Frees the room that [`let_in`](Self::let_in) has made for `newcomers`.
    #[cfg(feature = "macros")]
    pub(super) fn keep_out<'i>(&mut self, newcomers: impl Iterator<Item = &'i Arc<Implementation>>) {
        for newcomer in newcomers {
            if let Some(&place) = self.places.get(&newcomer.contribution.point) {
                self.points[place].members.keep_out(std::slice::from_ref(newcomer));
            }
        }
    }

    /// Refuses candidates with events to replay.
    fn check_replays(&self, candidates: &[Candidate]) -> Result<(), Error> {
        match candidates.iter().find_map(|candidate| self.to_replay(&candidate.implementations)) {
            None => Ok(()),
            Some(implementation) => Err(Error::NeedsReplay {
                plugin: implementation.plugin().clone(),
                point: implementation.contribution.info,
            }),
        }
    }

    pub(super) fn remove(&mut self, number: u64, deferred: &mut DeferredDrops) -> Option<Foreign<AnyPlugin>> {
        let record = self.plugins.remove(&number)?;
        self.count_waiting(&record.owner, false);
        record.owner.registered.store(false, Ordering::Release);
        for name in record.owner.names() {
            self.names.remove(name);
        }
        self.addresses.remove(&address(&record.instance));
        self.users.remove(&record.entry);
        self.note_move(&record.owner.id);
        self.change_members(&*record.implementations, deferred, withdraw);
        self.take_parts(number).into_iter().flatten().for_each(|taken| deferred.push_boxed(taken));
        deferred.push(record.implementations);
        deferred.push(Departed(record.entry));
        Some(record.instance)
    }
}
