//! Historic calls: collecting calls that are remembered and replayed to later plugins.

use std::sync::Arc;

use crate::base::boxed::BoxError;
use crate::base::drops::{DropPanic, Foreign, Gathered};
use crate::call::arguments::{Arguments, Remembered};
use crate::call::blame::Branch;
use crate::call::caller::Dispatch;
use crate::call::chain::{self, CallErased, Chain, Clearing};
use crate::call::fold::{Collect, Flow, Fold, Gather};
use crate::call::guard::release;
use crate::call::settle::{EachSettled, SettleErased, SettledCall, SettledUntilFailure, settle_extension};
use crate::call::trace::{Span, Tracer};
use crate::call::typed::{Called, Single, TypedCall};
use crate::call::view::View;
use crate::call::{CallError, Settled};
use crate::observe::observer::{self, Observers, report};
use crate::registry::{HistoricEvent, Implementations, Remembering, Replay, Snapshot};
use crate::spec::point::PointInfo;
use crate::spec::point::PointTypes;
use crate::spec::returns::{Many, Returns};

impl<P: PointTypes> Dispatch<'_, P> {
    /// Runs the current extensions and returns their results. If no extension fails, the call is remembered as `event`.
    pub fn historic<S, R, A, E>(
        &self,
        args: A,
        event: E,
        box_error: impl Fn(S::Error) -> BoxError + Send + Sync + 'static,
    ) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        E: Remembered<P, R>,
    {
        let event = self.event::<S, R, E>(event, box_error, |_| ());
        let fold: Collect<S::Item> = Gather::<S, R>::new(0);
        let mut call = TypedCall::<Called, P, S, R, A, _>::with(fold, args);
        run_historic(&self.0.view, P::INFO, &event, &mut call);
        call.into_outcome().into_inner()
    }

    /// Runs the current extensions and passes each result to `sink`. If no extension fails, the call is remembered as
    /// `event`.
    ///
    /// A replay of the call passes its results to `sink`, too.
    pub fn historic_with<S, R, A, E>(
        &self,
        args: A,
        event: E,
        box_error: impl Fn(S::Error) -> BoxError + Send + Sync + 'static,
        sink: impl Fn(S::Item) + Send + Sync + 'static,
    ) -> S::Lift<()>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        E: Remembered<P, R>,
    {
        let sink = Foreign::new(Arc::new(sink), None);
        let later = Arc::clone(&sink);
        let event = self.event::<S, R, E>(event, box_error, move |item| later(item));
        let mut call = TypedCall::<Called, P, S, R, A, _>::with(SinkFold::new(Arc::clone(&sink)), args);
        run_historic(&self.0.view, P::INFO, &event, &mut call);
        let outcome = call.into_outcome();
        // Dropped while the outcome is in a variable that contains its destructor.
        drop(sink);
        outcome.into_inner()
    }

    /// Runs the current extensions until one fails. If no extension fails, the call is remembered as `event`.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_historic<S, R, A, E>(
        &self,
        args: A,
        event: E,
        box_error: impl Fn(S::Error) -> BoxError + Send + Sync + 'static,
    ) -> Result<S::All, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        E: Remembered<P, R>,
    {
        let event = self.event::<S, R, E>(event, box_error, |_| ());
        let mut call = SettledCall::<Called, P, S, R, A, _>::new(SettledUntilFailure, args);
        settle_historic(&self.0.view, P::INFO, &event, &mut call.step());
        call.into_items(&|panic| self.0.view.slot.report_drop(panic))
    }

    /// Runs the current extensions, returns the result of each extension, and remembers the call as `event`.
    ///
    /// A failure does not stop the other extensions.
    pub fn settle_historic<S, R, A, E>(
        &self,
        args: A,
        event: E,
        box_error: impl Fn(S::Error) -> BoxError + Send + Sync + 'static,
    ) -> Vec<Settled<S::Value, S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        E: Remembered<P, R>,
    {
        let event = self.event::<S, R, E>(event, box_error, |_| ());
        let mut call = SettledCall::<Called, P, S, R, A, _>::new(EachSettled, args);
        settle_historic(&self.0.view, P::INFO, &event, &mut call.step());
        call.into_settled()
    }

    fn event<S, R, E>(
        &self,
        event: E,
        box_error: impl Fn(S::Error) -> BoxError + Send + Sync + 'static,
        replayed: impl Fn(S::Item) + Send + Sync + 'static,
    ) -> Arc<HistoricEvent>
    where
        S: Returns<R>,
        E: Remembered<P, R>,
    {
        let slot = Arc::clone(&self.0.view.slot);
        let (event, replayed) = (Foreign::new(event, None), Foreign::new(replayed, None));
        let replay = Replay::Direct(Box::new(move |implementation| {
            let mut call = Single::<Called, P, R, _>::new(event.recall());
            let observers = slot.observers();
            let one = Implementations::One(implementation);
            let tracer = Tracer::new(P::INFO, one, observers.as_ref());
            chain::run(implementation, Some(tracer.implementation(Branch::MAIN, 0)), true, &mut call);
            drop(tracer);
            observer::release(observers, false);
            let Some(returned) = call.held.take() else { return Ok(()) };
            if let Some(item) = S::split(returned).map_err(&box_error)? {
                replayed(item);
            }
            Ok(())
        }));
        Arc::new(HistoricEvent::new::<P>(replay))
    }
}

/// The results of a historic call, which are passed to a sink after all extensions.
pub(crate) struct SinkFold<T, K> {
    items: Gathered<T>,
    sink: Foreign<Arc<K>>,
}

impl<T, K> SinkFold<T, K> {
    pub(crate) fn new(sink: Arc<K>) -> Self {
        Self { items: Gathered(Vec::new()), sink: Foreign::new(sink, None) }
    }
}

impl<S: Returns<R>, R, K: Fn(S::Item)> Gather<S, R> for SinkFold<S::Item, K> {
    type Success = ();

    fn new(_: usize) -> Self {
        unreachable!("the sink is given when the call starts")
    }

    fn take(&mut self, returned: R) -> Result<Flow, S::Error> {
        self.items.0.extend(S::split(returned)?);
        Ok(Flow::Next)
    }

    fn end_round(&mut self) {
        // If the sink panics, the remaining items are dropped one at a time.
        Gathered(std::mem::take(&mut self.items.0)).into_iter().for_each(&**self.sink);
    }

    fn finish(self) {}
}

impl<S: Returns<R>, R, A, K: Fn(S::Item)> Fold<S, R, A> for SinkFold<S::Item, K> {}

/// Runs the extensions of a sync call of `point` and remembers it as `event`.
fn run_historic(
    view: &View,
    point: &'static PointInfo,
    event: &Arc<HistoricEvent>,
    call: &mut dyn CallErased,
) {
    let mut call = Clearing::new(call);
    // Before the snapshot is loaded: a plugin that is registered later replays the call.
    let mut remembering = Remembering::begin(view.slot.registry(), event);
    let snapshot = view.load();
    let call_tracer = Tracer::new(point, snapshot.implementations(), snapshot.observers.as_ref());
    let span = call_tracer.call();
    let failed = Span::inside(Some(&span), || {
        let tracer = Tracer::of(&snapshot, point);
        let failed =
            Chain::new(&snapshot, tracer.as_ref()).run_reached(reached(&remembering, &snapshot), call.call);
        if failed.is_none() {
            remembering.succeed();
            call.call.finish(None, Branch::MAIN);
        }
        failed
    });
    span.end(failed.flatten().as_deref());
    call.end();
}

/// Returns the indices of the extensions that a historic call runs.
pub(crate) fn reached(remembering: &Remembering, snapshot: &Snapshot) -> Vec<usize> {
    let all = snapshot.implementations().iter().zip(0..);
    all.filter(|(each, _)| remembering.reaches(&each.owner)).map(|(_, index)| index).collect()
}

impl Chain<'_> {
    /// Runs the extensions at these indices, up to the first error. Returns the text of that error, if it has one.
    #[allow(clippy::option_option, reason = "whether there was an error, and whether it has a text")]
    fn run_reached(&self, reached: Vec<usize>, call: &mut dyn CallErased) -> Option<Option<String>> {
        for index in reached {
            if self.run_extension(index, false, call)
                && let Some(error) = take_historic(call)
            {
                return Some(error);
            }
        }
        call.results().end_round();
        None
    }
}

/// Takes in the held result of an extension of a historic call. An error ends the call, and its text is returned.
#[allow(clippy::option_option, reason = "whether there was an error, and whether it has a text")]
pub(crate) fn take_historic(call: &mut dyn CallErased) -> Option<Option<String>> {
    let text = call.error_text();
    if call.take(None).is_some() {
        return None;
    }
    call.results().drop_taken();
    call.finish(None, Branch::MAIN);
    Some(text)
}

/// Settles the extensions of a sync call of `point`, up to where `call` is over; else the call is remembered as `event`.
fn settle_historic(
    view: &View,
    point: &'static PointInfo,
    event: &Arc<HistoricEvent>,
    call: &mut dyn SettleErased,
) {
    let remembering = Remembering::begin(view.slot.registry(), event);
    let snapshot = view.load();
    let settles = |index| settle_extension(&snapshot, point, index, false, call) == Flow::Done;
    let has_failed = reached(&remembering, &snapshot).into_iter().any(settles);
    let observers = snapshot.observers.clone();
    conclude(remembering, observers, snapshot, has_failed, |panic| call.settle_dropped(panic));
}

/// Ends a guarded historic call, and drops the `snapshot` that it used.
///
/// `settle` gets the panic of a destructor that runs now, unless the call has failed already.
pub(crate) fn conclude<S>(
    mut remembering: Remembering,
    observers: Observers,
    snapshot: S,
    has_failed: bool,
    settle: impl FnOnce(&DropPanic),
) {
    if !has_failed {
        remembering.succeed();
    }
    let mut dropped = release(&observers, (remembering, snapshot));
    if has_failed && let Some(panic) = dropped.take() {
        report(&observers, &panic);
    }
    let late = observer::release(observers, !has_failed && dropped.is_none());
    if let Some(panic) = dropped.or(late) {
        settle(&panic);
    }
}
