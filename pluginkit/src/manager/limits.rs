//! Limits of plugins and points that the host sets: time, concurrency, and the answer to failures.

use std::any::TypeId;
#[cfg(feature = "tokio")]
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::base::kind::Kind;
use crate::call::point::ExtensionPoint;
use crate::error::Error;
use crate::manager::Manager;
use crate::spec::failure_policy::FailurePolicy;

impl<K: Kind> Manager<K> {
    /// Sets a timeout for each implementation of a plugin in `try_call` and `settle`; `None` removes it.
    ///
    /// It applies to calls that start from now on. An extension, its plugin, its [point](Self::set_point_timeout) and the
    /// [call](crate::calls::Handle::timeout) can each have a timeout. The shortest applies.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name.
    pub fn set_plugin_timeout(
        &self,
        name: impl AsRef<str>,
        limit: impl Into<Option<Duration>>,
    ) -> Result<(), Error> {
        self.registry().set_plugin_timeout(name.as_ref(), limit.into())
    }

    /// Sets a timeout for each implementation of a point in `try_call` and `settle`; `None` removes it.
    ///
    /// It applies to calls that start from now on. See [`set_plugin_timeout`](Self::set_plugin_timeout).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownExtensionPoint`] if the specs of the point were never added.
    pub fn set_point_timeout<P: ExtensionPoint>(
        &self,
        _point: P,
        limit: impl Into<Option<Duration>>,
    ) -> Result<(), Error> {
        self.registry().set_point_timeout(TypeId::of::<P>(), P::INFO, limit.into())
    }

    /// Sets the [`FailurePolicy`] of a point in `try_call`; `None` restores the one the point declares.
    ///
    /// It applies to calls that start from now on. Calls of a historic point have no failure policy.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownExtensionPoint`] if the specs of the point were never added.
    pub fn set_point_failure_policy<P: ExtensionPoint>(
        &self,
        _point: P,
        policy: impl Into<Option<FailurePolicy>>,
    ) -> Result<(), Error> {
        self.registry().set_point_failure_policy(TypeId::of::<P>(), P::INFO, policy.into())
    }

    /// Returns how often implementations of a plugin ran past their timeout; `None` if no plugin has that name.
    ///
    /// An overrun is counted in `try_call` and `settle`, for code that could not be stopped in time: a `fn`, an
    /// extension on the blocking pool, or a future that kept its thread.
    pub fn overruns(&self, name: impl AsRef<str>) -> Option<u64> {
        self.registry().overruns(name.as_ref())
    }
}

#[cfg(feature = "tokio")]
impl Manager<crate::base::kind::Asynchronous> {
    /// Sets how many extensions of a plugin may run at once; `None` removes the limit.
    ///
    /// The limit holds over all points and calls, for extensions that start from now on. Wrappers and lifecycle
    /// phases are not counted. A `PluginManager` has no such limit: the host controls its threads.
    ///
    /// Further extensions wait for a permit in the order in which they came. The wait counts towards timeouts, and
    /// ends when its call is dropped.
    ///
    /// If an extension makes a call and awaits it, that call reuses the permit, one call at a time. The manager does
    /// not recognise such a call across tasks or threads. Two limited plugins that call each other can deadlock, as two
    /// locks can. A timeout ends that.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name.
    ///
    /// # Panics
    ///
    /// Panics if `limit` is 0. Use [`disable`](Self::disable) to take a plugin out of calls.
    #[track_caller]
    pub fn set_plugin_concurrency(
        &self,
        name: impl AsRef<str>,
        limit: impl Into<Option<usize>>,
    ) -> Result<(), Error> {
        let limit = limit.into().map(|limit| match NonZeroUsize::new(limit) {
            Some(limit) => limit,
            None => panic!(
                "a concurrency of 0 would let nothing run: `{}` needs at least 1, or `set_enabled(…, false)`",
                name.as_ref()
            ),
        });
        self.registry().set_plugin_permits(name.as_ref(), limit)
    }
}
