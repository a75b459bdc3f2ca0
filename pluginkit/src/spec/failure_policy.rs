//! [`FailurePolicy`]: what a failing extension does to its call.

use std::fmt;
use std::sync::atomic::Ordering;

use crate::base::sync::AtomicU8;

/// The reaction of `try_call` and `call_blocking` to an extension that returns an `Err`, panics, or exceeds its
/// timeout.
///
/// A policy is part of the declaration of a point (`#[extension_point(on_failure = "skip")]`), or is set for a point
/// of a manager ([`set_point_failure_policy`](crate::PluginManager::set_point_failure_policy)) or for the calls of a
/// caller ([`Caller::on_failure`](crate::calls::Handle::on_failure)). The caller's policy comes before the manager's, and
/// that before the declared one. `call` and its lazy and concurrent relatives have no policy: there, an `Err` ends the
/// call and a panic unwinds. A historic call, which is remembered if nothing fails, has none, and neither has a phase
/// of a plugin's [life](crate::guide::lifecycle).
///
/// It is about extensions. Wrappers run around what it leaves over and see the outcome of that; one that fails itself
/// ends the call. Observers and circuit breakers see every failure, whatever the policy.
///
/// A pipeline gives its value away to an extension, so where it goes on after one that failed it needs a clone: it makes
/// one for each extension, under another policy than `FailFast` only. If the value is not `Clone`, the call ends with the
/// extension that failed, whatever the policy. A value that is edited in place stays as the extension left it.
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
#[non_exhaustive]
pub enum FailurePolicy {
    /// The call ends with it.
    #[default]
    FailFast,
    /// It is left out, as if it had abstained; all others run in order, and the outcome is theirs. A collecting call has no
    /// value of it, a firstresult call asks the next one, and a pipeline goes on with the value as it was before.
    Skip,
    /// All others run as under `Skip`. If any extension or wrapper failed, the call ends with all failures in call
    /// order: with the one, or with [`CallError::Several`](crate::CallError::Several). The outcome counts only if
    /// nothing failed. An error that is not `Send + 'static` becomes its text, in
    /// [`CallError::Described`](crate::CallError::Described).
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
