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
    /// Sets a timeout for each extension and each wrapper of a plugin; `None` removes the timeout.
    ///
    /// The timeout applies to calls that start from now on, in `try_call` and `settle`, and to the phases of a
    /// lifecycle. An extension, its plugin, its [point](Self::set_point_timeout) and the
    /// [call](crate::calls::Handle::timeout) can each have a timeout. The shortest timeout applies.
    /// [Limits](crate::guide::limits#timeouts) says what happens to a late extension.
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

    /// Sets a timeout for each extension and each wrapper of a point; `None` removes the timeout.
    ///
    /// The timeout applies to calls that start from now on. See [`set_plugin_timeout`](Self::set_plugin_timeout).
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

    /// Sets the [`FailurePolicy`] of a point in `try_call`; `None` restores the policy that the point declares.
    ///
    /// The policy applies to calls that start from now on. Calls of a historic point have no failure policy.
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

    /// Returns how often an extension or a wrapper of a plugin ran on after its timeout; `None` if no plugin has that
    /// name.
    ///
    /// Counted are the late extensions that were not stopped at the [timeout](Self::set_plugin_timeout): a `fn`, a
    /// future that blocked its thread, and a `blocking` extension. The call of a `blocking` extension ends at the
    /// timeout, but the body runs on. An `async fn` that is dropped at its timeout is not counted.
    pub fn overruns(&self, name: impl AsRef<str>) -> Option<u64> {
        self.registry().overruns(name.as_ref())
    }
}

#[cfg(feature = "tokio")]
impl Manager<crate::base::kind::Asynchronous> {
    /// Sets how many extensions of a plugin may run at once; `None` removes the limit.
    ///
    /// The limit applies to all points and calls together, for extensions that start from now on. Wrappers and
    /// lifecycle phases are not counted. A `PluginManager` has no such limit, because the host controls the threads of
    /// its calls.
    ///
    /// Further extensions wait for a permit, first come, first served. The wait counts towards timeouts, and ends when
    /// the call is dropped.
    ///
    /// An extension may await a call that runs extensions of the same plugin. These inner extensions use the permit of
    /// the outer extension, one inner extension at a time. The manager does not recognise inner extensions in another
    /// task or thread. Two plugins with a limit that call each other can deadlock, as two locks can. A timeout ends the
    /// deadlock.
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
