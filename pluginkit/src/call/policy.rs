//! What a failing extension does to a guarded call: [`FailurePolicy`].

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::time::Duration;

use crate::base::drops::{Foreign, message};
use crate::call::CallError;
use crate::call::arguments::Arguments;
use crate::call::chain::Extensions;
use crate::call::guard::{Stopped, verdict};
use crate::call::trace::Tracer;
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::point::ExtensionPoint;
use crate::spec::returns::Returns;

/// A failure that did not end the call where it was, of the implementation at `place`.
///
/// It has none of the types of the point: wrappers, through which the call goes, may have put in arguments with other
/// lifetimes, and a future has to be `Send` whatever the errors are.
pub(super) struct Spared {
    place: usize,
    why: Why,
}

enum Why {
    Failed(Foreign<Box<dyn Any + Send>>),
    /// It failed, with an error that cannot be kept.
    Told(String),
    Panicked(String),
    TimedOut(Duration, Duration),
}

impl Tracer<'_> {
    /// Whether the call goes on after an extension that failed.
    pub(super) fn spares(&self) -> bool {
        self.policy != FailurePolicy::FailFast
    }

    fn spare(&self, place: usize, why: impl FnOnce() -> Why) {
        if self.policy == FailurePolicy::Collect {
            let spared = Spared { place, why: why() };
            self.spared.lock().unwrap_or_else(PoisonError::into_inner).push(spared);
        }
    }
}

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Whether the call goes on after an extension that failed.
    pub(super) fn spares(&self) -> bool {
        self.tracer.is_some_and(Tracer::spares)
    }

    /// [Visits](Self::visit) the extension at `index` under the policy of the call; `None` if it declined, or if it
    /// failed and the call goes on.
    pub(super) fn attend<S, R, A>(&self, index: usize, last: bool, args: &mut A) -> Option<R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let Some(tracer) = self.tracer.filter(|tracer| tracer.spares()) else {
            return self.visit(index, last, args);
        };
        let place = self.chain.snapshot.shelf.wrapper_count() + index;
        let returned = catch_unwind(AssertUnwindSafe(|| self.visit(index, last, args)));
        let returned = returned.map_err(|panic| Stopped::Panicked(message(panic)));
        sift::<P, S, R, A>(tracer, place, returned)
    }
}

/// What the extension at `place` returned in a call that goes on after failures; `None` if it declined or failed.
pub(super) fn sift<P, S, R, A>(
    tracer: &Tracer<'_>,
    place: usize,
    returned: Result<Option<R>, Stopped>,
) -> Option<R>
where
    P: ExtensionPoint,
    S: Returns<R>,
    A: Arguments<P, R>,
{
    let overrun = tracer.pardon(place);
    match (returned, overrun) {
        (Ok(None), _) => {}
        (Ok(Some(returned)), _) if S::returned_error(&returned).is_some() => {
            if tracer.policy != FailurePolicy::Collect {
                tracer.drop_returned(place, returned);
                return None;
            }
            tracer.spare(place, || {
                let text = A::error_text(&returned);
                let told = || Why::Told(text.unwrap_or_else(|| "(an error without a text)".to_owned()));
                A::keep(returned).map_or_else(told, |error| Why::Failed(Foreign::new(error, None)))
            });
        }
        (Ok(Some(returned)), None) => return Some(returned),
        (Err(Stopped::Panicked(message)), _) => tracer.spare(place, || Why::Panicked(message)),
        (returned, overrun) => {
            tracer.drop_returned(place, returned.ok());
            let (limit, elapsed) = overrun.expect("who has expired has been noted");
            tracer.spare(place, || Why::TimedOut(limit, elapsed));
        }
    }
    None
}

/// What became of a guarded call that `tracer` followed: if failures were spared for its end, all of them. A value that
/// it then does not return is left to `discard`.
pub(super) fn judge<P, S, R, X, A>(
    tracer: &Tracer<'_>,
    outcome: Result<Result<X, S::Error>, Stopped>,
    discard: fn(X),
) -> Result<X, CallError<S::Error>>
where
    P: ExtensionPoint,
    S: Returns<R>,
    A: Arguments<P, R>,
{
    let point = P::INFO;
    let verdict = verdict(tracer, point, outcome, discard);
    let spared = std::mem::take(&mut *tracer.spared.lock().unwrap_or_else(PoisonError::into_inner));
    if spared.is_empty() {
        return verdict;
    }
    let failure = |Spared { place, why }: Spared| {
        let plugin = Some(tracer.plugin(place).clone());
        match why {
            Why::Failed(error) => match A::kept(error.into_inner())
                .and_then(|returned| S::value(returned).err())
            {
                Some(error) => CallError::Failed { plugin, point, error },
                None => {
                    CallError::Told { plugin, point, text: "(an error that was kept and lost)".to_owned() }
                }
            },
            Why::Told(text) => CallError::Told { plugin, point, text },
            Why::Panicked(message) => CallError::Panicked { plugin, point, message },
            Why::TimedOut(limit, elapsed) => CallError::TimedOut { plugin, point, limit, elapsed },
        }
    };
    let last = match verdict {
        Ok(value) => {
            tracer.drop_reporting(|| discard(value));
            None
        }
        Err(error) => Some(error),
    };
    let mut failures: Vec<_> = spared.into_iter().map(failure).chain(last).collect();
    Err(match failures.len() {
        1 => failures.remove(0),
        _ => CallError::Several { point, failures },
    })
}
