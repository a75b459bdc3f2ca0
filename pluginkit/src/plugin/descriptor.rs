//! [`PluginDescriptor`]: a plugin at one moment, as its manager knows it.

use std::error::Error as StdError;
use std::fmt;
use std::time::SystemTime;

use crate::base::name::PluginId;
use crate::plugin::{Cause, LeftOut, PluginMetadata, PluginState};

/// The state and the declared data of a plugin at one moment.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PluginDescriptor {
    /// The name under which the plugin is registered.
    pub id: PluginId,
    /// The metadata. If the plugin declares none, only the id is set.
    pub metadata: PluginMetadata,
    /// The state of the plugin.
    pub state: PluginState,
    /// The time of the registration.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "loaded_at_timestamp_seconds", serialize_with = "crate::base::serialize::timestamp")
    )]
    pub loaded_at: SystemTime,
    /// The time of the last change of the state, or of the registration.
    #[cfg_attr(
        feature = "serde",
        serde(
            rename = "last_state_change_timestamp_seconds",
            serialize_with = "crate::base::serialize::timestamp"
        )
    )]
    pub last_state_change: SystemTime,
    /// The text of the error, if the state is [`Failed`](PluginState::Failed).
    pub failed_reason: Option<String>,
    /// Whether the plugin is enabled. A disabled plugin takes no part in calls.
    pub enabled: bool,
    /// The reason why the plugin is disabled, if the host or a [`CircuitBreaker`](crate::limits::CircuitBreaker) gave a
    /// reason.
    pub disabled_reason: Option<String>,
    /// The reason why calls leave the plugin out; `None` if the plugin takes part in calls.
    pub left_out: Option<LeftOut>,
    /// The number of calls that were still under way with the plugin when its last stop reached the
    /// [drain limit](crate::PluginManager::set_drain_limit). The stop did not wait for them.
    pub calls_left: usize,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) failure: Option<Cause>,
}

impl PluginDescriptor {
    /// Returns the error, if the state is [`Failed`](PluginState::Failed).
    pub fn failure(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.failure.as_deref()
    }

    /// Sets the error and its text.
    #[doc(hidden)]
    pub fn set_failure(&mut self, failure: Option<Cause>) {
        self.failed_reason = failure.as_ref().map(ToString::to_string);
        self.failure = failure;
    }
}

impl fmt::Debug for PluginDescriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginDescriptor")
            .field("id", &self.id)
            .field("metadata", &self.metadata)
            .field("state", &self.state)
            .field("loaded_at", &self.loaded_at)
            .field("last_state_change", &self.last_state_change)
            .field("failed_reason", &self.failed_reason)
            .field("enabled", &self.enabled)
            .field("disabled_reason", &self.disabled_reason)
            .field("left_out", &self.left_out)
            .field("calls_left", &self.calls_left)
            .finish_non_exhaustive()
    }
}
