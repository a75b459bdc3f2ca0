//! [`Life`]: where one plugin is in its life.

use std::error::Error as StdError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::implementation::Owner;
use crate::name::PluginId;
use crate::plugin::{Identity, PluginDescriptor, PluginState};

/// Why a phase failed.
pub(crate) type Cause = Arc<dyn StdError + Send + Sync>;

/// What tells a manager the time.
pub(crate) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// What the lives of a manager's plugins share.
pub(crate) struct Lives {
    clock: Clock,
    starts: AtomicU64,
}

impl Lives {
    pub(crate) fn new(clock: Option<Clock>) -> Self {
        Self { clock: clock.unwrap_or_else(|| Arc::new(SystemTime::now)), starts: AtomicU64::new(0) }
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    /// The number of the next start.
    pub(crate) fn next_start(&self) -> u64 {
        self.starts.fetch_add(1, Ordering::Relaxed)
    }
}

/// One registered plugin and its state. Nothing in it leads to the plugin itself, which may keep it.
pub(crate) struct Life {
    pub(crate) owner: Arc<Owner>,
    pub(crate) identity: Identity,
    loaded_at: SystemTime,
    status: Mutex<Status>,
}

/// The state of a plugin.
pub(crate) struct Status {
    pub(crate) state: PluginState,
    since: SystemTime,
    pub(crate) failure: Option<Cause>,
}

impl Life {
    pub(crate) fn new(owner: Arc<Owner>, identity: Identity, now: SystemTime) -> Self {
        let status = Status { state: PluginState::Loaded, since: now, failure: None };
        Self { owner, identity, loaded_at: now, status: Mutex::new(status) }
    }

    pub(crate) fn id(&self) -> &PluginId {
        &self.owner.id
    }

    pub(crate) fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn descriptor(&self) -> PluginDescriptor {
        let (state, since, failure) = {
            let status = self.status();
            (status.state, status.since, status.failure.clone())
        };
        PluginDescriptor {
            id: self.id().clone(),
            metadata: self.identity.metadata.clone(),
            state,
            loaded_at: self.loaded_at,
            last_state_change: since,
            failed_reason: failure.as_ref().map(ToString::to_string),
            failure,
        }
    }
}
