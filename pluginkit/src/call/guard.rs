//! Guarded calls: a panic or an error is caught and attributed to a plugin.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::drops::message;
use crate::call::CallError;
use crate::call::arguments::{Arguments, WrapArguments};
use crate::call::chain::Chain;
use crate::call::next::Rest;
use crate::call::policy::judge;
use crate::call::trace::{Span, Tracer};
use crate::spec::point::{ExtensionPoint, PointInfo};
use crate::spec::returns::Returns;

impl<P: ExtensionPoint> Chain<'_, P> {
    /// Runs a call as [`Chain::call`] does, under its failure policy; a panic, an error or an overrun names its plugin.
    ///
    /// A sync call cannot be interrupted: an extension over its timeout is reported when it returns. Results that are
    /// not returned because of a failure are left to `discard`.
    ///
    /// # Errors
    ///
    /// What stopped the call, and whose it is.
    pub(crate) fn try_call<S, R, X, A>(
        &self,
        args: A,
        run: fn(Rest<'_, P>, A) -> S::Lift<X>,
        discard: fn(X),
    ) -> Result<X, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<X>>,
    {
        let point = P::INFO;
        if self.snapshot.implementations().iter().any(|each| each.contribution.must_not_wait()) {
            return Err(CallError::InAsyncCode { point });
        }
        let tracer = Tracer::timed(self.snapshot, point).under_policy(self.snapshot);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let span = tracer.call();
            let outcome = Span::inside(Some(&span), || run(Rest::start(&self.followed(&tracer)), args));
            span.end(A::outcome_error_text(&outcome).as_deref());
            outcome
        }));
        let outcome = outcome.map(S::lower).map_err(|panic| Stopped::Panicked(message(panic)));
        judge::<P, S, R, X, A>(&tracer, outcome, discard)
    }
}

/// What ended a guarded call before it returned.
pub(crate) enum Stopped {
    /// A panic with this message.
    Panicked(String),
    /// An implementation that was dropped when its timeout was over.
    #[cfg(feature = "async")]
    Expired,
}

/// What became of a guarded call that `tracer` followed. A value that came too late is left to `discard`.
pub(crate) fn verdict<T, E>(
    tracer: &Tracer<'_>,
    point: &'static PointInfo,
    outcome: Result<Result<T, E>, Stopped>,
    discard: impl FnOnce(T),
) -> Result<T, CallError<E>> {
    let plugin = || tracer.blamed().cloned();
    let overrun = match outcome {
        Err(Stopped::Panicked(message)) => {
            return Err(CallError::Panicked { plugin: plugin(), point, message });
        }
        Ok(Err(error)) => return Err(CallError::Failed { plugin: plugin(), point, error }),
        Ok(Ok(outcome)) => match tracer.overrun() {
            None => return Ok(outcome),
            overrun => {
                tracer.drop_reporting(|| discard(outcome));
                overrun
            }
        },
        #[cfg(feature = "async")]
        Err(Stopped::Expired) => tracer.overrun(),
    };
    let (plugin, limit, elapsed) = overrun.expect("who has expired has been noted");
    Err(CallError::TimedOut { plugin: Some(plugin.clone()), point, limit, elapsed })
}
