//! [`Transaction`]: plugins that come in, and start, as one.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::{Conductor, StartPolicy};
use crate::manager::plugin_builder::PluginBuilder;
use crate::manager::staged;
use crate::registry::{Registry, Staged};

/// Plugins of any types that are registered as one unit, or registered and started as one: if one fails, all
/// are taken back. What [`PluginManager::transaction`](crate::PluginManager::transaction) starts.
#[must_use = "nothing is registered before `register` or `register_and_start`"]
pub struct Transaction<'m, M> {
    pub(crate) conductor: Conductor<'m>,
    staged: Vec<Staged>,
    manager: PhantomData<fn() -> M>,
}

impl<'m, M> Transaction<'m, M> {
    pub(crate) fn new(conductor: Conductor<'m>) -> Self {
        Self { conductor, staged: Vec::new(), manager: PhantomData }
    }

    /// Adds a plugin, a value or an `Arc` of one, under its id or the name of its type.
    pub fn plugin<T: Send + Sync + 'static>(mut self, plugin: T) -> Self {
        self.staged.push(staged(None, plugin));
        self
    }

    /// Adds a plugin, a value or an `Arc` of one, under `name`.
    pub fn plugin_as<T: Send + Sync + 'static>(mut self, name: impl Into<PluginId>, plugin: T) -> Self {
        self.staged.push(staged(Some(name.into()), plugin));
        self
    }

    /// Adds what a builder of the same manager holds.
    pub fn built<T: Send + Sync + 'static>(mut self, builder: PluginBuilder<'_, T>) -> Self {
        self.staged.push(builder.staged());
        self
    }

    pub(crate) fn into_parts(self) -> (Conductor<'m>, Vec<Staged>) {
        (self.conductor, self.staged)
    }
}

impl<M> fmt::Debug for Transaction<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.staged.iter().map(|staged| &staged.id).collect();
        f.debug_struct("Transaction").field("plugins", &names).finish_non_exhaustive()
    }
}

/// Plugins that are in, and not started yet: dropped, it takes all of them out.
struct Registered<'r> {
    registry: &'r Arc<Registry>,
    numbers: Vec<u64>,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        let removed = self.registry.remove_all(self.numbers.drain(..).rev());
        self.registry.drop_each(removed);
    }
}

impl Conductor<'_> {
    /// The registry of the manager.
    pub(crate) fn registry(&self) -> &Arc<Registry> {
        self.registry
    }

    /// Registers plugins of a sync manager and starts them, or leaves none of them in.
    pub(crate) async fn register_and_start(&self, staged: Vec<Staged>) -> Result<Vec<PluginId>, Error> {
        let ids = self.registry.register(self.registry.candidates(staged)?)?;
        self.start_registered(ids).await
    }

    /// Registers plugins of an async manager, replays to them and starts them, or leaves none of them in.
    #[cfg(feature = "async")]
    pub(crate) async fn replay_and_start(&self, staged: Vec<Staged>) -> Result<Vec<PluginId>, Error> {
        let ids = self.registry.register_and_replay(self.registry.candidates(staged)?).await?;
        self.start_registered(ids).await
    }

    /// Starts plugins that were just registered, or takes them out.
    async fn start_registered(&self, ids: Vec<PluginId>) -> Result<Vec<PluginId>, Error> {
        let numbers = ids.iter().filter_map(|id| self.registry.entry(id)).map(|life| life.number).collect();
        let mut registered = Registered { registry: self.registry, numbers };
        self.start(&ids, StartPolicy::Rollback).await?;
        registered.numbers.clear();
        Ok(ids)
    }
}
