//! Historic calls of an async manager.

use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;

use crate::base::boxed::BoxError;
use crate::base::drops::Foreign;
use crate::base::futures::BoxFuture;
use crate::base::kind::Asynchronous;
use crate::call::arguments::{AsyncArguments, AsyncRemembered};
use crate::call::asynchronous::extension::{run_at, run_limited};
use crate::call::asynchronous::in_span::InSpan;
use crate::call::caller::Dispatch;
use crate::call::chain::{CallErased, Chain};
use crate::call::fold::{Collect, Flow, Fold, Gather};
use crate::call::historic::{Round, SinkFold, conclude, take_historic};
use crate::call::outcome::Outcome;
use crate::call::settle::{EachSettled, SettleErased, SettleMode, SettledCall, SettledUntilFailure};
use crate::call::trace::Tracer;
use crate::call::typed::{Awaited, Progress};
use crate::call::view::View;
use crate::call::{CallError, Settled};
use crate::erased::future_buffer::FutureBuffer;
use crate::plugin::implementation::Implementation;
use crate::registry::{AwaitedReplay, HistoricEvent, Replay, Slot};
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::{Many, Returns};

impl<P: AsyncPointTypes> Dispatch<'_, P, Asynchronous> {
    /// Calls the current extensions, remembers the call as `event`, and returns the results.
    pub fn historic<S, R, A, E, B>(
        &self,
        args: A,
        event: E,
        box_error: B,
    ) -> impl Future<Output = Many<S, R>> + use<P, S, R, A, E, B>
    where
        S: Returns<R> + 'static,
        R: 'static,
        A: AsyncArguments<P, R>,
        E: AsyncRemembered<P, R>,
        B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
    {
        let event = self.event::<S, R, E, _, _>(event, box_error, |_| ());
        let view = self.0.view.clone();
        async move {
            let fold = Gather::<S, R>::new(0);
            let progress = Progress::new(fold, args);
            run_historic::<P, S, R, A, Collect<S::Item>>(&view, event, progress).await.into_inner()
        }
    }

    /// Calls the current extensions, passes each result to `sink`, and remembers the call as `event`.
    ///
    /// Replays pass their results to `sink` too.
    pub fn historic_with<S, R, A, E, B, K>(
        &self,
        args: A,
        event: E,
        box_error: B,
        sink: K,
    ) -> impl Future<Output = S::Lift<()>> + use<P, S, R, A, E, B, K>
    where
        S: Returns<R> + 'static,
        R: 'static,
        A: AsyncArguments<P, R>,
        E: AsyncRemembered<P, R>,
        B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
        K: Fn(S::Item) + Send + Sync + 'static,
    {
        let sink = Foreign::new(Arc::new(sink), None);
        let later = Arc::clone(&sink);
        let event = self.event::<S, R, E, _, _>(event, box_error, move |item| later(item));
        let view = self.0.view.clone();
        async move {
            let progress = Progress::new(SinkFold::new(Arc::clone(&sink)), args);
            let outcome = run_historic::<P, S, R, A, _>(&view, event, progress).await;
            // Dropped while the outcome is in a variable that contains its destructor.
            drop(sink);
            outcome.into_inner()
        }
    }

    /// Calls the current extensions until one fails, and remembers the call as `event` if none fails.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_historic<S, R, A, E, B>(
        &self,
        args: A,
        event: E,
        box_error: B,
    ) -> impl Future<Output = Result<S::All, CallError<S::Error>>> + use<P, S, R, A, E, B>
    where
        S: Returns<R> + 'static,
        R: 'static,
        A: AsyncArguments<P, R>,
        E: AsyncRemembered<P, R>,
        B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
    {
        let event = self.event::<S, R, E, _, _>(event, box_error, |_| ());
        let view = self.0.view.clone();
        async move {
            let call = SettledCall::<Awaited, P, S, R, A, _>::new(SettledUntilFailure, args);
            settle_historic(&view, event, call).await.into_items(&view.slot.observers())
        }
    }

    /// Calls the current extensions, remembers the call as `event`, and returns the outcome of each extension.
    ///
    /// A failure does not stop the other extensions.
    pub fn settle_historic<S, R, A, E, B>(
        &self,
        args: A,
        event: E,
        box_error: B,
    ) -> impl Future<Output = Vec<Settled<S::Value, S::Error>>> + use<P, S, R, A, E, B>
    where
        S: Returns<R> + 'static,
        R: 'static,
        A: AsyncArguments<P, R>,
        E: AsyncRemembered<P, R>,
        B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
    {
        let event = self.event::<S, R, E, _, _>(event, box_error, |_| ());
        let view = self.0.view.clone();
        async move {
            let call = SettledCall::<Awaited, P, S, R, A, _>::new(EachSettled, args);
            settle_historic(&view, event, call).await.into_settled()
        }
    }

    fn event<S, R, E, B, K>(&self, event: E, box_error: B, sink: K) -> Arc<HistoricEvent>
    where
        S: Returns<R> + 'static,
        R: 'static,
        E: AsyncRemembered<P, R>,
        B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
        K: Fn(S::Item) + Send + Sync + 'static,
    {
        let slot = Arc::clone(&self.0.view.slot);
        let (event, sink) = (Foreign::new(event, None), Foreign::new(sink, None));
        let replay = AsyncReplay { slot, event, box_error, sink, point: PhantomData::<fn(P, S) -> R> };
        Arc::new(HistoricEvent::new::<P>(Replay::Awaited(Box::new(replay))))
    }
}

/// Runs the extensions of a call, remembers it as `event`, and returns the outcome.
async fn run_historic<P, S, R, A, F>(
    view: &View,
    event: Arc<HistoricEvent>,
    mut progress: Progress<A, F>,
) -> Outcome<S, R, F::Success>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: Fold<S, R, A>,
{
    let mut round = Round::new(view, event);
    let (first, base) = view.load_with_base();
    let mut loaded = Some((Arc::clone(&first), base));
    let call_tracer = Tracer::new(P::INFO, first.implementations(), first.observers.as_ref());
    let span = call_tracer.call();
    let (outcome, error) = {
        let mut work = pin!(Some(async {
            loop {
                let (snapshot, base) = loaded.take().unwrap_or_else(|| view.load_with_base());
                let tracer = Tracer::of(&snapshot, P::INFO);
                let chain = Chain::new(&snapshot, tracer.as_ref());
                let mut buffer = snapshot.future_buffer();
                for index in round.newcomers(&snapshot) {
                    let returned = run_at::<P, R, A>(progress.args(), chain, index, false, &mut buffer).await;
                    if returned.is_none() {
                        continue;
                    }
                    let mut call = progress.call::<Awaited, P, S, R>(returned);
                    if let Some(error) = take_historic(&mut call) {
                        return (call.into_outcome(), error);
                    }
                    let (fold, _) = call.into_parts();
                    progress.wait(fold);
                }
                let mut call = progress.call::<Awaited, P, S, R>(None);
                call.results().end_round();
                if round.settles(&snapshot, &base) {
                    (&mut call as &mut dyn CallErased).finish(None);
                    return (call.into_outcome(), None);
                }
                let (fold, _) = call.into_parts();
                progress.wait(fold);
            }
        }));
        InSpan::new(Some(&span), work.as_mut()).await
    };
    span.end(error.as_deref());
    outcome
}

/// Settles the extensions of a call, up to where `call` is over; else the call is remembered as `event`.
async fn settle_historic<P, S, R, A, M>(
    view: &View,
    event: Arc<HistoricEvent>,
    mut call: SettledCall<Awaited, P, S, R, A, M>,
) -> SettledCall<Awaited, P, S, R, A, M>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    M: SettleMode<S, R, A>,
{
    let mut round = Round::new(view, event);
    let mut used = Vec::new();
    loop {
        let (snapshot, base) = view.load_with_base();
        if used.is_empty() {
            snapshot.tell_called();
        }
        let mut buffer = snapshot.future_buffer();
        let mut has_failed = false;
        for index in round.newcomers(&snapshot) {
            has_failed = call.settle_at(&snapshot, index, false, &mut buffer).await == Flow::Done;
            if has_failed {
                break;
            }
        }
        let is_over = has_failed || round.settles(&snapshot, &base);
        used.push((snapshot, base));
        if is_over {
            conclude(round, used, has_failed, |panic| call.step().settle_dropped(panic));
            return call;
        }
    }
}

/// The replay of one remembered call of `P`.
struct AsyncReplay<P, S, R, E, B, K> {
    slot: Arc<Slot>,
    event: Foreign<E>,
    box_error: B,
    sink: Foreign<K>,
    point: PhantomData<fn(P, S) -> R>,
}

impl<P, S, R, E, B, K> AwaitedReplay for AsyncReplay<P, S, R, E, B, K>
where
    P: AsyncPointTypes,
    S: Returns<R> + 'static,
    R: 'static,
    E: AsyncRemembered<P, R>,
    B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
    K: Fn(S::Item) + Send + Sync + 'static,
{
    fn replay<'r>(&'r self, implementation: &'r Arc<Implementation>) -> BoxFuture<'r, Result<(), BoxError>> {
        Box::pin(async move {
            let observers = self.slot.observers();
            let own = [Arc::clone(implementation)];
            let tracer = Tracer::new(P::INFO, &own, observers.as_ref());
            let (mut args, mut buffer) = (self.event.recall_async(), FutureBuffer::default());
            let span = Some(tracer.implementation(0));
            let run = run_limited::<P, R, _>(&mut args, implementation, span, true, &mut buffer);
            let Some(returned) = run.await else { return Ok(()) };
            if let Some(item) = S::split(returned).map_err(&self.box_error)? {
                (self.sink)(item);
            }
            Ok(())
        })
    }
}
