//! The operations of a life, as methods of managers.
//!
//! `sync` and `asynchronous` have the same operations. Each drives the one of the [`Conductor`].

mod sync;

#[cfg(feature = "async")]
mod asynchronous;

use std::time::Duration;

use crate::base::kind::Kind;
use crate::base::state::StateMap;
use crate::error::Error;
use crate::lifecycle::drain::UNLIMITED;
use crate::lifecycle::driver::driver_of;
use crate::lifecycle::{Conductor, Transaction};
use crate::manager::ManagerBuilder;
use crate::manager::generic::Manager;
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
    /// let first = pluginkit::Options::new().before(["hedings"]);
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
    #[doc(alias = "check_pending")]
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

impl<K: Kind> Manager<K> {
    /// Sets how long a stop of a plugin waits for the calls that are under way with the plugin; `None` removes the limit.
    ///
    /// The limit replaces that of the [manager](ManagerBuilder::drain_limit). When the limit is reached, the plugin is
    /// stopped under the calls. Observers get [`Event::Drained`](crate::observe::Event::Drained) with the number of calls,
    /// and the [descriptor](crate::metadata::PluginDescriptor::calls_left) has the number, too.
    /// [Lifecycle](crate::guide::lifecycle#calls) has the rules.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name.
    pub fn set_drain_limit(
        &self,
        name: impl AsRef<str>,
        limit: impl Into<Option<Duration>>,
    ) -> Result<(), Error> {
        let name = name.as_ref();
        let unknown = || Error::unknown_plugin(name, &self.registry().plugin_names());
        self.registry().entry(name).ok_or_else(unknown)?.set_drain_limit(limit.into().unwrap_or(UNLIMITED));
        Ok(())
    }
}

impl<K: Kind> ManagerBuilder<K> {
    /// Sets how long a stop of a plugin waits for the calls that are under way with the plugin. The default is 30 seconds;
    /// `None` removes the limit.
    ///
    /// A plugin can have a limit of its own: see [`Manager::set_drain_limit`].
    pub fn drain_limit(self, limit: impl Into<Option<Duration>>) -> Self {
        let limit = limit.into();
        self.setting(move |registry| registry.lives().set_drain_limit(limit))
    }

    /// Sets whether the states of plugins decide on their calls. The default is `true`: a plugin with an `init` or a
    /// `start` takes part in calls only while it is started, and no plugin after it has stopped or failed.
    ///
    /// With `false`, calls run every enabled plugin in every state, and a stop waits for no call.
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
    /// #[extension]
    /// impl Lifecycle for Weather {
    ///     fn start(&self) -> Result<(), BoxError> {
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::builder("feed").calls_follow_states(false).build();
    /// pm.add_extension_points(Specs)?;
    /// pm.register(Weather)?;
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn calls_follow_states(self, follow: bool) -> Self {
        self.setting(move |registry| registry.set_calls_follow_states(follow))
    }
}
