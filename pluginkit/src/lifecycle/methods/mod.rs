//! The operations of a life, as methods of managers.
//!
//! `sync` and `asynchronous` have the same operations. Each drives the one of the [`Conductor`].

mod sync;

#[cfg(feature = "async")]
mod asynchronous;

use crate::base::kind::Kind;
use crate::base::state::StateMap;
use crate::error::Error;
use crate::lifecycle::driver::driver_of;
use crate::lifecycle::{Conductor, Transaction};
use crate::manager::Manager;
use crate::plugin::UnboundName;

impl<K: Kind> Manager<K> {
    /// Checks that every requirement of every plugin is met, and that a start order exists. Starts nothing.
    ///
    /// Returns the names of plugins that bind nothing: those in `before` and `after` of extensions, and those in views
    /// of callers. They may be right, or misspelled. With the feature `tracing`, they are logged as warnings, too.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn render(&self, text: &str) -> String;
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("feed");
    /// pm.add_extension_points(Specs)?;
    /// pm.register_fn("headings", Specs::render, |args| args.text.to_owned())?;
    /// let first = pluginkit::Options::new().before(&["hedings"]);
    /// pm.register_fn_with("links", Specs::render, first, |args| args.text.to_owned())?;
    /// let unbound = pm.validate()?;
    /// assert_eq!(unbound[0].suggestion.as_deref(), Some("headings"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::UnmetDependencies`] with every requirement that is missing or has another version,
    /// [`Error::DependencyCycle`] with a cycle, or both together.
    pub fn validate(&self) -> Result<Vec<UnboundName>, Error> {
        self.conductor().validate()
    }

    /// Sets the configuration of type `T` of a plugin, and returns the former configuration of this type.
    ///
    /// The phases of the plugin get the configuration from
    /// [`PluginContext::config`](crate::lifecycle::PluginContext::config).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name.
    pub fn configure<T: Send + Sync + 'static>(
        &self,
        name: impl AsRef<str>,
        config: T,
    ) -> Result<Option<std::sync::Arc<T>>, Error> {
        let name = name.as_ref();
        let unknown = || Error::unknown_plugin(name, &self.registry().plugin_names());
        Ok(self.registry().entry(name).ok_or_else(unknown)?.settings.insert(config))
    }

    /// Returns the state that plugins share with each other and with the host.
    pub fn shared_state(&self) -> &StateMap {
        &self.registry().shared
    }

    /// Returns an empty transaction: a list of plugins to register, or to register and start, as one unit.
    ///
    /// See [`Transaction`] for an example.
    pub fn transaction(&self) -> Transaction<'_, K> {
        Transaction::new(self.conductor())
    }

    /// Returns the operations, driven as the kind of the manager asks.
    pub(crate) fn conductor(&self) -> Conductor<'_> {
        Conductor::new(self.registry(), driver_of(self.registry()))
    }
}
