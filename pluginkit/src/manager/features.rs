//! [`Feature`]: a leaf that takes part in the making and the end of a manager.
//!
//! This file is the only one of its layer that names features.

use std::sync::Arc;

use crate::registry::Registry;

/// The part of a feature in the life of a manager.
pub(crate) struct Feature {
    /// Prepares a new manager.
    pub(crate) install: fn(&Arc<Registry>),
    /// Ends the work of the feature when a manager is dropped.
    pub(crate) close: fn(&Arc<Registry>),
}

const FEATURES: &[Feature] = &[
    #[cfg(feature = "macros")]
    crate::lifecycle::FEATURE,
];

/// Prepares a new manager for all features.
pub(super) fn install(registry: &Arc<Registry>) {
    for feature in FEATURES {
        (feature.install)(registry);
    }
}

/// Ends the work of all features when a manager is dropped.
pub(super) fn close(registry: &Arc<Registry>) {
    for feature in FEATURES {
        (feature.close)(registry);
    }
}
