//! Removing: stopped first, and removed whatever becomes of that.

use std::sync::Arc;

use crate::base::drops::Foreign;
use crate::error::Error;
use crate::lifecycle::conductor::graph;
use crate::lifecycle::stop::{last_started_first, with_dependents};
use crate::lifecycle::{Conductor, Life, Lives};
use crate::registry::{AnyPlugin, Arriving, Candidate, Registry};

/// Plugins that are leaving: dropped, it unregisters them, so that they leave whatever happens.
struct Leaving<'l> {
    registry: &'l Registry,
    lives: Vec<Arc<Life>>,
}

impl<'l> Leaving<'l> {
    fn new(registry: &'l Registry, lives: Vec<Arc<Life>>) -> Self {
        for life in &lives {
            life.status().leaving = true;
        }
        Self { registry, lives }
    }

    /// Leaves in who is in a phase, and cannot be stopped before it ends.
    fn keep(&mut self, kept: impl Fn(&Life) -> bool) {
        self.lives.retain(|life| {
            if kept(life) {
                life.status().leaving = false;
            }
            !kept(life)
        });
    }

    /// Unregisters them, in order; those that another operation has unregistered meanwhile are left out.
    fn leave(mut self) -> Vec<(Arc<Life>, Foreign<AnyPlugin>)> {
        self.take()
    }

    fn take(&mut self) -> Vec<(Arc<Life>, Foreign<AnyPlugin>)> {
        let lives = std::mem::take(&mut self.lives);
        lives
            .into_iter()
            .filter_map(|life| Some((life.clone(), self.registry.remove(life.number)?)))
            .collect()
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let left = self.take();
        self.registry.drop_each(left);
    }
}

/// A plugin that nobody may start meanwhile.
struct Held<'l>(&'l Life);

impl<'l> Held<'l> {
    fn new(life: &'l Life) -> Self {
        life.status().leaving = true;
        Self(life)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.status().leaving = false;
    }
}

impl Conductor<'_> {
    /// Stops and unregisters a plugin and, if `cascade`, those who require it; `None` if there is none.
    pub(crate) async fn remove(&self, name: &str, cascade: bool) -> Result<Option<AnyPlugin>, Error> {
        let lives = self.registry.lives();
        let Some(number) = lives.iter().position(|life| *life.id() == *name) else { return Ok(None) };
        let mut stopped = with_dependents(&lives, number);
        let requirers = graph(&lives).requirers(number);
        let requires = |life: &Arc<Life>| requirers.iter().any(|number| Arc::ptr_eq(&lives[*number], life));
        let own = &lives[number];
        let is_own = |life: &Arc<Life>| Arc::ptr_eq(life, own);
        if let Some(busy) = stopped.iter().find(|life| Lives::is_within(life)) {
            return Err(Error::LifecycleBusy { plugin: busy.id().clone(), state: busy.state() });
        }
        let dependents: Vec<_> = stopped
            .iter()
            .filter(|life| !is_own(life) && (requires(life) || life.status().is_active()))
            .map(|life| life.id().clone())
            .collect();
        if !cascade && !dependents.is_empty() {
            return Err(Error::HasDependents { plugin: own.id().clone(), dependents });
        }
        last_started_first(&mut stopped);
        let removed = stopped.iter().filter(|life| is_own(life) || requires(life)).cloned().collect();
        let mut leaving = Leaving::new(self.registry, removed);
        let errors = self.stop_each(&stopped).await;
        leaving.keep(|life| is_busy(life, &errors));
        let mut left = leaving.leave();
        let plugin = left.iter().position(|(life, _)| is_own(life)).map(|at| left.remove(at).1);
        self.registry.drop_each(left);
        Error::all(errors)?;
        Ok(plugin.map(Foreign::into_inner))
    }

    /// Stops the plugin of the same name as `candidate`, and puts that in its place; returns what was there.
    pub(crate) async fn replace(&self, candidate: Candidate) -> Result<Option<AnyPlugin>, Error> {
        let lives = self.registry.lives();
        let Some(number) = lives.iter().position(|life| life.id() == candidate.id()) else {
            self.put(Arriving { candidate, replaces: None }).await?;
            return Ok(None);
        };
        let own = Arc::clone(&lives[number]);
        if Lives::is_within(&own) {
            return Err(Error::LifecycleBusy { plugin: own.id().clone(), state: own.state() });
        }
        let users = with_dependents(&lives, number);
        let running = users.iter().filter(|life| !Arc::ptr_eq(life, &own) && life.status().is_active());
        let dependents: Vec<_> = running.map(|life| life.id().clone()).collect();
        if !dependents.is_empty() {
            return Err(Error::HasDependents { plugin: own.id().clone(), dependents });
        }
        let replaced = self.registry.plugin(own.id().as_str());
        let held = Held::new(&own);
        let errors = self.stop_each(&[Arc::clone(&own)]).await;
        if !is_busy(&own, &errors) {
            self.put(Arriving { candidate, replaces: Some(own.number) }).await?;
        }
        drop(held);
        Error::all(errors)?;
        Ok(replaced)
    }

    async fn put(&self, arriving: Arriving) -> Result<(), Error> {
        let exchanged = self.registry.exchange(&[], vec![arriving])?;
        exchanged.replay().await?;
        exchanged.stay();
        Ok(())
    }

    /// Stops and unregisters all plugins.
    pub(crate) async fn unload_all(&self) -> Result<(), Error> {
        let mut lives = self.registry.lives();
        last_started_first(&mut lives);
        let mut leaving = Leaving::new(self.registry, lives.clone());
        let errors = self.stop_each(&lives).await;
        leaving.keep(|life| is_busy(life, &errors));
        self.registry.drop_each(leaving.leave());
        Error::all(errors)
    }
}

/// Whether a plugin could not be stopped as it waits for the one who asks.
fn is_busy(life: &Life, errors: &[Error]) -> bool {
    errors.iter().any(|error| matches!(error, Error::LifecycleBusy { plugin, .. } if plugin == life.id()))
}
