//! [`Loader`]: the operations of this feature, written once for both managers.

use std::sync::Arc;

use crate::base::kind::Kind;
use crate::manager::generic::Manager;
use crate::registry::Registry;

/// Discovers and loads plugins of one manager.
pub(crate) struct Loader<'l>(&'l Arc<Registry>);

impl<'l> Loader<'l> {
    pub(super) fn registry(&self) -> &'l Arc<Registry> {
        self.0
    }
}

impl<K: Kind> Manager<K> {
    pub(super) fn loader(&self) -> Loader<'_> {
        Loader(self.registry())
    }
}
