//! [`Entry`]: one registered plugin, as its manager and the features know it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use crate::base::name::PluginId;
use crate::base::parts::Parts;
use crate::base::state::StateMap;
use crate::plugin::implementation::Owner;
use crate::plugin::{LeftOut, PluginDescriptor, PluginState, ServiceType};
use crate::registry::{EntryPart, Identity};

/// One registered plugin. Nothing in it leads to the plugin itself, which may keep it.
pub struct Entry {
    pub(crate) owner: Arc<Owner>,
    /// Its metadata, if it declares any. Most plugins of large hosts declare none.
    pub(super) identity: Option<Box<Identity>>,
    /// The services that it is known to provide before its phases run.
    pub(super) provides: Box<[ServiceType]>,
    /// The number of its registration, once it has one.
    pub number: u64,
    /// Values that the host has set for the plugin.
    pub settings: StateMap,
    /// Values that the plugin keeps for itself, until it leaves.
    pub private: StateMap,
    loaded_at: SystemTime,
    pub(super) parts: Parts<dyn EntryPart>,
    /// The number of the change that it is prepared for, whose plugins alone see what it offers; 0 if there is none, and
    /// `u64::MAX` after it has left with a change. Changed under the registry's lock.
    pub(super) aside: AtomicU64,
    /// The number of the change whose prepared plugins its look-ups see instead of those that they replace; 0 if there is
    /// none.
    pub(super) ahead: AtomicU64,
    /// Whether it was started with a plugin that a change has replaced since, so that it joins calls only when it is started
    /// again. Set under the registry's lock.
    pub(super) is_late: AtomicBool,
}

impl Entry {
    pub(super) fn new(
        owner: Arc<Owner>,
        identity: Option<Box<Identity>>,
        provides: Box<[ServiceType]>,
        now: SystemTime,
    ) -> Self {
        Self {
            owner,
            identity,
            provides,
            number: 0,
            settings: StateMap::default(),
            private: StateMap::default(),
            loaded_at: now,
            parts: Parts::default(),
            aside: AtomicU64::new(0),
            ahead: AtomicU64::new(0),
            is_late: AtomicBool::new(false),
        }
    }

    /// Returns its name and its aliases.
    pub fn names(&self) -> impl Iterator<Item = &PluginId> {
        self.owner.names()
    }

    /// Returns whether the manager has it. Asked under no lock, so that the answer may be old.
    pub fn is_registered(&self) -> bool {
        self.owner.registered.load(Ordering::Acquire)
    }

    /// Returns whether the calls of its extensions are limited.
    #[cfg(feature = "tokio")]
    pub fn has_permits(&self) -> bool {
        self.owner.permits().is_some()
    }

    /// Lets its look-ups see the plugins that the change with this number has prepared; 0 if they are to see none.
    #[cfg(feature = "macros")]
    pub fn look_ahead(&self, change: u64) {
        self.ahead.store(change, Ordering::Relaxed);
    }

    /// Notes that it is started again, and joins calls.
    #[cfg(feature = "macros")]
    pub fn set_in_time(&self) {
        self.is_late.store(false, Ordering::Relaxed);
    }

    /// Returns the services that it is known to provide before its phases run.
    pub fn known_services(&self) -> &[ServiceType] {
        &self.provides
    }

    /// Returns whether the plugin has left with a change, which may have brought another in its place.
    #[cfg(feature = "macros")]
    pub fn has_left_with_change(&self) -> bool {
        self.aside.load(Ordering::Relaxed) == u64::MAX
    }

    /// Returns the name that the plugin is registered under.
    pub fn id(&self) -> &PluginId {
        &self.owner.id
    }

    /// Returns when the plugin was registered.
    pub fn loaded_at(&self) -> SystemTime {
        self.loaded_at
    }

    /// Returns whether others may use what the plugin offers.
    pub fn is_available(&self) -> bool {
        self.owner.is_enabled() && self.parts.iter().all(EntryPart::is_available)
    }

    /// Returns what is known of the plugin now. An error of the plugin tells its text, so it is called under no lock.
    pub fn descriptor(&self) -> PluginDescriptor {
        let enabled = self.owner.is_enabled();
        let mut descriptor = PluginDescriptor {
            id: self.id().clone(),
            metadata: self.metadata(),
            state: PluginState::Loaded,
            loaded_at: self.loaded_at,
            last_state_change: self.loaded_at,
            failed_reason: None,
            enabled,
            left_out: None,
            calls_left: 0,
            disabled_reason: self.owner.disabled_reason().filter(|_| !enabled),
            failure: None,
        };
        self.parts.iter().for_each(|part| part.describe(&mut descriptor));
        let reason = descriptor.disabled_reason.clone();
        descriptor.left_out = if self.owner.is_left_out() {
            Some(LeftOut::Circuit(reason))
        } else if !enabled {
            Some(LeftOut::Disabled(reason))
        } else if self.owner.is_out.load(Ordering::Relaxed) {
            Some(LeftOut::State(descriptor.state))
        } else {
            None
        };
        descriptor
    }
}

/// A plugin that is no longer registered: dropped, it tells the features, and empties what the plugin kept for itself.
pub(super) struct Departed(pub(super) Arc<Entry>);

impl Drop for Departed {
    fn drop(&mut self) {
        self.0.parts.iter().for_each(EntryPart::left);
        self.0.private.clear();
    }
}
