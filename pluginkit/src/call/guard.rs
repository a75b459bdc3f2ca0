//! Guarded calls: a panic, an error or an overrun is caught and attributed to a plugin.
//!
//! [`Conclusion`] is the end of a call without the types of its point. It becomes a [`CallError`] of the point.

use std::any::Any;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(feature = "async")]
use std::sync::Arc;
use std::time::Duration;

use crate::base::drops::{DropPanic, apart, caught, message, reported};
use crate::base::name::PluginId;
use crate::call::CallError;
use crate::call::arguments::{Arguments, WrapArguments};
use crate::call::around::Host;
use crate::call::blame::Blame;
use crate::call::chain::{Chain, Clear, WrapErased, end_outcome};
use crate::call::fold::Fold;
use crate::call::next::Around;
use crate::call::outcome::{Outcome, OutcomeErased};
use crate::call::policy::Failure;
use crate::call::trace::{Span, Tracer};
use crate::call::view::View;
use crate::erased::hazard_cell::Guard;
use crate::observe::observer::{self, Observers, report};
use crate::registry::Snapshot;
use crate::spec::point::PointInfo;
use crate::spec::point::PointTypes;
use crate::spec::returns::Returns;

/// The event that stopped a guarded call before it returned.
pub(crate) enum Stopped {
    /// A panic with this message.
    Panicked(String),
    /// The time limit of an implementation, which was dropped.
    #[cfg(feature = "async")]
    Expired,
}

/// The end of a guarded call, or of one extension.
pub(crate) enum Ended {
    /// It returned in time, without an error.
    Well,
    /// It returned an error, of this plugin if it was a plugin.
    Failed(Option<PluginId>),
    /// It panicked with this message.
    Panicked(Option<PluginId>, String),
    /// It exceeded its limit: the plugin, the limit and the time.
    TimedOut(PluginId, Duration, Duration),
    /// A destructor panicked.
    DropPanicked(DropPanic),
    /// It did not run, because it would block async code.
    InAsyncCode,
}

impl Ended {
    /// Converts it to the result of a call of `point`. `value` gives the returned value.
    pub(crate) fn into_result<T, E>(
        self,
        point: &'static PointInfo,
        value: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, CallError<E>> {
        Err(match self {
            Self::Well | Self::Failed(_) => {
                let plugin = if let Self::Failed(plugin) = self { plugin } else { None };
                return value().map_err(|error| CallError::Failed { plugin, point, error });
            }
            Self::Panicked(plugin, message) => CallError::Panicked { plugin, point, message },
            Self::TimedOut(plugin, limit, elapsed) => {
                CallError::TimedOut { plugin: Some(plugin), point, limit, elapsed }
            }
            Self::DropPanicked(panic) => CallError::dropped(&panic, point),
            Self::InAsyncCode => CallError::InAsyncCode { point },
        })
    }
}

/// The end of a guarded call, and the failures after which it continued.
pub(crate) struct Conclusion {
    ended: Ended,
    failures: Vec<Failure>,
}

impl Conclusion {
    fn of(ended: Ended) -> Self {
        Self { ended, failures: Vec::new() }
    }

    fn is_well(&self) -> bool {
        matches!(self.ended, Ended::Well) && self.failures.is_empty()
    }

    /// Returns the end of the call after a destructor panicked, if one did. Drops an outcome that the call does not return.
    fn after_drop(
        self,
        panic: Option<DropPanic>,
        observers: &Observers,
        outcome: &mut dyn OutcomeErased,
    ) -> Self {
        match panic {
            None => self,
            Some(panic) if self.is_well() => {
                reported(&|panic| report(observers, panic), &mut || outcome.clear());
                Self::of(Ended::DropPanicked(panic))
            }
            Some(panic) => {
                report(observers, &panic);
                self
            }
        }
    }

    /// Converts it to the result of the call, which had this outcome.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call, or all failures if there were several.
    pub(crate) fn into_result<P, S, R, X, A>(
        self,
        outcome: Outcome<S, R, X>,
    ) -> Result<X, CallError<S::Error>>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let Self { ended, failures } = self;
        let is_well = matches!(ended, Ended::Well);
        if failures.is_empty() {
            return ended.into_result(P::INFO, || S::lower(outcome.into_inner()));
        }
        let last =
            if is_well { None } else { ended.into_result(P::INFO, || S::lower(outcome.into_inner())).err() };
        let failures = failures.into_iter().map(Failure::into_error::<P, S, R, A>).chain(last);
        Err(CallError::of_all(P::INFO, failures.collect()))
    }
}

/// Returns the end of a call that `tracer` followed. Drops an outcome that the call does not return.
pub(crate) fn conclude_call(
    tracer: &Tracer<'_>,
    ran: Result<(), Stopped>,
    outcome: &mut dyn OutcomeErased,
) -> Conclusion {
    let ended = ended(tracer, ran.map(|()| outcome.is_error()), &mut || outcome.clear());
    let mut conclusion = Conclusion { ended, failures: tracer.take_failures() };
    match tracer.take_dropped() {
        Some(panic) if conclusion.is_well() => conclusion = Conclusion::of(Ended::DropPanicked(panic)),
        Some(panic) => tracer.report(&panic),
        None => {}
    }
    if !conclusion.is_well() && !matches!(conclusion.ended, Ended::Failed(_)) {
        tracer.drop_reporting(&mut || outcome.clear());
    }
    conclusion
}

/// Returns the end of a call or an extension that `tracer` followed. `ran` holds whether it returned an error.
///
/// `discard` drops a value that came too late, or before a panic.
pub(crate) fn ended(tracer: &Tracer<'_>, ran: Result<bool, Stopped>, discard: &mut dyn FnMut()) -> Ended {
    let overrun = match ran {
        Err(Stopped::Panicked(message)) => {
            tracer.drop_reporting(discard);
            return Ended::Panicked(tracer.blamed(true).cloned(), message);
        }
        Ok(true) => return Ended::Failed(tracer.blamed(false).cloned()),
        Ok(false) => match tracer.overrun() {
            None => return Ended::Well,
            overrun => {
                tracer.drop_reporting(discard);
                overrun
            }
        },
        #[cfg(feature = "async")]
        Err(Stopped::Expired) => tracer.overrun(),
    };
    let (plugin, limit, elapsed) = overrun.expect("an expired implementation has an overrun");
    Ended::TimedOut(plugin.clone(), limit, elapsed)
}

/// The snapshot of a guarded call, and the first panic of a destructor that ran when it was loaded.
///
/// A load may drop an older snapshot of a view. A release may drop plugins that were unregistered meanwhile.
pub(crate) struct GuardedSnapshot<K> {
    pub(crate) snapshot: K,
    panic: Option<DropPanic>,
}

impl<K: Deref<Target = Snapshot>> GuardedSnapshot<K> {
    /// Loads the snapshot with `load`.
    ///
    /// # Errors
    ///
    /// Returns the panic of `load`.
    fn load(load: impl FnOnce() -> K) -> Result<Self, DropPanic> {
        let (mut load, mut snapshot) = (Some(load), None);
        let panic = caught(&|_| (), &mut || snapshot = load.take().map(|load| load()));
        match (snapshot, panic) {
            (Some(snapshot), panic) => Ok(Self { snapshot, panic }),
            (None, Some(panic)) => Err(panic),
            (None, None) => unreachable!("a load that does not return panics"),
        }
    }

    /// Releases the snapshot. Returns the observers of the call and the first panic of a destructor.
    fn release(self) -> (Observers, Option<DropPanic>) {
        let Self { snapshot, panic } = self;
        let observers = snapshot.observers.clone();
        let own = release(&observers, snapshot);
        if let (Some(_), Some(other)) = (&panic, &own) {
            report(&observers, other);
        }
        (observers, panic.or(own))
    }

    /// Runs a sync call of `point` under its failure policy and releases the snapshot.
    ///
    /// A sync call cannot be interrupted: an extension that exceeds its time limit is reported when it returns.
    /// Work of a `host` runs in the place of the extensions.
    pub(crate) fn run(
        self,
        point: &'static PointInfo,
        call: &mut dyn WrapErased,
        host: Option<&dyn Host>,
    ) -> Conclusion {
        if host.is_none() && self.snapshot.must_not_wait() {
            reported(&|panic| report(&self.snapshot.observers, panic), &mut || call.drop_args());
            return self.conclude(Conclusion::of(Ended::InAsyncCode), call.results().outcome());
        }
        let tracer = Tracer::timed(&self.snapshot, point).under_policy(&self.snapshot).with_host(host);
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let span = tracer.call();
            Span::inside(Some(&span), || Chain::new(&self.snapshot, Some(&tracer)).run_from(0, call));
            end_outcome(&mut Some(span), call);
        }));
        let ran = ran.map_err(|panic| {
            tracer.drop_reporting(&mut || call.clear_all());
            Stopped::Panicked(message(panic))
        });
        let conclusion = conclude_call(&tracer, ran, call.results().outcome());
        drop(tracer);
        self.conclude(conclusion, call.results().outcome())
    }

    /// Releases the snapshot after a call. Drops an outcome that the call does not return.
    pub(crate) fn conclude(self, conclusion: Conclusion, outcome: &mut dyn OutcomeErased) -> Conclusion {
        let (observers, panic) = self.release();
        let conclusion = conclusion.after_drop(panic, &observers, outcome);
        let late = observer::release(observers, conclusion.is_well());
        conclusion.after_drop(late, &None, outcome)
    }

    /// Releases the snapshot after a call on the fast path. Drops an outcome that the call does not return.
    #[cold]
    pub(super) fn end_badly(
        self,
        blame: &mut Blame,
        panic: Option<Box<dyn Any + Send>>,
        outcome: &mut dyn OutcomeErased,
    ) -> Ended {
        let dropped = blame.take_dropped();
        let plugin = |position| Some(self.snapshot.implementations().get(position)?.plugin().clone());
        let ended = match (panic, dropped) {
            (Some(panic), _) => Ended::Panicked(plugin(blame.blamed(true)), message(panic)),
            (None, _) if outcome.is_error() => Ended::Failed(plugin(blame.blamed(false))),
            (None, Some(panic)) => {
                reported(&|_| (), &mut || outcome.clear());
                Ended::DropPanicked(panic)
            }
            (None, None) => Ended::Well,
        };
        self.conclude(Conclusion::of(ended), outcome).ended
    }

    /// Releases a snapshot that may be dropped after a call on the fast path that succeeded.
    #[cold]
    fn end_last<S: Returns<R>, R, X>(
        self,
        point: &'static PointInfo,
        mut outcome: Outcome<S, R, X>,
    ) -> Result<X, CallError<S::Error>> {
        let ended = self.conclude(Conclusion::of(Ended::Well), &mut outcome).ended;
        ended.into_result(point, || S::lower(outcome.into_inner()))
    }

    /// Releases the snapshot after a settling call. Returns the first panic of a destructor.
    pub(crate) fn settle(self) -> Option<DropPanic> {
        let (observers, panic) = self.release();
        let late = observer::release(observers, panic.is_none());
        panic.or(late)
    }
}

impl GuardedSnapshot<Guard<Snapshot>> {
    /// Runs a sync call on the fast path and releases the snapshot.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call.
    #[inline]
    pub(crate) fn run_fast<P, S, R, A, F>(self, args: A) -> Result<F::Success, CallError<S::Error>>
    where
        P: PointTypes,
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let mut blame = Blame::new();
        let (mut args, mut outcome) = (Some(args), Outcome::<S, R, _>::of(None, F::discard));
        let panic = apart(&mut || {
            if let Some(args) = args.take() {
                let chain = Chain::guarded(&self.snapshot, &blame);
                let ran = Around::<P>::new(&chain).all().run::<S, R, A, F>(args);
                outcome = Outcome::new(ran, F::discard);
            }
        })
        .err();
        if panic.is_none() && !outcome.fails() && self.panic.is_none() && !blame.has_dropped() {
            return match self.snapshot.release() {
                Ok(()) => success(P::INFO, outcome),
                Err(snapshot) => Self { snapshot, ..self }.end_last(P::INFO, outcome),
            };
        }
        self.end_badly(&mut blame, panic, &mut outcome)
            .into_result(P::INFO, || S::lower(outcome.into_inner()))
    }
}

/// Returns the result of a call of `point` that has this outcome, which is no error.
#[inline]
pub(super) fn success<S: Returns<R>, R, X>(
    point: &'static PointInfo,
    outcome: Outcome<S, R, X>,
) -> Result<X, CallError<S::Error>> {
    S::lower(outcome.into_inner()).map_err(|error| CallError::Failed { plugin: None, point, error })
}

#[cfg(feature = "async")]
impl GuardedSnapshot<Arc<Snapshot>> {
    /// Releases the snapshot after a call on the fast path that succeeded.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call: a panic of a destructor.
    #[inline]
    pub(super) fn end_well<S: Returns<R>, R, X>(
        self,
        point: &'static PointInfo,
        outcome: Outcome<S, R, X>,
    ) -> Result<X, CallError<S::Error>> {
        let Self { snapshot, panic } = self;
        if panic.is_none() {
            match Arc::into_inner(snapshot) {
                None => return success(point, outcome),
                Some(last) => {
                    return GuardedSnapshot { snapshot: Box::new(last), panic }.end_last(point, outcome);
                }
            }
        }
        Self { snapshot, panic }.end_last(point, outcome)
    }
}

impl View {
    /// Returns the snapshot for a guarded call that starts now.
    ///
    /// # Errors
    ///
    /// Returns the panic of a destructor that ran meanwhile.
    #[inline]
    pub(crate) fn load_guarded(&self) -> Result<GuardedSnapshot<Guard<Snapshot>>, DropPanic> {
        if self.has_options() {
            return GuardedSnapshot::load(|| self.load());
        }
        match self.slot.try_load() {
            Ok(snapshot) => Ok(GuardedSnapshot { snapshot, panic: None }),
            Err(load) => GuardedSnapshot::load(load),
        }
    }

    /// Returns the snapshot for a guarded call that starts now, by reference count.
    ///
    /// # Errors
    ///
    /// Returns the panic of a destructor that ran meanwhile.
    #[cfg(feature = "async")]
    pub(crate) fn load_guarded_owned(&self) -> Result<GuardedSnapshot<Arc<Snapshot>>, DropPanic> {
        if self.has_options() {
            return GuardedSnapshot::load(|| self.load_owned());
        }
        match self.slot.try_load() {
            Ok(snapshot) => Ok(GuardedSnapshot { snapshot: snapshot.into_arc(), panic: None }),
            Err(load) => GuardedSnapshot::load(|| load().into_arc()),
        }
    }
}

/// Drops `left`, the last values of a call, and returns the first panic of a destructor. `observers` get the others.
pub(crate) fn release<T>(observers: &Observers, left: T) -> Option<DropPanic> {
    let mut left = Some(left);
    caught(&|panic| report(observers, panic), &mut || left = None)
}

impl<E> CallError<E> {
    /// Returns the error of a call of `point` in which a destructor panicked.
    pub(crate) fn dropped(panic: &DropPanic, point: &'static PointInfo) -> Self {
        Self::DropPanicked { plugin: panic.plugin.clone(), point, message: panic.message().to_owned() }
    }

    /// Returns the error of a call of `point` with at least one failure.
    fn of_all(point: &'static PointInfo, mut failures: Vec<Self>) -> Self {
        if failures.len() == 1 { failures.remove(0) } else { Self::Several { point, failures } }
    }
}
