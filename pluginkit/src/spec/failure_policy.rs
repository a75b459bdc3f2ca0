//! [`FailurePolicy`]: what a failing extension does to its call.

use std::fmt;
use std::sync::atomic::Ordering;

use crate::base::sync::AtomicU8;

/// The reaction of `try_call`, `try_call_concurrent` and `call_blocking` to an extension that returns an `Err`, panics, or exceeds its
/// timeout.
///
/// A point declares a policy, as in `#[extension_point(on_failure = "skip")]`. A manager can set another policy for a
/// point ([`set_point_failure_policy`](crate::PluginManager::set_point_failure_policy)), and a caller for its calls
/// ([`Caller::on_failure`](crate::calls::Handle::on_failure)). The policy of the caller overrides the policy of the
/// manager. The policy of the manager overrides the declared policy.
///
/// Other calls have no policy:
///
/// - `call` and `call_concurrent`: an `Err` ends the call, and a panic unwinds.
/// - `iter` and `stream`: an `Err` is one of the results, and a panic unwinds.
/// - `settle`: each failure is one of the results, and the other extensions run.
/// - `call_historic` and `try_call_historic`: the first failure ends the call, and the call is not remembered.
///   (`settle_historic` runs every extension, and the call is remembered.)
/// - the phases of a [lifecycle](crate::guide::lifecycle): a failure ends the phase.
///
/// A policy applies to extensions. Wrappers see the outcome after the policy was applied. A failure of a wrapper ends
/// the call. Observers and circuit breakers see every failure under each policy.
///
/// A pipeline by value moves its value into each extension. To continue after a failure, the pipeline clones the value
/// before each extension, except under `FailFast`. If the value is not `Clone`, the first failure ends the call under
/// each policy. A value that is edited in place stays as the failed extension left it.
///
/// ```
/// use pluginkit::limits::FailurePolicy;
/// use pluginkit::prelude::*;
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> Result<String, String>;
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// pm.register_fn("down", Specs::fetch, |_| Err("no route".to_owned()))?;
/// pm.register_fn("static", Specs::fetch, |args| Ok(args.topic.to_owned()))?;
/// pm.register_fn("old", Specs::fetch, |_| Err("gone".to_owned()))?;
///
/// let fetch = pm.caller(Specs::fetch);
/// assert_eq!(fetch.try_call("harbor").unwrap_err().plugin().unwrap(), "down");
/// assert_eq!(fetch.on_failure(FailurePolicy::Skip).try_call("harbor").unwrap(), ["harbor"]);
///
/// let error = fetch.on_failure(FailurePolicy::Collect).try_call("harbor").unwrap_err();
/// let plugins: Vec<_> = error.failures().filter_map(|failure| failure.plugin()).collect();
/// assert_eq!(plugins, ["down", "old"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FailurePolicy {
    /// The first failure ends the call. Only an [overrun](crate::guide::limits#timeouts), the timeout of an extension
    /// that the call has to wait for, does not end the call at once. The other extensions run, and then the call returns the
    /// timeout as its error.
    #[default]
    FailFast,
    /// An extension that fails is left out, as if it had returned `None`. All other extensions run in order.
    ///
    /// A collecting call returns the other values. A firstresult call runs the next extension. A pipeline by value
    /// continues with the value from before the failure. A value that is edited in place stays as the failed extension
    /// left it.
    Skip,
    /// All other extensions run as under `Skip`, and the call returns every failure.
    ///
    /// The call succeeds only if no extension and no wrapper failed. A single failure is returned as it is, and several
    /// in call order as [`CallError::Several`](crate::CallError::Several). An error that is not `Send + 'static`
    /// becomes its text, in [`CallError::Described`](crate::CallError::Described).
    Collect,
}

impl fmt::Display for FailurePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FailFast => "fail_fast",
            Self::Skip => "skip",
            Self::Collect => "collect",
        })
    }
}

/// A policy, if one was set.
#[derive(Default)]
pub(crate) struct SetPolicy(AtomicU8);

impl SetPolicy {
    pub(crate) fn get(&self) -> Option<FailurePolicy> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(FailurePolicy::FailFast),
            2 => Some(FailurePolicy::Skip),
            _ => Some(FailurePolicy::Collect),
        }
    }

    pub(crate) fn set(&self, policy: Option<FailurePolicy>) {
        let number = match policy {
            None => 0,
            Some(FailurePolicy::FailFast) => 1,
            Some(FailurePolicy::Skip) => 2,
            Some(FailurePolicy::Collect) => 3,
        };
        self.0.store(number, Ordering::Relaxed);
    }
}
