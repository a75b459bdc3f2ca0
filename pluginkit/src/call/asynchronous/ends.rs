//! [`Ends`]: the failures of extensions that run at the same time.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::base::drops::{Foreign, dispose, message, reported};
use crate::base::name::PluginId;
use crate::call::arguments::AsyncArguments;
use crate::call::blame::Branch;
use crate::call::chain::Chain;
use crate::call::overruns::{Overrun, Visit};
use crate::call::policy::{Failure, Why};
use crate::call::trace::Tracer;
use crate::observe::observer;
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::Returns;

/// Why an extension has not returned.
pub(super) enum Stop {
    Panicked(Payload),
    /// It was dropped at its time limit, in a guarded call.
    Expired,
}

/// The payload of a panic that may wait for the extensions before it.
pub(super) struct Payload(Option<Box<dyn Any + Send>>);

impl Payload {
    pub(super) fn new(panic: Box<dyn Any + Send>) -> Self {
        Self(Some(panic))
    }

    /// Runs `work`, and catches its panic.
    pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Self> {
        catch_unwind(AssertUnwindSafe(work)).map_err(Self::new)
    }

    pub(super) fn into_inner(mut self) -> Box<dyn Any + Send> {
        self.0.take().expect("it is taken only here and when it is dropped")
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(dispose);
    }
}

/// The effect of the end of an extension on its call.
pub(super) enum Judged<T, E> {
    /// Its item counts; `None` if it has none.
    Arrives(Option<T>),
    /// It has failed, so that no extension behind it runs.
    Bounds,
    /// It has failed, and the error waits for no others. In a call with a reducer, it cannot be kept so long.
    Ends(E),
}

/// A failure that ends the call.
pub(super) enum Setback {
    Failed(Foreign<Box<dyn Any + Send>>),
    Panicked(Payload),
    /// The limit and the time.
    Expired(Duration, Duration),
}

/// The failures of the extensions of one call.
pub(super) struct Ends<'c> {
    pub(super) chain: Chain<'c>,
    /// Whether a failure waits for the extensions before it.
    waits: bool,
    /// The tracer of a guarded call.
    pub(super) guarded: Option<&'c Tracer<'c>>,
    /// The branches of the extensions that have begun, if the call is traced.
    branches: Vec<Branch>,
    /// The failure that ends the call, with its index.
    pub(super) failing: Option<(usize, Setback)>,
    /// The failures after which the call continues, with their indices.
    skipped: Vec<(usize, Failure)>,
    /// The extensions that have returned after their time limit: their indices, the limits and the times.
    late: Vec<(usize, Duration, Duration)>,
}

impl<'c> Ends<'c> {
    pub(super) fn new(chain: Chain<'c>, waits: bool) -> Self {
        let guarded = chain.tracer.filter(|tracer| tracer.guards());
        Self {
            chain,
            waits,
            guarded,
            branches: Vec::new(),
            failing: None,
            skipped: Vec::new(),
            late: Vec::new(),
        }
    }

    /// Returns the chain for the extension at `index`, which begins.
    pub(super) fn own(&mut self, index: usize) -> Chain<'c> {
        let Some(tracer) = self.chain.tracer else { return self.chain };
        debug_assert!(self.branches.len() == index, "extensions begin in call order");
        self.branches.push(tracer.beside(self.chain.branch));
        self.chain.in_branch(self.branches[index])
    }

    /// Returns the plugin of the extension at `index`.
    pub(super) fn plugin(&self, index: usize) -> &'c PluginId {
        self.chain.snapshot.extension(index).plugin()
    }

    fn visit(&self, index: usize) -> Visit {
        let branch = self.branches.get(index).copied();
        branch.map_or(self.chain, |branch| self.chain.in_branch(branch)).visit(index)
    }

    /// Returns the index of the first extension that does not start.
    pub(super) fn bound(&self, count: usize) -> usize {
        self.failing.as_ref().map_or(count, |(index, _)| *index)
    }

    /// Drops what a call that ends no longer needs. `has_panicked` says that it ends with a panic.
    ///
    /// A panic of a destructor fails a call that is well otherwise, and observers get it in others. In a call that is not
    /// guarded, it unwinds, unless the call does so already.
    pub(super) fn drop_behind(&self, has_panicked: bool, drops: &mut dyn FnMut()) {
        if self.guarded.is_none() && has_panicked {
            reported(&|panic| observer::report(&self.chain.snapshot.observers, panic), drops);
        } else {
            Tracer::drop_used(self.chain.tracer, drops);
        }
    }

    /// Returns whether a panic of an extension ends the call, unless its items do.
    pub(super) fn has_panicked(&self) -> bool {
        matches!(self.failing, Some((_, Setback::Panicked(_))))
    }

    /// Takes in the end of the extension at `index`.
    pub(super) fn judge<P, S, R, A>(
        &mut self,
        index: usize,
        returned: Result<R, Stop>,
    ) -> Judged<S::Item, S::Error>
    where
        P: AsyncPointTypes,
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let visit = self.visit(index);
        if let Some(tracer) = self.guarded.filter(|tracer| tracer.recovers()) {
            return self.recover::<P, S, R, A>(tracer, index, returned);
        }
        let overrun = self.guarded.and_then(|tracer| tracer.overruns.take(visit));
        let setback = match returned {
            Ok(returned) if S::returned_error(&returned).is_some() => {
                match if self.waits { A::keep(returned) } else { Err(returned) } {
                    Ok(kept) => Setback::Failed(Foreign::new(kept, None)),
                    Err(returned) => match S::split(returned) {
                        Ok(item) => return Judged::Arrives(item),
                        Err(error) => return Judged::Ends(error),
                    },
                }
            }
            Ok(returned) => {
                self.late.extend(overrun.map(|(limit, elapsed)| (index, limit, elapsed)));
                return Judged::Arrives(S::split(returned).ok().flatten());
            }
            Err(Stop::Panicked(panic)) => Setback::Panicked(panic),
            Err(Stop::Expired) => {
                let (limit, elapsed) = overrun.expect("an expired implementation has an overrun");
                Setback::Expired(limit, elapsed)
            }
        };
        let mut old = self.failing.replace((index, setback));
        Tracer::drop_left(self.chain.tracer, &mut || old = None);
        Judged::Bounds
    }

    /// Takes in the end of the extension at `index` of a call that continues after failures.
    fn recover<P, S, R, A>(
        &mut self,
        tracer: &Tracer<'_>,
        index: usize,
        returned: Result<R, Stop>,
    ) -> Judged<S::Item, S::Error>
    where
        P: AsyncPointTypes,
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let visit = self.visit(index);
        let overrun = tracer.clear_failure(visit);
        let timed_out = || {
            let (limit, elapsed) = overrun.expect("an expired implementation has an overrun");
            Why::TimedOut(limit, elapsed)
        };
        let why = match returned {
            Ok(returned) if S::returned_error(&returned).is_some() => {
                let text = if tracer.collects() { A::error_text(&returned) } else { None };
                let (mut returned, mut kept) = (Some(returned), None);
                tracer.drop_returned(visit.position, &mut || {
                    let returned = returned.take().filter(|_| tracer.collects());
                    kept = returned.and_then(|returned| A::keep(returned).ok());
                });
                match kept {
                    Some(kept) => Why::Failed(Foreign::new(kept, None)),
                    None => Why::Described(text.unwrap_or_else(|| "(an error without a text)".to_owned())),
                }
            }
            Ok(returned) if overrun.is_some() => {
                let mut returned = Some(returned);
                tracer.drop_returned(visit.position, &mut || returned = None);
                timed_out()
            }
            Ok(returned) => return Judged::Arrives(S::split(returned).ok().flatten()),
            Err(Stop::Panicked(panic)) => Why::Panicked(message(panic.into_inner())),
            Err(Stop::Expired) => timed_out(),
        };
        if tracer.collects() {
            self.skipped.push((index, Failure::new(tracer.plugin(visit.position), why)));
        }
        Judged::Arrives(None)
    }

    /// Ends the call, and returns the failure that ends it. If its items have ended it, only `counted` extensions count.
    pub(super) fn conclude(&mut self, counted: Option<usize>) -> Option<Setback> {
        let mut failing = self.failing.take();
        if counted.is_some() {
            Tracer::drop_left(self.chain.tracer, &mut || failing = None);
        }
        let index = failing.as_ref().map(|(index, _)| *index);
        self.report(counted.or(index), index);
        let (index, setback) = failing?;
        if let (Some(tracer), Setback::Expired(limit, elapsed)) = (self.guarded, &setback) {
            let (limit, elapsed) = (*limit, *elapsed);
            tracer.overruns.record(Overrun { visit: self.visit(index), limit, elapsed, is_expired: true });
        }
        Some(setback)
    }

    /// Ends the call with the failure of the extension at `index`.
    pub(super) fn conclude_with(&mut self, index: usize) {
        let mut failing = self.failing.take();
        Tracer::drop_left(self.chain.tracer, &mut || failing = None);
        self.report(Some(index), Some(index));
    }

    /// Tells the tracer, in call order, of the failures of the first `counted` extensions, and of the one that ends the call.
    fn report(&mut self, counted: Option<usize>, failing: Option<usize>) {
        let Some(tracer) = self.chain.tracer else { return };
        let counts = |index: usize| counted.is_none_or(|counted| index < counted);
        self.skipped.sort_by_key(|(index, _)| *index);
        let behind = self.skipped.iter().position(|(index, _)| !counts(*index));
        let mut behind = behind.map(|behind| self.skipped.split_off(behind));
        Tracer::drop_left(self.chain.tracer, &mut || behind = None);
        tracer.add_failures(self.skipped.drain(..).map(|(_, failure)| failure));
        self.late.sort_by_key(|(index, ..)| *index);
        for (index, limit, elapsed) in std::mem::take(&mut self.late) {
            if counts(index) {
                let visit = self.visit(index);
                tracer.overruns.record(Overrun { visit, limit, elapsed, is_expired: false });
            }
        }
        let chosen = failing.and_then(|failing| self.branches.get(failing)).copied();
        tracer.choose(self.chain.branch, chosen);
    }
}
