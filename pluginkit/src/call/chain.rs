//! [`Chain`]: the wrappers and extensions that one call runs, and the loop over them.
//!
//! This is the slow path: calls with wrappers, predicates, observers, limits or a failure policy. It uses no type of a
//! point and is compiled once. A [`TypedCall`](crate::call::typed::TypedCall) runs the implementations for it.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::drops::{contain, message};
use crate::call::around::Host;
use crate::call::blame::{Blame, Branch};
use crate::call::fold::{Flow, ValueStep};
use crate::call::guard::Stopped;
use crate::call::outcome::OutcomeErased;
use crate::call::overruns::Visit;
use crate::call::policy::recover;
use crate::call::trace::{Span, Tracer};
use crate::erased::Object;
use crate::plugin::implementation::Implementation;
#[cfg(feature = "async")]
use crate::plugin::implementation::Run;
use crate::registry::Snapshot;
use crate::spec::point::PointInfo;

/// The arguments of a running call, as the slow path sees them.
pub(crate) trait RunErased {
    /// Returns whether the predicate of `extension` accepts the call.
    fn accepts(&self, extension: &Implementation) -> bool;

    /// Runs the `fn` extension and holds its result. The `last` extension may take the arguments.
    fn run(&mut self, extension: &Implementation, last: bool);

    /// Returns the text of the held result, if it is an error.
    fn error_text(&self) -> Option<String>;

    /// Returns whether the held result is an error; `None` if only its text tells.
    fn holds_error(&mut self) -> Option<bool> {
        None
    }
}

/// A running call that takes in results, as the slow path sees it.
pub(crate) trait CallErased: RunErased {
    /// Returns the results of the call.
    fn results(&mut self) -> &mut dyn ResultsErased;

    /// Moves the running value of a pipeline. Returns what the [step](ValueStep) says.
    fn running(&mut self, step: ValueStep) -> bool;

    /// Takes the error out of the held result, to keep it until the call ends; `None` if it cannot be kept.
    fn keep_error(&mut self) -> Option<Box<dyn Any + Send>>;

    /// Drops the arguments.
    fn drop_args(&mut self);
}

impl dyn CallErased + '_ {
    /// Takes in the held result. An error becomes the outcome, and `None` is returned.
    ///
    /// `tracer` follows the call.
    pub(crate) fn take(&mut self, tracer: Option<&Tracer<'_>>) -> Option<Flow> {
        let flow = self.results().take();
        self.run_value(ValueStep::Lend, tracer);
        flow
    }

    /// Ends the call after its extensions: sets the outcome, if there is none, and drops the arguments.
    ///
    /// `tracer` follows the call, which runs in `branch`.
    pub(crate) fn finish(&mut self, tracer: Option<&Tracer<'_>>, branch: Branch) {
        self.run_value(ValueStep::Reclaim, tracer);
        Tracer::of_host(tracer, branch, &mut || self.results().finish());
        Tracer::drop_used(tracer, &mut || self.drop_args());
    }

    /// Moves the running value of a pipeline, and drops the values that it leaves behind.
    fn run_value(&mut self, step: ValueStep, tracer: Option<&Tracer<'_>>) {
        if self.running(step) {
            Tracer::drop_used(tracer, &mut || {
                self.running(ValueStep::Drop);
            });
        }
    }
}

/// A running call whose values can be dropped one at a time.
pub(crate) trait Clear {
    /// Drops everything that is left after a panic, one value at a time.
    fn clear_all(&mut self);
}

impl<C: CallErased + ?Sized> Clear for C {
    fn clear_all(&mut self) {
        self.results().clear();
        contain(None, &mut || self.drop_args());
    }
}

/// A running call. After a panic, its values are dropped one at a time.
pub(crate) struct Clearing<'c, C: Clear + ?Sized> {
    pub(crate) call: &'c mut C,
    is_over: bool,
}

impl<'c, C: Clear + ?Sized> Clearing<'c, C> {
    pub(crate) fn new(call: &'c mut C) -> Self {
        Self { call, is_over: false }
    }

    /// Ends the call, which has not panicked.
    pub(crate) fn end(&mut self) {
        self.is_over = true;
    }
}

impl<C: Clear + ?Sized> Drop for Clearing<'_, C> {
    fn drop(&mut self) {
        if !self.is_over {
            self.call.clear_all();
        }
    }
}

/// The results of a running call, as the slow path sees them.
pub(crate) trait ResultsErased {
    /// Returns whether the held result is an error.
    fn is_error(&self) -> bool;

    /// Starts to take in the results of `extensions` extensions, unless it has started.
    fn start(&mut self, extensions: usize);

    /// Takes in the held result. An error becomes the outcome, and `None` is returned.
    fn take(&mut self) -> Option<Flow>;

    /// Drops the held result.
    fn drop_held(&mut self);

    /// Drops the results that were taken in.
    fn drop_taken(&mut self);

    /// Ends a round of a historic call.
    fn end_round(&mut self);

    /// Sets the outcome, if there is none.
    fn finish(&mut self);

    /// Returns the outcome.
    fn outcome(&mut self) -> &mut dyn OutcomeErased;
}

impl dyn ResultsErased + '_ {
    /// Drops everything that is left after a panic, one value at a time.
    pub(super) fn clear(&mut self) {
        contain(None, &mut || self.drop_held());
        contain(None, &mut || self.drop_taken());
        contain(None, &mut || self.outcome().clear());
    }
}

/// A running call of a sync manager with wrappers, as the slow path sees it.
pub(crate) trait WrapErased: CallErased {
    /// Returns whether the predicate of `wrapper` accepts the call.
    fn accepts_wrapper(&self, wrapper: &Implementation) -> bool;

    /// Runs the `wrapper` around the rest of `chain` from `depth` on, and sets the outcome.
    fn wrap(&mut self, wrapper: &Object, chain: &Chain<'_>, depth: usize);

    /// Returns the text of the outcome, if it is an error.
    fn outcome_error_text(&self) -> Option<String>;
}

/// The implementations of one point at one moment, in call order, and the tracer of the call that runs them.
#[derive(Clone, Copy)]
pub(crate) struct Chain<'c> {
    pub(crate) snapshot: &'c Snapshot,
    pub(crate) tracer: Option<&'c Tracer<'c>>,
    /// What a guarded call records on the fast path.
    pub(crate) blame: Option<&'c Blame>,
    /// The part of the call that runs them.
    pub(crate) branch: Branch,
}

impl<'c> Chain<'c> {
    #[inline]
    pub(crate) fn new(snapshot: &'c Snapshot, tracer: Option<&'c Tracer<'c>>) -> Self {
        Self { snapshot, tracer, blame: None, branch: Branch::MAIN }
    }

    /// Returns the chain of a guarded call that nothing else follows.
    #[inline]
    pub(crate) fn guarded(snapshot: &'c Snapshot, blame: &'c Blame) -> Self {
        Self { snapshot, tracer: None, blame: Some(blame), branch: Branch::MAIN }
    }

    /// Returns the same chain in another branch.
    pub(crate) fn in_branch(self, branch: Branch) -> Self {
        Self { branch, ..self }
    }

    /// Returns the branch for another run of the rest behind `depth` wrappers, whose own `next` runs in `branch`.
    ///
    /// Branches matter to calls that say whose failure it is.
    pub(crate) fn another(&self, branch: Branch, depth: usize) -> Branch {
        let wrapper = depth.saturating_sub(1);
        match (self.tracer, self.blame) {
            (Some(tracer), _) => tracer.another(branch, wrapper),
            (None, Some(blame)) => blame.another(branch, wrapper),
            (None, None) => branch,
        }
    }

    /// Opens the span of the implementation at `position`, if the call is traced.
    pub(crate) fn span(&self, position: usize) -> Option<Span<'c, 'c>> {
        Some(self.tracer?.implementation(self.branch, position))
    }

    /// Returns the work of the host that runs in the place of the extensions, if there is some.
    #[inline]
    pub(crate) fn host(&self) -> Option<&'c (dyn Host + 'c)> {
        self.tracer?.host
    }

    /// Returns the number of extensions.
    pub(crate) fn len(&self) -> usize {
        self.snapshot.extension_count()
    }

    /// Returns the number of wrappers.
    pub(crate) fn wrapper_count(&self) -> usize {
        self.snapshot.array.front_len()
    }

    /// Returns whether no wrapper has a predicate and the call has no observer.
    #[inline]
    pub(crate) fn wraps_plainly(&self) -> bool {
        self.tracer.is_none() && !self.snapshot.wraps_conditionally
    }

    /// Returns whether the fast path can run the extensions of `point`: none has a predicate, and the call has no observer.
    ///
    /// Where a point is known, the compiler knows whether it has a default body.
    #[inline]
    pub(crate) fn runs_plainly(&self, point: &PointInfo) -> bool {
        let snapshot = self.snapshot;
        let is_plain = !snapshot.conditional || (point.has_default_body && !snapshot.predicated);
        self.tracer.is_none() && is_plain
    }

    /// Returns the position of the first wrapper from `depth` on that accepts the call. In a traced call, it
    /// starts the `span` of the wrapper.
    ///
    /// `accepts` calls the predicate of a wrapper. A panic in it is attributed to the plugin of the wrapper.
    pub(crate) fn next_wrapper(
        &self,
        depth: usize,
        span: &mut Option<Span<'c, 'c>>,
        accepts: &dyn Fn(&Implementation) -> bool,
    ) -> Option<usize> {
        for position in depth..self.wrapper_count() {
            *span = self.span(position);
            let asks = self.snapshot.wraps_conditionally && self.snapshot.asks(position);
            if asks && !Span::inside(span.as_ref(), || accepts(self.implementation(position))) {
                Span::skip_any(span.take());
                continue;
            }
            if span.as_mut().is_some_and(|span| !span.started()) {
                span.take().into_iter().for_each(Span::leave_out);
                continue;
            }
            return Some(position);
        }
        None
    }

    /// Returns the implementation at `position`; wrappers come first.
    pub(crate) fn implementation(&self, position: usize) -> &'c Implementation {
        self.snapshot.implementations().at(position)
    }

    /// Runs the rest as [`run_from`](Self::run_from), in `branch`.
    pub(crate) fn run_branch(&self, branch: Branch, depth: usize, call: &mut dyn WrapErased) {
        let mut call = Clearing::new(call);
        if self.tracer.is_some_and(Tracer::bounds_wrappers) {
            self.run_timed(branch, depth, call.call);
        } else if branch == self.branch {
            self.run_from(depth, call.call);
        } else {
            self.run_other_branch(branch, depth, call.call);
        }
        call.end();
    }

    /// A function of its own, as few calls have it in their frames.
    #[inline(never)]
    fn run_timed(&self, branch: Branch, depth: usize, call: &mut dyn WrapErased) {
        let _in_rest = Tracer::in_rest(self.tracer, branch, depth);
        if branch == self.branch {
            self.run_from(depth, call);
        } else {
            self.run_other_branch(branch, depth, call);
        }
    }

    /// A function of its own, as its frame has another chain.
    #[inline(never)]
    fn run_other_branch(&self, branch: Branch, depth: usize, call: &mut dyn WrapErased) {
        self.in_branch(branch).run_from(depth, call);
    }

    /// Runs the rest of a sync call from the wrapper at `depth` on, and sets the outcome.
    ///
    /// Wrappers may nest a thousand deep, each with a frame of this function. So it has few variables.
    pub(crate) fn run_from(&self, depth: usize, call: &mut dyn WrapErased) {
        let mut span = None;
        match self.next_wrapper(depth, &mut span, &|wrapper| call.accepts_wrapper(wrapper)) {
            None => match self.host() {
                None => self.run_extensions(call),
                Some(host) => self.run_host(host, self.wrapper_count(), call),
            },
            Some(position) => {
                let mut wrap = || call.wrap(self.implementation(position).object(), self, position + 1);
                match &span {
                    None => wrap(),
                    Some(span) => span.wrap(&mut wrap),
                }
                end_outcome(&mut span, call);
            }
        }
    }

    /// Runs the extensions, of which none has a predicate or a span, until the call ends, and sets the outcome.
    pub(crate) fn run_plainly(&self, call: &mut dyn CallErased) {
        call.results().start(self.len());
        for index in 0..self.len() {
            call.run(self.snapshot.extension(index), index + 1 == self.len());
            if self.take(true, call) == Flow::Done {
                break;
            }
        }
        call.finish(self.tracer, self.branch);
    }

    /// Runs the extensions until the call ends, and sets the outcome.
    pub(crate) fn run_extensions(&self, call: &mut dyn CallErased) {
        call.results().start(self.len());
        let mut has_answer = false;
        for index in 0..self.len() {
            if has_answer && self.snapshot.is_default(index) {
                break;
            }
            let last = index + 1 == self.len();
            let ran = match self.recovering() {
                Some(tracer) if call.running(ValueStep::Spare) => {
                    let ran = catch_unwind(AssertUnwindSafe(|| self.run_extension(index, last, call)));
                    let ran = ran.map_err(|panic| Stopped::Panicked(message(panic)));
                    recover(tracer, self.visit(index), ran, call)
                }
                _ => self.run_extension(index, last, call),
            };
            match self.take(ran, call) {
                Flow::Next => has_answer = true,
                Flow::Pass => {}
                Flow::Done => break,
            }
        }
        call.finish(self.tracer, self.branch);
    }

    /// Takes in the held result of an extension, if it `ran`.
    pub(crate) fn take(&self, ran: bool, call: &mut dyn CallErased) -> Flow {
        if !ran {
            call.run_value(ValueStep::Restore, self.tracer);
            return Flow::Pass;
        }
        call.take(self.tracer).unwrap_or_else(|| {
            Tracer::drop_left(self.tracer, &mut || call.results().drop_taken());
            Flow::Done
        })
    }

    /// Returns the tracer of a call that continues after failures.
    pub(crate) fn recovering(&self) -> Option<&'c Tracer<'c>> {
        self.tracer.filter(|tracer| tracer.recovers())
    }

    /// Returns the position of the extension at `index` among all implementations.
    pub(crate) fn position(&self, index: usize) -> usize {
        self.wrapper_count() + index
    }

    /// Returns a visit to the extension at `index`.
    pub(super) fn visit(&self, index: usize) -> Visit {
        Visit { branch: self.branch, position: self.position(index) }
    }

    /// Returns whether an async call calls the extension at `index` without waiting for anything.
    #[cfg(feature = "async")]
    pub(crate) fn calls_at_once(&self, index: usize) -> bool {
        !self.snapshot.limited && self.snapshot.extension(index).contribution.run == Run::InPlace
    }

    /// Runs the `fn` extension at `index` under its span, if its predicate accepts the call. Returns whether it ran.
    pub(crate) fn run_extension(&self, index: usize, last: bool, call: &mut dyn RunErased) -> bool {
        let extension = self.snapshot.extension(index);
        if self.tracer.is_some() {
            return run(extension, self.span(self.position(index)), last, call);
        }
        if extension.contribution.conditional && !call.accepts(extension) {
            return false;
        }
        call.run(extension, last);
        true
    }
}

/// Runs a `fn` extension under its span, if its predicate accepts the call. Returns whether it ran.
pub(crate) fn run(
    extension: &Implementation,
    span: Option<Span<'_, '_>>,
    last: bool,
    call: &mut dyn RunErased,
) -> bool {
    let Some(span) = begin(extension, span, &|extension| call.accepts(extension)) else { return false };
    Span::inside(span.as_ref(), || call.run(extension, last));
    end_extension(span, call);
    true
}

/// Begins an extension under its span, if its predicate accepts the call and no gate leaves it out.
#[allow(clippy::option_option, reason = "whether it runs, and whether it is traced")]
pub(crate) fn begin<'t, 'c>(
    extension: &Implementation,
    span: Option<Span<'t, 'c>>,
    accepts: &dyn Fn(&Implementation) -> bool,
) -> Option<Option<Span<'t, 'c>>> {
    if extension.contribution.conditional && !Span::inside(span.as_ref(), || accepts(extension)) {
        Span::skip_any(span);
        return None;
    }
    let Some(mut span) = span else { return Some(None) };
    if span.started() {
        return Some(Some(span));
    }
    span.leave_out();
    None
}

/// Ends an extension under its span.
///
/// If nobody reads the text of its error, the error does not format it.
pub(crate) fn end_extension(span: Option<Span<'_, '_>>, call: &mut dyn RunErased) {
    let Some(span) = span else { return };
    match if span.is_observed() { None } else { call.holds_error() } {
        Some(true) => span.end_unseen(&mut || call.error_text()),
        Some(false) => span.end(None),
        None => span.end(call.error_text().as_deref()),
    }
}

/// Ends a wrapper or a call under its span, as [`end_extension`] ends an extension.
pub(crate) fn end_outcome(span: &mut Option<Span<'_, '_>>, call: &mut dyn WrapErased) {
    let Some(span) = span.take() else { return };
    if span.is_observed() {
        span.end(call.outcome_error_text().as_deref());
    } else if call.results().outcome().is_error() {
        span.end_unseen(&mut || call.outcome_error_text());
    } else {
        span.end(None);
    }
}

impl fmt::Debug for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain")
            .field("extensions", &self.len())
            .field("wrappers", &self.wrapper_count())
            .finish_non_exhaustive()
    }
}
