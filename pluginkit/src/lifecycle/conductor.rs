//! [`Conductor`]: the operations on the lives of a manager's plugins, written once for both managers.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use crate::base::name::PluginId;
use crate::base::sync::Mutex;
use crate::error::Error;
use crate::lifecycle::driver::{Driver, point_of};
use crate::lifecycle::life::Away;
use crate::manager::context::PluginContext;
use crate::plugin::dependency::Unresolved;
use crate::plugin::{Cause, Phase, UnboundName};
use crate::registry::{Entry, Registry};

/// Runs the phases of a manager's plugins.
pub(crate) struct Conductor<'c> {
    pub(super) registry: &'c Arc<Registry>,
    pub(super) driver: &'static dyn Driver,
    /// The number of the change that it makes; 0, if the operation is no part of a change.
    change: u64,
}

impl<'c> Conductor<'c> {
    pub(crate) fn new(registry: &'c Arc<Registry>, driver: &'static dyn Driver) -> Self {
        Self { registry, driver, change: 0 }
    }

    /// Returns the same as part of the change with this number.
    pub(super) fn within(&self, change: u64) -> Self {
        Self { change, ..*self }
    }

    /// Returns whether a change that the operation is no part of keeps it from a plugin.
    pub(super) fn is_kept_from(&self, away: Option<Away>) -> bool {
        matches!(away, Some(Away::Changed(change)) if change != self.change)
    }

    /// Returns whether the operation is part of a change.
    pub(super) fn is_change(&self) -> bool {
        self.change != 0
    }

    /// Returns the error that no plugin has this name.
    pub(super) fn unknown(&self, name: &str) -> Error {
        Error::unknown_plugin(name, &self.registry.plugin_names())
    }

    /// Runs one phase of a plugin, if the plugin has it.
    pub(super) async fn run(&self, life: &Entry, phase: Phase, cx: &PluginContext) -> Result<(), Cause> {
        let Some(slot) = self.registry.solo(life.number, point_of(phase)) else { return Ok(()) };
        self.driver.run(phase, slot, cx).await
    }

    /// Runs `phases` of `life`, which end the claim on it; `None` if they were given up.
    ///
    /// They borrow nothing, so that an operation that waits for them can go on with them if this is forgotten.
    pub(super) async fn run_all<T: Send + 'static>(
        &self,
        life: &Arc<Entry>,
        phases: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let outcome = Arc::new(Mutex::new(None));
        let returned = Arc::clone(&outcome);
        let (registry, own) = (Arc::clone(self.registry), Arc::clone(life));
        let phases = Box::pin(async move {
            // Destructors and observers between the phases are within them, too.
            let value = registry.lives().within(&own, phases).await;
            *returned.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        });
        self.driver.run_all(life, phases).await;
        outcome.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Returns the context for the phases of a plugin.
    pub(super) fn context(&self, life: &Arc<Entry>) -> PluginContext {
        PluginContext::new(self.registry, Arc::clone(life), life.signal())
    }

    /// Waits until no phase of `life` is under way.
    ///
    /// # Errors
    ///
    /// If that phase waits for the one that asks.
    pub(super) async fn settle(&self, life: &Entry) -> Result<(), Error> {
        let _waiting = self.registry.lives().wait_for(life)?;
        self.driver.settle(life).await;
        Ok(())
    }

    /// Checks that every requirement of every plugin is met.
    ///
    /// Returns the names that bind nothing.
    pub(crate) fn validate(&self) -> Result<Vec<UnboundName>, Error> {
        let lives = self.registry.entries();
        let graph = self.registry.requirements(&lives, &HashSet::new(), &[]);
        graph.order(0..lives.len()).map_err(unresolved)?;
        self.registry.warn_unbound();
        Ok(self.registry.unbound_names())
    }

    /// Returns the indices in `lives` of the plugins with these names.
    pub(super) fn find(&self, lives: &[Arc<Entry>], names: &[PluginId]) -> Result<Vec<usize>, Error> {
        let numbers: HashMap<_, _> = lives
            .iter()
            .zip(0..)
            .flat_map(|(life, number)| life.names().map(move |name| (name.as_str(), number)))
            .collect();
        let number = |name: &PluginId| numbers.get(name.as_str()).copied().ok_or_else(|| self.unknown(name));
        names.iter().map(number).collect()
    }
}

/// Returns the error of a failed resolution.
pub(super) fn unresolved(Unresolved { problems, cycle }: Unresolved) -> Error {
    let unmet = (!problems.is_empty()).then_some(Error::UnmetDependencies { problems });
    let circular = cycle.map(|cycle| Error::DependencyCycle { cycle });
    match (unmet, circular) {
        (Some(unmet), Some(circular)) => Error::Several { errors: vec![unmet, circular] },
        (Some(error), None) | (None, Some(error)) => error,
        (None, None) => unreachable!("what is unresolved has a reason"),
    }
}
