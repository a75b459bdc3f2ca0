//! [`Transaction`]: plugins that come in, and start, as one.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::base::kind::Kind;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::{Conductor, StartPolicy};
use crate::manager::plugin_builder::PluginBuilder;
use crate::manager::staging::staged;
use crate::registry::{Candidate, Registry, Staged};

/// Plugins of any types that are registered, or registered and started, as one unit.
///
/// If a plugin is refused or fails, no plugin of the transaction stays registered.
/// [`Manager::transaction`](crate::Manager::transaction) starts a transaction.
///
/// ```
/// use pluginkit::prelude::*;
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Weather;
///
/// #[extension]
/// impl Specs for Weather {
///     fn fetch(&self, topic: &str) -> String {
///         topic.to_owned()
///     }
/// }
///
/// struct Broken;
///
/// #[extension]
/// impl Lifecycle for Broken {
///     fn start(&self) -> Result<(), BoxError> {
///         Err("no disk".into())
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// assert!(pm.transaction().plugin(Weather).plugin(Broken).register_and_start().is_err());
/// assert!(pm.plugin_names().is_empty());
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is registered before `register` or `register_and_start`"]
pub struct Transaction<'m, K: Kind> {
    conductor: Conductor<'m>,
    staged: Vec<Staged>,
    kind: PhantomData<K>,
}

impl<'m, K: Kind> Transaction<'m, K> {
    pub(crate) fn new(conductor: Conductor<'m>) -> Self {
        Self { conductor, staged: Vec::new(), kind: PhantomData }
    }

    /// Adds a plugin, under its id or the name of its type: a value, or an `Arc` of a value.
    pub fn plugin<T: Send + Sync + 'static>(mut self, plugin: T) -> Self {
        self.staged.push(staged(None, plugin));
        self
    }

    /// Adds a plugin under `name`: a value, or an `Arc` of a value.
    pub fn plugin_as<T: Send + Sync + 'static>(mut self, name: impl Into<PluginId>, plugin: T) -> Self {
        self.staged.push(staged(Some(name.into()), plugin));
        self
    }

    /// Adds the plugin of a builder.
    pub fn built<T: Send + Sync + 'static>(mut self, builder: PluginBuilder<T>) -> Self {
        self.staged.push(builder.staged());
        self
    }

    /// Registers all plugins of the transaction. If a plugin is refused, none is registered.
    ///
    /// # Errors
    ///
    /// As [`Manager::register`](crate::Manager::register), for the first plugin that is refused.
    ///
    /// # Panics
    ///
    /// As [`Manager::register`](crate::Manager::register).
    pub fn register(self) -> Result<Vec<PluginId>, Error> {
        let registry = self.conductor.registry;
        registry.register(registry.candidates(self.staged)?)
    }

    /// Registers the plugins, replays to them and starts them, or leaves none of them registered.
    pub(super) async fn run(self) -> Result<Vec<PluginId>, Error> {
        self.conductor.register_and_start(self.staged).await
    }
}

impl<K: Kind> fmt::Debug for Transaction<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.staged.iter().map(|staged| &staged.id).collect();
        f.debug_struct("Transaction").field("plugins", &names).finish_non_exhaustive()
    }
}

/// Plugins that are registered and not started yet. Dropping it unregisters them.
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
    /// Registers plugins and starts them, or leaves none of them registered.
    async fn register_and_start(&self, staged: Vec<Staged>) -> Result<Vec<PluginId>, Error> {
        let ids = self.register(self.registry.candidates(staged)?).await?;
        let numbers = ids.iter().filter_map(|id| self.registry.entry(id)).map(|entry| entry.number).collect();
        let mut registered = Registered { registry: self.registry, numbers };
        if let Err(error) = self.start(&ids, StartPolicy::Rollback).await {
            self.registry.drop_quietly(registered);
            return Err(error);
        }
        registered.numbers.clear();
        Ok(ids)
    }

    /// Registers plugins with their replays, which only an async manager has to await.
    #[cfg_attr(
        not(feature = "async"),
        allow(clippy::unused_async, reason = "replays are awaited in other builds")
    )]
    async fn register(&self, candidates: Vec<Candidate>) -> Result<Vec<PluginId>, Error> {
        #[cfg(feature = "async")]
        if self.registry.is_async() {
            return self.registry.register_and_replay(candidates).await;
        }
        self.registry.register(candidates)
    }
}
