//! Guarded calls that continue after a failure: [`FailurePolicy`].

use std::any::Any;
use std::sync::PoisonError;
use std::time::Duration;

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::call::CallError;
use crate::call::arguments::Arguments;
use crate::call::chain::CallErased;
use crate::call::guard::Stopped;
use crate::call::overruns::Visit;
use crate::call::trace::Tracer;
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::point::PointTypes;
use crate::spec::returns::Returns;

/// A failure of a plugin after which the call continued.
///
/// It has none of the types of the point. Wrappers may pass on arguments with other lifetimes, and futures must be `Send`
/// for every type of error.
pub(crate) struct Failure {
    plugin: PluginId,
    why: Why,
}

/// The cause of a failure.
pub(crate) enum Why {
    /// The extension returned this error.
    Failed(Foreign<Box<dyn Any + Send>>),
    /// The extension returned an error with this text, which cannot be kept.
    Described(String),
    /// The extension panicked with this message.
    Panicked(String),
    /// The extension exceeded its limit: the limit and the time.
    TimedOut(Duration, Duration),
}

impl Failure {
    #[cfg(feature = "async")]
    pub(super) fn new(plugin: &PluginId, why: Why) -> Self {
        Self { plugin: plugin.clone(), why }
    }

    pub(super) fn plugin(&self) -> &PluginId {
        &self.plugin
    }

    /// Converts it to the error of a call of `P`.
    pub(crate) fn into_error<P, S, R, A>(self) -> CallError<S::Error>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let (plugin, point) = (Some(self.plugin), P::INFO);
        match self.why {
            Why::Failed(error) => {
                match A::kept(error.into_inner()).and_then(|returned| S::value(returned).err()) {
                    Some(error) => CallError::Failed { plugin, point, error },
                    None => {
                        let text = "(an error of another type)".to_owned();
                        CallError::Described { plugin, point, text }
                    }
                }
            }
            Why::Described(text) => CallError::Described { plugin, point, text },
            Why::Panicked(message) => CallError::Panicked { plugin, point, message },
            Why::TimedOut(limit, elapsed) => CallError::TimedOut { plugin, point, limit, elapsed },
        }
    }
}

impl Tracer<'_> {
    /// Returns whether the call continues after a failure.
    pub(crate) fn recovers(&self) -> bool {
        self.policy != FailurePolicy::FailFast
    }

    /// Takes the failures after which the call continued.
    pub(crate) fn take_failures(&self) -> Vec<Failure> {
        std::mem::take(&mut *self.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns whether the call keeps the failures after which it continues.
    #[cfg(feature = "async")]
    pub(super) fn collects(&self) -> bool {
        self.policy == FailurePolicy::Collect
    }

    /// Adds failures after which the call continued.
    #[cfg(feature = "async")]
    pub(super) fn add_failures(&self, failures: impl Iterator<Item = Failure>) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).extend(failures);
    }

    fn record_failure(&self, position: usize, why: impl FnOnce() -> Why) {
        if self.policy == FailurePolicy::Collect {
            let failure = Failure { plugin: self.plugin(position).clone(), why: why() };
            self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
        }
    }
}

/// Records and clears a failure of the extension of `visit`, in a call that continues after failures.
///
/// `ran` holds whether its predicate accepted the call. Returns whether it ran without a failure.
pub(crate) fn recover(
    tracer: &Tracer<'_>,
    visit: Visit,
    ran: Result<bool, Stopped>,
    call: &mut dyn CallErased,
) -> bool {
    let (overrun, position) = (tracer.clear_failure(visit), visit.position);
    match (ran, overrun) {
        (Ok(false), _) => {}
        (Ok(true), _) if call.results().is_error() => {
            if tracer.policy != FailurePolicy::Collect {
                tracer.drop_returned(position, &mut || call.results().drop_held());
                return false;
            }
            tracer.record_failure(position, || {
                let text = call.error_text();
                let described =
                    || Why::Described(text.unwrap_or_else(|| "(an error without a text)".to_owned()));
                let mut kept = None;
                tracer.drop_returned(position, &mut || kept = call.keep_error());
                kept.map_or_else(described, |error| Why::Failed(Foreign::new(error, None)))
            });
        }
        (Ok(true), None) => return true,
        (Err(Stopped::Panicked(message)), _) => {
            // It has returned if its span panicked.
            tracer.drop_returned(position, &mut || call.results().drop_held());
            tracer.record_failure(position, || Why::Panicked(message));
        }
        (_, overrun) => {
            tracer.drop_returned(position, &mut || call.results().drop_held());
            let (limit, elapsed) = overrun.expect("an expired implementation has an overrun");
            tracer.record_failure(position, || Why::TimedOut(limit, elapsed));
        }
    }
    false
}
