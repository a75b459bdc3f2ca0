//! Replacing plugins while the manager runs.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::drops::DropPanic;
use crate::base::futures::BoxFuture;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::conductor::graph;
use crate::lifecycle::driver::driver_of;
use crate::lifecycle::stop::last_started_first;
use crate::lifecycle::{Conductor, Lives, StartPolicy};
use crate::plugin::PluginState;
use crate::registry::{Arrived, Incoming, Registry, Replacer};

/// Stops the plugins that a replacement concerns, and starts them again.
pub(super) struct Restarts;

impl Replacer for Restarts {
    fn replace_all<'r>(
        &self,
        registry: &'r Arc<Registry>,
        leaving: &'r [u64],
        incoming: Vec<Incoming>,
        panicked: &'r mut Option<DropPanic>,
    ) -> BoxFuture<'r, Result<Arrived, Error>> {
        Box::pin(async move {
            Conductor::new(registry, driver_of(registry)).replace_all(leaving, incoming, panicked).await
        })
    }
}

impl Conductor<'_> {
    /// Stops the plugins with the numbers `leaving`, those that are replaced, and all that use them. Registers
    /// `incoming`. Starts the stopped plugins again that are still registered. If anything fails, the old plugins are
    /// back, and run if they ran before.
    ///
    /// Returns the incoming plugins with their numbers. The first panic of a destructor of the removed plugins goes to
    /// `panicked`.
    async fn replace_all(
        &self,
        leaving: &[u64],
        mut incoming: Vec<Incoming>,
        panicked: &mut Option<DropPanic>,
    ) -> Result<Arrived, Error> {
        let outcome = self.replace_each(leaving, &mut incoming, panicked).await;
        self.registry.drop_quietly(incoming);
        outcome
    }

    /// Does the same, and leaves plugins in `incoming` that are refused before they are registered.
    async fn replace_each(
        &self,
        leaving: &[u64],
        incoming: &mut Vec<Incoming>,
        panicked: &mut Option<DropPanic>,
    ) -> Result<Arrived, Error> {
        let replaced = incoming.iter().filter_map(|each| each.replaces);
        let going: HashSet<u64> = leaving.iter().copied().chain(replaced).collect();
        self.check_requirers(leaving, &going)?;
        let roots: Vec<_> = going.iter().copied().collect();
        let mut stopped = self.registry.dependents(&roots);
        stopped.retain(|life| life.is_active());
        if let Some(busy) = stopped.iter().find(|life| Lives::is_within(life)) {
            return Err(Error::LifecycleBusy { plugin: busy.id().clone(), state: busy.state() });
        }
        last_started_first(&mut stopped);
        let ran: Vec<PluginId> = stopped
            .iter()
            .rev()
            .filter(|life| life.state() == PluginState::Started)
            .map(|life| life.id().clone())
            .collect();
        let errors = self.stop_each(&stopped).await;
        if !errors.is_empty() {
            return Err(self.resume(&ran, errors).await);
        }
        let replacement = match self.registry.replace(leaving, std::mem::take(incoming), panicked) {
            Ok(replacement) => replacement,
            Err(error) => return Err(self.resume(&ran, vec![error]).await),
        };
        let mut outcome = replacement.replay().await;
        if outcome.is_ok() {
            let again: Vec<_> =
                ran.iter().filter(|name| self.registry.is_registered(name.as_str())).cloned().collect();
            outcome = self.start(&again, StartPolicy::Rollback).await;
        }
        if let Err(error) = outcome {
            replacement.undo();
            return Err(self.resume(&ran, vec![error]).await);
        }
        Ok(replacement.complete(panicked))
    }

    /// Starts the plugins again that ran before, and returns all errors.
    async fn resume(&self, ran: &[PluginId], mut errors: Vec<Error>) -> Error {
        if !ran.is_empty() {
            errors.extend(self.start(ran, StartPolicy::Continue).await.err());
        }
        if errors.len() == 1 { errors.remove(0) } else { Error::Several { errors } }
    }

    /// Refuses to remove a plugin that another requires which is not among those `going`.
    fn check_requirers(&self, leaving: &[u64], going: &HashSet<u64>) -> Result<(), Error> {
        let lives = self.registry.dependents(leaving);
        let graph = graph(&lives);
        let stays = |at: &usize| !going.contains(&lives[*at].number);
        let needed = graph.needed_by((0..lives.len()).filter(stays));
        let leaving: HashSet<u64> = leaving.iter().copied().collect();
        let refused = needed.into_iter().find(|&at| leaving.contains(&lives[at].number));
        refused.map_or(Ok(()), |at| {
            let dependents = graph.requirers(at).into_iter().filter(stays);
            let dependents = dependents.map(|other| lives[other].id().clone()).collect();
            Err(Error::HasDependents { plugin: lives[at].id().clone(), dependents })
        })
    }
}
