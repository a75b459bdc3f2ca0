//! Registering and unregistering: all or nothing.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::error::Error;
use crate::implementation::{Contribution, Implementation, Owner};
use crate::lifecycle::Life;
use crate::name::{PluginId, short_type_name};
use crate::order::Place;
use crate::plugin::{Identity, PluginMetadata};
use crate::registry::history::replay;
#[cfg(feature = "async")]
use crate::registry::history::replay_async;
use crate::registry::{AnyPlugin, Members, Record, Registry, Retired, State, call_order};
use crate::service::StagedService;

/// A plugin on its way in.
pub(crate) struct Staged {
    pub(crate) id: PluginId,
    pub(crate) type_name: &'static str,
    pub(crate) instance: AnyPlugin,
    pub(crate) contributions: Vec<Contribution>,
    /// What it says of itself, if it does.
    pub(crate) metadata: Option<PluginMetadata>,
    pub(crate) services: Vec<StagedService>,
}

/// The address that tells one plugin from another.
pub(crate) fn address(plugin: &AnyPlugin) -> usize {
    Arc::as_ptr(plugin).cast::<()>().addr()
}

/// A plugin with a number and an owner, ready to be checked and committed.
struct Candidate {
    number: u64,
    owner: Arc<Owner>,
    /// Whether it says what plugin it is.
    declared: bool,
    life: Arc<Life>,
    type_name: &'static str,
    instance: AnyPlugin,
    implementations: Vec<Arc<Implementation>>,
    services: Vec<StagedService>,
}

impl Registry {
    /// Registers all of `staged`, replays past events to them, or leaves everything as it was. A manager
    /// whose replays must be awaited refuses those who have any.
    pub(crate) fn register(&self, staged: Vec<Staged>) -> Result<Vec<PluginId>, Error> {
        let entered = self.enter(staged, self.host.awaits_replays())?;
        for Candidate { owner, implementations, .. } in entered.replaying() {
            let mut seen = 0;
            while let Some(events) = self.due(owner, implementations, &mut seen) {
                replay(implementations, &events)?;
            }
        }
        Ok(entered.stay())
    }

    /// Registers all of `staged` and replays past events to them, awaiting that, or leaves everything as it
    /// was; so does the future if it is dropped before its end.
    #[cfg(feature = "async")]
    pub(crate) async fn register_and_replay(&self, staged: Vec<Staged>) -> Result<Vec<PluginId>, Error> {
        let entered = self.enter(staged, false)?;
        for Candidate { owner, implementations, .. } in entered.replaying() {
            let mut seen = 0;
            while let Some(events) = self.due(owner, implementations, &mut seen) {
                replay_async(implementations, &events).await?;
            }
        }
        Ok(entered.stay())
    }

    /// Wires all of `staged`, unless one is refused, as those are who have events to replay if that is
    /// `too_early`.
    fn enter(&self, staged: Vec<Staged>, too_early: bool) -> Result<Entered<'_>, Error> {
        let mut candidates = self.number(staged)?;
        self.change(|state, retired| {
            self.check(state, &candidates)?;
            if too_early {
                state.check_replays(&candidates)?;
            }
            state.commit(&candidates, retired)?;
            for candidate in &mut candidates {
                for service in candidate.services.drain(..) {
                    state.services.add(service, Some(Arc::clone(&candidate.life)), false);
                }
            }
            Ok(())
        })?;
        Ok(Entered { registry: self, candidates })
    }

    /// Registers one plugin, as [`register_and_replay`](Self::register_and_replay) does.
    #[cfg(feature = "async")]
    pub(crate) async fn register_and_replay_one(&self, staged: Staged) -> Result<PluginId, Error> {
        let id = staged.id.clone();
        self.register_and_replay(vec![staged]).await.map(|_| id)
    }

    fn number(&self, staged: Vec<Staged>) -> Result<Vec<Candidate>, Error> {
        let first = {
            let mut state = self.lock();
            let first = state.registrations;
            state.registrations += staged.len() as u64;
            first
        };
        staged.into_iter().zip(first..).map(|(staged, number)| self.candidate(staged, number)).collect()
    }

    /// A plugin as the manager runs it.
    fn candidate(&self, staged: Staged, number: u64) -> Result<Candidate, Error> {
        let declared = staged.metadata.is_some();
        let identity = match staged.metadata {
            Some(metadata) => Identity::read(metadata, &self.project)?,
            None => Identity::unspoken(&staged.id),
        };
        let owner = Arc::new(Owner::new(staged.id));
        let life = Arc::new(Life::new(Arc::clone(&owner), identity, number, self.lives.now()));
        let implementations = staged.contributions.into_iter().zip(0..).map(|(contribution, index)| {
            let place = Place::new(&contribution.options, number, index);
            let contribution = self.host.adapt(contribution);
            Arc::new(Implementation { owner: Arc::clone(&owner), place, contribution })
        });
        Ok(Candidate {
            number,
            implementations: implementations.collect(),
            owner,
            declared,
            life,
            type_name: staged.type_name,
            instance: staged.instance,
            services: staged.services,
        })
    }

    /// Registers one plugin, as [`register`](Self::register) does.
    pub(crate) fn register_one(&self, staged: Staged) -> Result<PluginId, Error> {
        let id = staged.id.clone();
        self.register(vec![staged]).map(|_| id)
    }

    /// Whether the manager can take all of `candidates`.
    fn check(&self, state: &State, candidates: &[Candidate]) -> Result<(), Error> {
        let mut names = HashSet::new();
        let mut addresses = HashMap::new();
        for candidate in candidates {
            let plugin = &candidate.owner.id;
            if plugin.is_empty() {
                return Err(Error::EmptyName { type_name: short_type_name(candidate.type_name) });
            }
            if state.blocked.contains(plugin) {
                return Err(Error::Blocked { plugin: plugin.clone() });
            }
            if state.names.contains_key(plugin) || !names.insert(plugin.clone()) {
                return Err(Error::NameTaken { plugin: plugin.clone() });
            }
            let address = address(&candidate.instance);
            if let Some(number) = state.addresses.get(&address) {
                let registered = state.plugins[number].owner.id.clone();
                return Err(Error::AlreadyRegistered { plugin: plugin.clone(), registered });
            }
            if let Some(registered) = addresses.insert(address, plugin.clone()) {
                return Err(Error::AlreadyRegistered { plugin: plugin.clone(), registered });
            }
            let is_bare = candidate.implementations.is_empty() && candidate.services.is_empty();
            if is_bare && !candidate.declared {
                return Err(Error::NoExtensions {
                    plugin: plugin.clone(),
                    type_name: short_type_name(candidate.type_name),
                });
            }
            for service in &candidate.services {
                state.services.check(service, &self.project)?;
            }
            for implementation in &candidate.implementations {
                let contribution = &implementation.contribution;
                let members = state.members.get(&contribution.point);
                let offloads = members.is_none_or(|members| members.slot.offloads);
                self.host.check(plugin, contribution, offloads)?;
                if members.is_none() && !contribution.options.optional {
                    return Err(Error::UnknownSpecs { plugin: plugin.clone(), point: contribution.info });
                }
            }
        }
        Ok(())
    }

    pub(crate) fn unregister(&self, name: &str) -> Option<AnyPlugin> {
        self.change(|state, retired| {
            let number = *state.names.get(name)?;
            state.remove(number, retired)
        })
    }

    pub(crate) fn unregister_plugin(&self, plugin: &AnyPlugin) -> Option<AnyPlugin> {
        self.change(|state, retired| {
            let number = *state.addresses.get(&address(plugin))?;
            state.remove(number, retired)
        })
    }

    pub(crate) fn block(&self, name: PluginId) -> Option<AnyPlugin> {
        self.change(|state, retired| {
            let removed = state.names.get(&name).copied().and_then(|number| state.remove(number, retired));
            state.blocked.insert(name);
            removed
        })
    }

    pub(crate) fn remove(&self, number: u64) -> Option<AnyPlugin> {
        self.change(|state, retired| state.remove(number, retired))
    }
}

/// Plugins that are in, but whose replays may be under way: dropped, it takes all of them back.
struct Entered<'r> {
    registry: &'r Registry,
    candidates: Vec<Candidate>,
}

impl Entered<'_> {
    /// Those who have events to replay.
    fn replaying(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().filter(|candidate| candidate.owner.replaying.load(Ordering::Acquire))
    }

    /// Leaves them in.
    fn stay(mut self) -> Vec<PluginId> {
        let candidates = std::mem::take(&mut self.candidates);
        candidates.into_iter().map(|candidate| candidate.owner.id.clone()).collect()
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        for candidate in &self.candidates {
            self.registry.remove(candidate.number);
        }
    }
}

impl State {
    /// Wires `candidates`, or leaves everything as it was if their order is impossible.
    fn commit(&mut self, candidates: &[Candidate], retired: &mut Retired) -> Result<(), Error> {
        let mut newcomers: HashMap<TypeId, Vec<Arc<Implementation>>> = HashMap::new();
        for implementation in candidates.iter().flat_map(|candidate| &candidate.implementations) {
            newcomers.entry(implementation.contribution.point).or_default().push(Arc::clone(implementation));
        }
        let mut arranged = Vec::new();
        for point in &self.points {
            let Some(newcomers) = newcomers.get(point) else { continue };
            let Some(members) = self.members.get(point) else { continue };
            let mut all: Vec<_> = members.all.values().chain(newcomers).cloned().collect();
            all.sort_by_key(|each| each.place);
            arranged.push((*point, call_order(all, members.slot.info)?));
        }

        // Nothing below can fail.
        let past: HashSet<_> = self.history.iter().map(|event| event.point).collect();
        for candidate in candidates {
            let points = candidate.implementations.iter().map(|each| each.contribution.point);
            let replays = points.into_iter().any(|point| past.contains(&point));
            candidate.owner.replaying.store(replays, Ordering::Release);
        }
        for (point, newcomers) in newcomers {
            let place = match self.members.get_mut(&point) {
                Some(Members { all, .. }) => all,
                None => &mut self.pending,
            };
            place.extend(newcomers.into_iter().map(|each| (each.place, each)));
        }
        for candidate in candidates {
            self.names.insert(candidate.owner.id.clone(), candidate.number);
            self.addresses.insert(address(&candidate.instance), candidate.number);
            self.plugins.insert(
                candidate.number,
                Record {
                    owner: Arc::clone(&candidate.owner),
                    instance: Arc::clone(&candidate.instance),
                    life: Arc::clone(&candidate.life),
                    implementations: candidate.implementations.clone(),
                },
            );
        }
        for (point, calls) in arranged {
            self.members[&point].slot.publish(calls, self.watchers.clone(), retired);
        }
        Ok(())
    }

    /// Refuses candidates that have events to replay.
    fn check_replays(&self, candidates: &[Candidate]) -> Result<(), Error> {
        let past: HashSet<_> = self.history.iter().map(|event| event.point).collect();
        let implementations = candidates.iter().flat_map(|candidate| &candidate.implementations);
        match implementations.into_iter().find(|each| past.contains(&each.contribution.point)) {
            None => Ok(()),
            Some(implementation) => Err(Error::NeedsReplay {
                plugin: implementation.plugin().clone(),
                point: implementation.contribution.info,
            }),
        }
    }

    fn remove(&mut self, number: u64, retired: &mut Retired) -> Option<AnyPlugin> {
        let record = self.plugins.remove(&number)?;
        record.owner.registered.store(false, Ordering::Release);
        self.names.remove(&record.owner.id);
        self.addresses.remove(&address(&record.instance));
        let mut points = HashSet::new();
        for implementation in &record.implementations {
            let point = implementation.contribution.point;
            let left = match self.members.get_mut(&point) {
                Some(members) => members.all.remove(&implementation.place),
                None => self.pending.remove(&implementation.place),
            };
            retired.keep(left);
            points.insert(point);
        }
        for point in points {
            self.publish(point, retired);
        }
        retired.keep(self.services.leave(number, false));
        retired.keep(record.implementations);
        retired.keep(record.life);
        Some(record.instance)
    }
}
