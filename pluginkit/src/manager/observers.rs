//! Observers of a manager.

use std::sync::Arc;

use crate::base::kind::Kind;
use crate::manager::Manager;
use crate::observe::observer::{Observer, ObserverGuard};

impl<K: Kind> Manager<K> {
    /// Shows calls and their extensions to `observer` until the returned guard is dropped.
    ///
    /// The observer sees every call that starts before the guard is dropped, up to the end of the call.
    #[doc(alias = "add_hookcall_monitoring")]
    pub fn observe(&self, observer: impl Observer) -> ObserverGuard {
        self.registry().observe(Arc::new(observer))
    }
}
