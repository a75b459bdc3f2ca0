//! Plugins that come in for others while the manager runs: those are stopped before, and who ran runs again.

use std::sync::Arc;

use crate::error::Error;
use crate::lifecycle::conductor::graph;
use crate::lifecycle::stop::{last_started_first, with_dependents};
use crate::lifecycle::{Conductor, Life, Lives, StartPolicy};
use crate::name::PluginId;
use crate::plugin::PluginState;
use crate::registry::Arriving;

impl Conductor<'_> {
    /// Stops the plugins with the numbers `leaving` and those that are replaced, and who uses them; brings in
    /// `arriving`; and starts again who was stopped and is still there. If anything fails, all is as it was, and
    /// who was stopped is started again.
    ///
    /// Returns the newcomers with their numbers.
    pub(crate) async fn exchange(
        &self,
        leaving: &[u64],
        arriving: Vec<Arriving>,
    ) -> Result<Vec<(PluginId, u64)>, Error> {
        let lives = self.registry.lives();
        let replaced: Vec<u64> = arriving.iter().filter_map(|each| each.replaces).collect();
        check_requirers(&lives, leaving, &replaced)?;
        let mut stopped: Vec<Arc<Life>> = Vec::new();
        for (at, life) in lives.iter().enumerate() {
            if leaving.contains(&life.number) || replaced.contains(&life.number) {
                for each in with_dependents(&lives, at) {
                    let is_new = !stopped.iter().any(|other| Arc::ptr_eq(other, &each));
                    if is_new && each.status().is_active() {
                        stopped.push(each);
                    }
                }
            }
        }
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
        let exchanged = match self.registry.exchange(leaving, arriving) {
            Ok(exchanged) => exchanged,
            Err(error) => return Err(self.resume(&ran, vec![error]).await),
        };
        let mut outcome = exchanged.replay().await;
        if outcome.is_ok() {
            let again: Vec<_> =
                ran.iter().filter(|name| self.registry.is_registered(name.as_str())).cloned().collect();
            outcome = self.start(&again, StartPolicy::Rollback).await;
        }
        if let Err(error) = outcome {
            drop(exchanged);
            return Err(self.resume(&ran, vec![error]).await);
        }
        let arrived = exchanged.arrived().map(|(id, number)| (id.clone(), number)).collect();
        exchanged.stay();
        Ok(arrived)
    }

    /// Starts again who ran before; returns the errors, and those of that.
    async fn resume(&self, ran: &[PluginId], mut errors: Vec<Error>) -> Error {
        if !ran.is_empty() {
            errors.extend(self.start(ran, StartPolicy::Continue).await.err());
        }
        if errors.len() == 1 { errors.remove(0) } else { Error::Several { errors } }
    }
}

/// Refuses to take out what others require who stay.
fn check_requirers(lives: &[Arc<Life>], leaving: &[u64], replaced: &[u64]) -> Result<(), Error> {
    let graph = graph(lives);
    let stays = |number: &usize| {
        let number = lives[*number].number;
        !leaving.contains(&number) && !replaced.contains(&number)
    };
    for (at, life) in lives.iter().enumerate().filter(|(_, life)| leaving.contains(&life.number)) {
        let dependents: Vec<_> =
            graph.requirers(at).into_iter().filter(stays).map(|other| lives[other].id().clone()).collect();
        if !dependents.is_empty() {
            return Err(Error::HasDependents { plugin: life.id().clone(), dependents });
        }
    }
    Ok(())
}
