//! Registering and unregistering: all or nothing.

use std::collections::BTreeMap;
use std::collections::hash_map;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::drops::Foreign;
use crate::base::name::{PluginId, short_type_name};
use crate::error::Error;
use crate::plugin::AnyPlugin;
use crate::plugin::PluginMetadata;
use crate::plugin::implementation::{Contribution, Implementation, Owner};
use crate::registry::entry::Departed;
use crate::registry::history::replay;
#[cfg(feature = "async")]
use crate::registry::history::replay_async;
use crate::registry::versions::check_version;
use crate::registry::{DeferredDrops, Entry, Identity, Offer, Record, Registry, Siblings, State};
use crate::spec::order::Place;

/// A plugin on its way in.
pub(crate) struct Staged {
    pub(crate) id: PluginId,
    pub(crate) type_name: &'static str,
    pub(crate) instance: Foreign<AnyPlugin>,
    pub(crate) contributions: Vec<Contribution>,
    /// What it says of itself, if it does.
    pub(crate) metadata: Option<PluginMetadata>,
    /// What it brings beside its extensions.
    pub(crate) offers: Vec<Box<dyn Offer>>,
}

impl Staged {
    pub(crate) fn new(
        id: PluginId,
        type_name: &'static str,
        instance: AnyPlugin,
        contributions: Vec<Contribution>,
        metadata: Option<PluginMetadata>,
        offers: Vec<Box<dyn Offer>>,
    ) -> Self {
        let instance = Foreign::new(instance, Some(&id));
        let mut staged = Self { id, type_name, instance, contributions: Vec::new(), metadata, offers };
        staged.set_contributions(contributions);
        staged
    }

    /// Sets the extensions of the plugin.
    pub(crate) fn set_contributions(&mut self, mut contributions: Vec<Contribution>) {
        for contribution in &mut contributions {
            contribution.set_plugin(&self.id, &self.instance);
        }
        self.contributions = contributions;
    }
}

/// The address that tells one plugin from another.
pub(crate) fn address(plugin: &AnyPlugin) -> usize {
    Arc::as_ptr(plugin).cast::<()>().addr()
}

/// A plugin as the manager runs it, ready to be checked and committed.
pub(crate) struct Candidate {
    /// In the order of registration; given at the last moment.
    pub(super) number: u64,
    pub(super) rank: u64,
    pub(super) owner: Arc<Owner>,
    /// Whether it says what plugin it is.
    declared: bool,
    pub(super) entry: Arc<Entry>,
    type_name: &'static str,
    instance: Foreign<AnyPlugin>,
    pub(super) implementations: Arc<[Arc<Implementation>]>,
    offers: Vec<Box<dyn Offer>>,
}

impl Candidate {
    /// Gives it, which nobody else has seen yet, the number of its registration.
    pub(super) fn set_number(&mut self, number: u64) {
        self.number = number;
        if let Some(entry) = Arc::get_mut(&mut self.entry) {
            entry.number = number;
        }
        self.set_rank(number);
    }

    /// Gives it, which nobody else has seen yet, its place among the others.
    pub(super) fn set_rank(&mut self, rank: u64) {
        self.rank = rank;
        let own = Arc::get_mut(&mut self.implementations).into_iter().flatten();
        for implementation in own.filter_map(Arc::get_mut) {
            implementation.place.plugin = rank;
        }
    }
}

impl Registry {
    /// Registers all of `candidates`, replays past events to them, or leaves everything as it was. A manager
    /// whose replays must be awaited refuses those who have any.
    pub(crate) fn register(&self, candidates: Vec<Candidate>) -> Result<Vec<PluginId>, Error> {
        let entered = self.enter(candidates, self.host.awaits_replays())?;
        for Candidate { owner, implementations, .. } in entered.replaying() {
            let mut seen = 0;
            while let Some(events) = self.due(owner, implementations, &mut seen) {
                replay(implementations, &events)?;
            }
        }
        Ok(entered.stay())
    }

    /// Registers all of `candidates` and replays past events to them, awaiting that, or leaves everything as
    /// it was; so does the future if it is dropped before its end.
    #[cfg(feature = "async")]
    pub(crate) async fn register_and_replay(
        &self,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<PluginId>, Error> {
        let entered = self.enter(candidates, false)?;
        for Candidate { owner, implementations, .. } in entered.replaying() {
            let mut seen = 0;
            while let Some(events) = self.due(owner, implementations, &mut seen) {
                replay_async(implementations, &events).await?;
            }
        }
        Ok(entered.stay())
    }

    /// Wires all of `candidates`, unless one is refused, as those are who have events to replay if that is
    /// `too_early`.
    fn enter(&self, mut candidates: Vec<Candidate>, too_early: bool) -> Result<Registering<'_>, Error> {
        let admitted = self.change(|state, deferred| {
            state.number(&mut candidates);
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
            Ok(()) => Ok(Registering { registry: self, candidates }),
            Err(error) => {
                self.drop_each(candidates);
                Err(error)
            }
        }
    }

    /// Registers one plugin, as [`register_and_replay`](Self::register_and_replay) does.
    #[cfg(feature = "async")]
    pub(crate) async fn register_and_replay_one(&self, staged: Staged) -> Result<PluginId, Error> {
        let id = staged.id.clone();
        self.register_and_replay(vec![self.candidate(staged)?]).await.map(|_| id)
    }

    /// A plugin as the manager runs it.
    pub(crate) fn candidate(&self, staged: Staged) -> Result<Candidate, Error> {
        let declared = staged.metadata.is_some();
        let identity = match staged.metadata {
            Some(metadata) => Identity::read(metadata, &self.project)?,
            None => Identity::unspoken(&staged.id),
        };
        for contribution in &staged.contributions {
            check_version(&staged.id, contribution)?;
        }
        let owner = Arc::new(Owner::new(staged.id));
        let entry = Arc::new(Entry::new(Arc::clone(&owner), identity, self.clock.now()));
        let implementations = staged.contributions.into_iter().zip(0..).map(|(contribution, index)| {
            let place = Place::new(contribution.role, &contribution.options, 0, index);
            let contribution = self.host.adapt(contribution);
            Arc::new(Implementation::new(Arc::clone(&owner), place, contribution))
        });
        Ok(Candidate {
            number: 0,
            rank: 0,
            implementations: implementations.collect(),
            declared,
            entry,
            type_name: staged.type_name,
            instance: staged.instance.of(&owner.id),
            offers: staged.offers,
            owner,
        })
    }

    /// Plugins as the manager runs them.
    #[cfg(feature = "macros")]
    pub(crate) fn candidates(&self, staged: Vec<Staged>) -> Result<Vec<Candidate>, Error> {
        staged.into_iter().map(|staged| self.candidate(staged)).collect()
    }

    /// Registers one plugin, as [`register`](Self::register) does.
    pub(crate) fn register_one(&self, staged: Staged) -> Result<PluginId, Error> {
        let id = staged.id.clone();
        self.register(vec![self.candidate(staged)?]).map(|_| id)
    }

    /// Gives their names to all of `candidates`, unless the manager cannot take one of them; those that were
    /// before it have theirs then.
    pub(super) fn admit(&self, state: &mut State, candidates: &[Candidate]) -> Result<(), Error> {
        state.names.reserve(candidates.len());
        state.addresses.reserve(candidates.len());
        for candidate in candidates {
            let plugin = &candidate.owner.id;
            if plugin.is_empty() {
                return Err(Error::EmptyName { type_name: short_type_name(candidate.type_name) });
            }
            if state.blocked.contains(plugin) {
                return Err(Error::Blocked { plugin: plugin.clone() });
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
            let is_bare = candidate.implementations.is_empty() && candidate.offers.is_empty();
            if is_bare && !candidate.declared {
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

    /// Removes the plugins with these numbers, as far as they are there, in one step: a destructor that panics keeps none
    /// of them in.
    pub(crate) fn remove_all(&self, numbers: impl Iterator<Item = u64>) -> Vec<Option<Foreign<AnyPlugin>>> {
        self.change(|state, deferred| numbers.map(|number| state.remove(number, deferred)).collect())
    }
}

/// Plugins that are in, but whose replays may be under way: dropped, it takes all of them back.
struct Registering<'r> {
    registry: &'r Registry,
    candidates: Vec<Candidate>,
}

#[cfg(feature = "macros")]
impl Candidate {
    /// The name it asks for.
    pub(crate) fn id(&self) -> &PluginId {
        &self.owner.id
    }
}

impl Registering<'_> {
    /// Those who have events to replay.
    fn replaying(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().filter(|candidate| candidate.owner.replaying.load(Ordering::Acquire))
    }

    /// Leaves them in.
    fn stay(mut self) -> Vec<PluginId> {
        let candidates = std::mem::take(&mut self.candidates);
        let ids = candidates.iter().map(|candidate| candidate.owner.id.clone()).collect();
        self.registry.drop_each(candidates);
        ids
    }
}

impl Drop for Registering<'_> {
    fn drop(&mut self) {
        let candidates = std::mem::take(&mut self.candidates);
        let removed = self.registry.remove_all(candidates.iter().map(|candidate| candidate.number));
        self.registry.drop_each((removed, candidates));
    }
}

pub(super) fn implementations(candidates: &[Candidate]) -> impl Iterator<Item = &Arc<Implementation>> {
    candidates.iter().flat_map(|candidate| &*candidate.implementations)
}

/// Puts an implementation among the others of its point.
pub(super) fn file(siblings: Siblings<'_>, each: &Arc<Implementation>, _deferred: &mut DeferredDrops) {
    match siblings {
        Siblings::Members(members) => {
            members.insert(Arc::clone(each), each.owner.enabled.load(Ordering::Relaxed));
        }
        Siblings::Pending(pending) => {
            pending.insert(each.place, Arc::clone(each));
        }
    }
}

/// Takes an implementation away from the others of its point.
pub(super) fn withdraw(siblings: Siblings<'_>, each: &Arc<Implementation>, deferred: &mut DeferredDrops) {
    deferred.push(match siblings {
        Siblings::Members(members) => members.remove(each),
        Siblings::Pending(pending) => pending.remove(&each.place),
    });
}

impl State {
    /// Gives `candidates`, which nobody else has seen yet, their numbers.
    pub(super) fn number(&mut self, candidates: &mut [Candidate]) {
        for candidate in candidates {
            candidate.set_number(self.registrations);
            self.registrations += 1;
        }
    }

    /// Takes in what `candidates`, which are wired, offer.
    pub(super) fn accept_offers(&mut self, candidates: &mut [Candidate]) {
        for candidate in candidates {
            for offer in candidate.offers.drain(..) {
                offer.accept(self, &candidate.entry);
            }
        }
    }

    /// Takes the names of `candidates` from them, of those who got one.
    pub(super) fn send_away(&mut self, candidates: &[Candidate]) {
        for candidate in candidates {
            if self.names.get(&candidate.owner.id) == Some(&candidate.number) {
                self.names.remove(&candidate.owner.id);
            }
            let address = address(&candidate.instance);
            if self.addresses.get(&address) == Some(&candidate.number) {
                self.addresses.remove(&address);
            }
        }
    }

    /// Wires `candidates`, which were found possible to order.
    pub(super) fn commit(&mut self, candidates: &[Candidate], deferred: &mut DeferredDrops) {
        for candidate in candidates {
            let mut points = candidate.implementations.iter().map(|each| each.contribution.point);
            let replays = points.any(|point| self.remembered.contains_key(&point));
            candidate.owner.replaying.store(replays, Ordering::Release);
            self.users.add(&candidate.entry);
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

    /// Makes room for `newcomers`, which come in next, among the members of their points, or finds that those of one
    /// cannot be ordered with them.
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

    /// Refuses candidates that have events to replay.
    fn check_replays(&self, candidates: &[Candidate]) -> Result<(), Error> {
        match implementations(candidates).find(|each| self.remembered.contains_key(&each.contribution.point))
        {
            None => Ok(()),
            Some(implementation) => Err(Error::NeedsReplay {
                plugin: implementation.plugin().clone(),
                point: implementation.contribution.info,
            }),
        }
    }

    pub(super) fn remove(&mut self, number: u64, deferred: &mut DeferredDrops) -> Option<Foreign<AnyPlugin>> {
        let record = self.plugins.remove(&number)?;
        record.owner.registered.store(false, Ordering::Release);
        self.names.remove(&record.owner.id);
        self.addresses.remove(&address(&record.instance));
        self.users.remove(&record.entry);
        self.change_members(&*record.implementations, deferred, withdraw);
        self.take_parts(number).into_iter().flatten().for_each(|taken| deferred.push_boxed(taken));
        deferred.push(record.implementations);
        deferred.push(Departed(record.entry));
        Some(record.instance)
    }
}
