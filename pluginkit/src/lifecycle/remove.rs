//! Removing: stopped first, and removed whatever becomes of that.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::drops::{self, DropPanic, Foreign};
use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::life::Away;
use crate::lifecycle::stop::last_started_first;
use crate::lifecycle::{Conductor, Lives};
use crate::plugin::AnyPlugin;
use crate::registry::{Candidate, Change, Entry, Incoming, Registry};

/// Plugins that are about to be removed. Dropping it unregisters them, whatever happens.
struct Leaving<'l> {
    registry: &'l Registry,
    lives: Vec<Arc<Entry>>,
}

impl<'l> Leaving<'l> {
    fn new(registry: &'l Registry, lives: Vec<Arc<Entry>>) -> Self {
        for life in &lives {
            life.status().away = Some(Away::Removed);
        }
        Self { registry, lives }
    }

    /// Keeps the plugins registered that are in a phase and cannot be stopped before its end.
    fn keep(&mut self, kept: impl Fn(&Entry) -> bool) {
        self.lives.retain(|life| {
            if kept(life) {
                life.status().away = None;
            }
            !kept(life)
        });
    }

    /// Unregisters them in order, except those that another operation has unregistered meanwhile.
    fn leave(mut self) -> Vec<(Arc<Entry>, Foreign<AnyPlugin>)> {
        self.take()
    }

    fn take(&mut self) -> Vec<(Arc<Entry>, Foreign<AnyPlugin>)> {
        let lives = std::mem::take(&mut self.lives);
        let removed = self.registry.remove_all(lives.iter().map(|life| life.number));
        lives.into_iter().zip(removed).filter_map(|(life, plugin)| Some((life, plugin?))).collect()
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let left = self.take();
        self.registry.drop_each(left);
    }
}

impl Conductor<'_> {
    /// Stops and unregisters a plugin and, if `cascade`, the plugins that require it; returns `None` if there is none.
    pub(crate) async fn remove(&self, name: &str, cascade: bool) -> Result<Option<AnyPlugin>, Error> {
        loop {
            let Some(own) = self.registry.entry(name) else { return Ok(None) };
            let removed = self.remove_numbered(own.number, cascade).await?;
            // A change may have replaced it before it was removed.
            if removed.is_some() || !self.are_replaced(vec![own]) {
                return Ok(removed);
            }
        }
    }

    async fn remove_numbered(&self, number: u64, cascade: bool) -> Result<Option<AnyPlugin>, Error> {
        let mut stopped = self.with_dependents(number);
        let lives = stopped.clone();
        let Some(at) = lives.iter().position(|life| life.number == number) else { return Ok(None) };
        let requirers: HashSet<u64> = self
            .registry
            .requirements(&lives, &HashSet::new(), &[])
            .requirers([at])
            .into_iter()
            .map(|requirer| lives[requirer].number)
            .collect();
        let requires = |life: &Arc<Entry>| requirers.contains(&life.number);
        let own = &lives[at];
        let is_own = |life: &Arc<Entry>| Arc::ptr_eq(life, own);
        if let Some(busy) = stopped.iter().find(|life| Lives::is_within(life)) {
            return Err(Error::LifecycleBusy { plugin: busy.id().clone(), state: busy.state() });
        }
        let dependents: Vec<_> = stopped
            .iter()
            .filter(|life| !is_own(life) && (requires(life) || life.is_active()))
            .map(|life| life.id().clone())
            .collect();
        if !cascade && !dependents.is_empty() {
            return Err(Error::HasDependents { plugin: own.id().clone(), dependents, by_load: false });
        }
        last_started_first(&mut stopped);
        let removed = stopped.iter().filter(|life| is_own(life) || requires(life)).cloned().collect();
        let mut leaving = Leaving::new(self.registry, removed);
        let errors = self.stop_each(&stopped).await;
        let busy = busy(&errors);
        leaving.keep(|life| busy.contains(life.id()));
        let mut left = leaving.leave();
        let mut plugin = left.iter().position(|(life, _)| is_own(life)).map(|at| left.remove(at).1);
        let dropped = if errors.is_empty() { None } else { plugin.take() };
        self.end(errors, (left, dropped))?;
        Ok(plugin.map(Foreign::into_inner))
    }

    /// Registers `candidate` in place of the plugin of the same name, and returns that plugin. The new plugin starts, if the
    /// old one runs.
    pub(crate) async fn replace(&self, candidate: Candidate) -> Result<Option<AnyPlugin>, Error> {
        let own = self.registry.entry(candidate.id());
        let old = own.as_ref().and_then(|own| self.registry.plugin(own.id().as_str()));
        let old = old.map(|plugin| Foreign::new(plugin, own.as_ref().map(|own| own.id())));
        let replaces = own.as_ref().map(|own| own.number);
        let change = Change { incoming: vec![Incoming::new(candidate, replaces)], ..Change::default() };
        let mut panicked = None;
        let errors = match self.registry.replace_all(change, &mut panicked).await {
            Ok(changed) => changed.stop_errors,
            Err(error) => vec![error],
        };
        if let Err(error) = self.tell(errors, panicked) {
            self.registry.drop_quietly(old);
            return Err(error);
        }
        Ok(old.map(Foreign::into_inner))
    }

    /// Ends an operation in which a destructor has panicked, if one has. If it has failed, observers are told of that.
    fn tell(&self, errors: Vec<Error>, panicked: Option<DropPanic>) -> Result<(), Error> {
        if errors.is_empty() {
            drops::go_on(panicked);
        } else if let Some(panic) = &panicked {
            self.registry.report_drop(panic);
        }
        Error::all(errors)
    }

    /// Ends an operation that leaves values to drop. If it has failed, observers are told of destructors that panic.
    fn end<T>(&self, errors: Vec<Error>, left: T) -> Result<(), Error> {
        if errors.is_empty() {
            self.registry.drop_each(left);
        } else {
            self.registry.drop_quietly(left);
        }
        Error::all(errors)
    }

    /// Stops and unregisters all plugins.
    pub(crate) async fn unload_all(&self) -> Result<(), Error> {
        self.registry.lives().set_runs(false);
        loop {
            let mut lives = self.registry.entries();
            for life in &lives {
                life.ask_stop();
            }
            last_started_first(&mut lives);
            let mut leaving = Leaving::new(self.registry, lives.clone());
            let errors = self.stop_each(&lives).await;
            let busy = busy(&errors);
            leaving.keep(|life| busy.contains(life.id()));
            self.end(errors, leaving.leave())?;
            if !self.are_replaced(lives) {
                return Ok(());
            }
        }
    }
}

/// Returns the plugins that could not be stopped because they wait for the operation itself.
fn busy(errors: &[Error]) -> HashSet<&PluginId> {
    let busy = errors.iter().filter_map(|error| match error {
        Error::LifecycleBusy { plugin, .. } => Some(plugin),
        _ => None,
    });
    busy.collect()
}
