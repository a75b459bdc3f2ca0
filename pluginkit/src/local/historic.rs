//! Historic calls of a local manager: collecting calls that are remembered and replayed to later plugins.

use std::rc::Rc;
use std::sync::Arc;

use crate::base::boxed::BoxError;
use crate::base::drops::{Foreign, caught};
use crate::call::arguments::{Arguments, Remembered};
use crate::call::blame::Branch;
use crate::call::caller::Dispatch;
use crate::call::chain::{CallErased, Clearing};
use crate::call::fold::{Collect, Flow, Gather};
use crate::call::historic::{SinkFold, take_historic};
use crate::call::local::{LocalGather, LocalRun as _, LocalSettle};
use crate::call::settle::{EachSettled, SettledCall, SettledUntilFailure};
use crate::call::typed::{Called, Single, TypedCall};
use crate::call::{CallError, Settled};
use crate::local::calls::Local;
use crate::local::guard::load;
use crate::local::history::{Event, Remembering};
use crate::local::implementation::Implementation;
use crate::local::settle::settle_extension;
use crate::local::slot::Snapshot;
use crate::local::view::View;
use crate::spec::point::PointTypes;
use crate::spec::returns::{Many, Returns};

#[doc(hidden)]
impl<'p, P: PointTypes> Dispatch<'_, P, Local<'p>> {
    pub fn historic<S, R, A, E>(
        &self,
        args: A,
        event: E,
        box_error: impl Fn(S::Error) -> BoxError + 'p,
    ) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        E: Remembered<P, R>,
    {
        let event = Self::event::<S, R, E>(event, box_error, |_| ());
        let fold: Collect<S::Item> = Gather::<S, R>::new(0);
        let mut call = TypedCall::<Called, P, S, R, A, _>::with(fold, args);
        run(&self.0.view, &event, &mut call);
        call.into_outcome().into_inner()
    }

    pub fn historic_with<S, R, A, E>(
        &self,
        args: A,
        event: E,
        box_error: impl Fn(S::Error) -> BoxError + 'p,
        sink: impl Fn(S::Item) + 'p,
    ) -> S::Lift<()>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        E: Remembered<P, R>,
    {
        let sink = Foreign::new(Arc::new(sink), None);
        let later = Arc::clone(&sink);
        let event = Self::event::<S, R, E>(event, box_error, move |item| later(item));
        let mut call = TypedCall::<Called, P, S, R, A, _>::with(SinkFold::new(Arc::clone(&sink)), args);
        run(&self.0.view, &event, &mut call);
        let outcome = call.into_outcome();
        // Dropped while the outcome is in a variable that contains its destructor.
        drop(sink);
        outcome.into_inner()
    }

    pub fn try_historic<S, R, A, E>(
        &self,
        args: A,
        event: E,
        box_error: impl Fn(S::Error) -> BoxError + 'p,
    ) -> Result<S::All, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        E: Remembered<P, R>,
    {
        let event = Self::event::<S, R, E>(event, box_error, |_| ());
        let mut call = SettledCall::<Called, P, S, R, A, _>::new(SettledUntilFailure, args);
        settle(&self.0.view, &event, &mut call.step());
        call.into_items(&|_| ())
    }

    pub fn settle_historic<S, R, A, E>(
        &self,
        args: A,
        event: E,
        box_error: impl Fn(S::Error) -> BoxError + 'p,
    ) -> Vec<Settled<S::Value, S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        E: Remembered<P, R>,
    {
        let event = Self::event::<S, R, E>(event, box_error, |_| ());
        let mut call = SettledCall::<Called, P, S, R, A, _>::new(EachSettled, args);
        settle(&self.0.view, &event, &mut call.step());
        call.into_settled()
    }

    fn event<S, R, E>(
        event: E,
        box_error: impl Fn(S::Error) -> BoxError + 'p,
        replayed: impl Fn(S::Item) + 'p,
    ) -> Rc<Event<'p>>
    where
        S: Returns<R>,
        E: Remembered<P, R>,
    {
        let (event, replayed) = (Foreign::new(event, None), Foreign::new(replayed, None));
        Event::new::<P>(move |implementation| {
            let contribution = &implementation.contribution;
            let mut call = Single::<Called, P, R, _>::new(event.recall());
            if contribution.conditional && !call.accepts_local(&contribution.object) {
                return Ok(());
            }
            call.run_local(&contribution.object, true);
            let Some(returned) = call.held.take() else { return Ok(()) };
            if let Some(item) = S::split(returned).map_err(&box_error)? {
                replayed(item);
            }
            Ok(())
        })
    }
}

/// Returns the extensions that a historic call runs.
fn reached<'s, 'p>(remembering: &Remembering<'p>, snapshot: &'s Snapshot<'p>) -> Vec<&'s Implementation<'p>> {
    let all = snapshot.extensions().iter().map(Rc::as_ref);
    all.filter(|each| remembering.reaches(&each.owner)).collect()
}

/// Runs the extensions of a call up to the first error, and remembers it as `event`.
fn run<'p>(view: &View<'p>, event: &Rc<Event<'p>>, call: &mut dyn LocalGather) {
    let mut call = Clearing::new(call);
    // Before the snapshot is loaded: a plugin that is registered later replays the call.
    let mut remembering = Remembering::begin(&view.slot.history, event);
    let snapshot = view.load();
    let failed = reached(&remembering, &snapshot).into_iter().any(|extension| {
        let contribution = &extension.contribution;
        if contribution.conditional && !call.call.accepts_local(&contribution.object) {
            return false;
        }
        call.call.run_local(&contribution.object, false);
        take_historic(call.call).is_some()
    });
    if !failed {
        call.call.results().end_round();
        remembering.succeed();
        let call: &mut dyn CallErased = call.call;
        call.finish(None, Branch::MAIN);
    }
    call.end();
}

/// Settles the extensions of a call, up to where `call` is over; else the call is remembered as `event`.
fn settle<'p>(view: &View<'p>, event: &Rc<Event<'p>>, call: &mut dyn LocalSettle) {
    let mut remembering = Remembering::begin(&view.slot.history, event);
    let (snapshot, dropped) = match load(view) {
        Ok(loaded) => loaded,
        Err(panic) => {
            drop(remembering);
            return call.settle_dropped(&panic);
        }
    };
    let settles = |extension| settle_extension(extension, false, call) == Flow::Done;
    let has_failed = reached(&remembering, &snapshot).into_iter().any(settles);
    if !has_failed {
        remembering.succeed();
    }
    let mut used = Some((remembering, snapshot));
    let released = caught(&|_| (), &mut || used = None);
    if let (Some(panic), false) = (dropped.or(released), has_failed) {
        call.settle_dropped(&panic);
    }
}
