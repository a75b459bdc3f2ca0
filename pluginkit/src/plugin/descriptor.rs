//! [`PluginDescriptor`]: a plugin at one moment, as its manager knows it.

use std::error::Error as StdError;
use std::fmt;
use std::time::SystemTime;

use crate::base::name::PluginId;
use crate::plugin::{Cause, PluginMetadata};

/// The state of a plugin's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PluginState {
    /// Registered, and not started yet.
    Loaded,
    /// Its `init` or its `start` is under way.
    Starting,
    /// Its `start` ended well.
    Started,
    /// Its `stop` or its `unload` is under way.
    Stopping,
    /// Its `stop` and its `unload` ended well; it may be started again.
    Stopped,
    /// One of its phases failed, or was given up; it may be started again.
    Failed,
}

impl fmt::Display for PluginState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Loaded => "loaded",
            Self::Starting => "starting",
            Self::Started => "started",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        })
    }
}

/// A plugin at one moment, as its manager knows it.
#[derive(Clone)]
#[non_exhaustive]
pub struct PluginDescriptor {
    /// The name it is registered under.
    pub id: PluginId,
    /// Its metadata; without any, only its id.
    pub metadata: PluginMetadata,
    /// The state of its life.
    pub state: PluginState,
    /// When it was registered.
    pub loaded_at: SystemTime,
    /// When its state changed last, or when it was registered.
    pub last_state_change: SystemTime,
    /// The text of the error, if it is [`Failed`](PluginState::Failed).
    pub failed_reason: Option<String>,
    /// Whether it takes part in calls.
    pub enabled: bool,
    /// The reason why it is disabled, if the host or a [`CircuitBreaker`](crate::limits::CircuitBreaker) gave one.
    pub disabled_reason: Option<String>,
    pub(crate) failure: Option<Cause>,
}

impl PluginDescriptor {
    /// The name it is registered under.
    pub fn id(&self) -> &PluginId {
        &self.id
    }

    /// Its metadata; without any, only its id.
    pub fn metadata(&self) -> &PluginMetadata {
        &self.metadata
    }

    /// The state of its life.
    pub fn state(&self) -> PluginState {
        self.state
    }

    /// The text of the error, if it is [`Failed`](PluginState::Failed).
    pub fn failed_reason(&self) -> Option<&str> {
        self.failed_reason.as_deref()
    }

    /// Whether it takes part in calls.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// The reason why it is disabled, if one was given.
    pub fn disabled_reason(&self) -> Option<&str> {
        self.disabled_reason.as_deref()
    }

    /// Returns the error, if it is [`Failed`](PluginState::Failed).
    pub fn failure(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.failure.as_deref()
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
            .finish_non_exhaustive()
    }
}
