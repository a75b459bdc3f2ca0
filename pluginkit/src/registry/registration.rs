//! Registering and unregistering: all or nothing.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::error::Error;
use crate::implementation::{Contribution, Implementation, Owner};
use crate::name::{PluginId, short_type_name};
use crate::order::Place;
use crate::registry::history::replay;
#[cfg(feature = "async")]
use crate::registry::history::replay_async;
use crate::registry::{Among, AnyPlugin, Point, Record, Registry, Retired, State};

/// A plugin on its way in.
pub(crate) struct Staged {
    pub(crate) id: PluginId,
    pub(crate) type_name: &'static str,
    pub(crate) instance: AnyPlugin,
    pub(crate) contributions: Vec<Contribution>,
}

/// The address that tells one plugin from another.
pub(crate) fn address(plugin: &AnyPlugin) -> usize {
    Arc::as_ptr(plugin).cast::<()>().addr()
}

/// A plugin with a number and an owner, ready to be checked and committed.
struct Candidate {
    number: u64,
    owner: Arc<Owner>,
    type_name: &'static str,
    instance: AnyPlugin,
    implementations: Arc<[Arc<Implementation>]>,
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
        let candidates = self.number(staged);
        self.change(|state, retired| {
            self.check(state, &candidates)?;
            if too_early {
                state.check_replays(&candidates)?;
            }
            state.commit(&candidates, retired)
        })?;
        Ok(Entered { registry: self, candidates })
    }

    /// Registers one plugin, as [`register_and_replay`](Self::register_and_replay) does.
    #[cfg(feature = "async")]
    pub(crate) async fn register_and_replay_one(&self, staged: Staged) -> Result<PluginId, Error> {
        let id = staged.id.clone();
        self.register_and_replay(vec![staged]).await.map(|_| id)
    }

    fn number(&self, staged: Vec<Staged>) -> Vec<Candidate> {
        let first = {
            let mut state = self.lock();
            let first = state.registrations;
            state.registrations += staged.len() as u64;
            first
        };
        staged.into_iter().zip(first..).map(|(staged, number)| self.candidate(staged, number)).collect()
    }

    /// A plugin as the manager runs it.
    fn candidate(&self, staged: Staged, number: u64) -> Candidate {
        let owner = Arc::new(Owner::new(staged.id));
        let implementations = staged.contributions.into_iter().zip(0..).map(|(contribution, index)| {
            let place = Place::new(contribution.role, &contribution.options, number, index);
            let contribution = self.host.adapt(contribution);
            Arc::new(Implementation { owner: Arc::clone(&owner), place, contribution })
        });
        Candidate {
            number,
            implementations: implementations.collect(),
            owner,
            type_name: staged.type_name,
            instance: staged.instance,
        }
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
            if candidate.implementations.is_empty() {
                return Err(Error::NoExtensions {
                    plugin: plugin.clone(),
                    type_name: short_type_name(candidate.type_name),
                });
            }
            for implementation in &*candidate.implementations {
                let contribution = &implementation.contribution;
                let point = state.point(contribution.point);
                let offloads = point.is_none_or(|point| point.slot.offloads);
                self.host.check(plugin, contribution, offloads)?;
                if point.is_none() && !contribution.options.optional {
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

    fn remove(&self, number: u64) -> Option<AnyPlugin> {
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
        let implementations = || candidates.iter().flat_map(|candidate| &*candidate.implementations);
        self.check_order(implementations)?;

        // Nothing below can fail.
        self.names.reserve(candidates.len());
        self.addresses.reserve(candidates.len());
        for candidate in candidates {
            let mut points = candidate.implementations.iter().map(|each| each.contribution.point);
            let replays = points.any(|point| self.remembered.contains(&point));
            candidate.owner.replaying.store(replays, Ordering::Release);
            self.names.insert(candidate.owner.id.clone(), candidate.number);
            self.addresses.insert(address(&candidate.instance), candidate.number);
            self.plugins.insert(
                candidate.number,
                Record {
                    owner: Arc::clone(&candidate.owner),
                    instance: Arc::clone(&candidate.instance),
                    implementations: Arc::clone(&candidate.implementations),
                },
            );
        }
        self.change_members(implementations(), retired, |among, each, _| match among {
            Among::Members(members) => members.insert(Arc::clone(each), true),
            Among::Pending(pending) => {
                pending.insert(each.place, Arc::clone(each));
            }
        });
        Ok(())
    }

    /// Whether the members of every point can still be ordered if `newcomers` come in.
    fn check_order<'i, I: Iterator<Item = &'i Arc<Implementation>>>(
        &self,
        newcomers: impl Fn() -> I,
    ) -> Result<(), Error> {
        let place = |newcomer: &Implementation| self.places.get(&newcomer.contribution.point).copied();
        let concerned = newcomers().filter_map(|newcomer| {
            place(newcomer).filter(|&place| self.points[place].members.bind(newcomer))
        });
        for concerned in concerned.collect::<BTreeSet<_>>() {
            let Point { slot, members } = &self.points[concerned];
            let own = newcomers().filter(|newcomer| place(newcomer) == Some(concerned));
            members.check(own.cloned(), slot.info)?;
        }
        Ok(())
    }

    /// Refuses candidates that have events to replay.
    fn check_replays(&self, candidates: &[Candidate]) -> Result<(), Error> {
        let mut implementations = candidates.iter().flat_map(|candidate| &*candidate.implementations);
        match implementations.find(|each| self.remembered.contains(&each.contribution.point)) {
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
        self.change_members(&*record.implementations, retired, |among, each, retired| {
            retired.keep(match among {
                Among::Members(members) => members.remove(each),
                Among::Pending(pending) => pending.remove(&each.place),
            });
        });
        retired.keep(record.implementations);
        Some(record.instance)
    }
}
