//! Observers of a manager.

use std::sync::Arc;

use crate::base::kind::Kind;
use crate::manager::Manager;
use crate::observe::observer::{Event, Observer, ObserverGuard};

impl<K: Kind> Manager<K> {
    /// Shows calls and their extensions to `observer` until the returned guard is dropped.
    ///
    /// The observer sees every call that starts before the guard is dropped, up to the end of the call.
    #[doc(alias = "add_hookcall_monitoring")]
    pub fn observe(&self, observer: impl Observer) -> ObserverGuard {
        self.registry().observe(Arc::new(observer))
    }

    /// Shows calls and their extensions to a closure, as [`observe`](Self::observe) does.
    ///
    /// ```
    /// # use pluginkit::PluginManager;
    /// let pm = PluginManager::new("feed");
    /// let guard = pm.observe_fn(|event| println!("{event:?}"));
    /// drop(guard); // observes no more
    /// ```
    pub fn observe_fn(&self, observer: impl Fn(&Event<'_>) + Send + Sync + 'static) -> ObserverGuard {
        self.observe(observer)
    }
}
