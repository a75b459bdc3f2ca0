//! Historic calls of an async manager.

use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;

use crate::base::boxed::BoxError;
use crate::base::drops::Foreign;
use crate::base::futures::BoxFuture;
use crate::base::kind::Asynchronous;
use crate::call::arguments::{AsyncArguments, AsyncRemembered};
use crate::call::asynchronous::extension::{run, run_at};
use crate::call::asynchronous::in_span::InSpan;
use crate::call::asynchronous::settle::settle_at;
use crate::call::asynchronous::typed::{AsyncCallErased, AsyncRunErased, AsyncSettleErased};
use crate::call::blame::Branch;
use crate::call::caller::Dispatch;
use crate::call::chain::{Chain, Clearing};
use crate::call::fold::{Collect, Flow, Gather};
use crate::call::historic::{SinkFold, conclude, reached, take_historic};
use crate::call::settle::{EachSettled, SettledCall, SettledUntilFailure};
use crate::call::trace::Tracer;
use crate::call::typed::{Awaited, Single, TypedCall};
use crate::call::view::View;
use crate::call::{CallError, Settled};
use crate::erased::driven::{Driven, Lent, Poller};
use crate::erased::future_buffer::FutureBuffer;
use crate::observe::observer::{self, Observers};
use crate::plugin::implementation::Implementation;
use crate::registry::{AwaitedReplay, HistoricEvent, Implementations, Remembering, Replay, Slot};
use crate::spec::point::{AsyncPointTypes, PointInfo};
use crate::spec::returns::{Many, Returns};

impl<P: AsyncPointTypes> Dispatch<'_, P, Asynchronous> {
    /// Runs the current extensions and returns their results. If no extension fails, the call is remembered as `event`.
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
            let fold: Collect<S::Item> = Gather::<S, R>::new(0);
            let mut call = TypedCall::<Awaited, P, S, R, A, _>::with(fold, args);
            Driven::new(&mut Lent::new(&mut call, &mut Poller::default()), |call| {
                run_historic(&view, P::INFO, event, call)
            })
            .await;
            call.results.take_outcome()
        }
    }

    /// Runs the current extensions and passes each result to `sink`. If no extension fails, the call is remembered as
    /// `event`.
    ///
    /// A replay of the call passes its results to `sink`, too.
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
            let fold = SinkFold::new(Arc::clone(&sink));
            let mut call = TypedCall::<Awaited, P, S, R, A, _>::with(fold, args);
            Driven::new(&mut Lent::new(&mut call, &mut Poller::default()), |call| {
                run_historic(&view, P::INFO, event, call)
            })
            .await;
            let outcome = call.into_outcome();
            // Dropped while the outcome is in a variable that contains its destructor.
            drop(sink);
            outcome.into_inner()
        }
    }

    /// Runs the current extensions until one fails. If no extension fails, the call is remembered as `event`.
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
            let mut settled = SettledCall::<Awaited, P, S, R, A, _>::new(SettledUntilFailure, args);
            Driven::new(&mut Lent::new(&mut settled.step(), &mut Poller::default()), |call| {
                settle_historic(&view, P::INFO, event, call)
            })
            .await;
            settled.into_items(&|panic| view.slot.report_drop(panic))
        }
    }

    /// Runs the current extensions, returns the result of each extension, and remembers the call as `event`.
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
            let mut settled = SettledCall::<Awaited, P, S, R, A, _>::new(EachSettled, args);
            Driven::new(&mut Lent::new(&mut settled.step(), &mut Poller::default()), |call| {
                settle_historic(&view, P::INFO, event, call)
            })
            .await;
            settled.into_settled()
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

/// Runs the extensions of a call of `point`, remembers it as `event`, and sets the outcome.
fn run_historic<'c>(
    view: &'c View,
    point: &'static PointInfo,
    event: Arc<HistoricEvent>,
    call: &'c mut dyn AsyncCallErased,
) -> BoxFuture<'c, ()> {
    Box::pin(async move {
        let mut call = Clearing::new(call);
        // Before the snapshot is loaded: a plugin that is registered later replays the call.
        let mut remembering = Remembering::begin(view.slot.registry(), &event);
        let snapshot = view.load_owned();
        let call_tracer = Tracer::new(point, snapshot.implementations(), snapshot.observers.as_ref());
        let span = call_tracer.call();
        let error = {
            let mut work = pin!(Some(async {
                let tracer = Tracer::of(&snapshot, point);
                let chain = Chain::new(&snapshot, tracer.as_ref());
                let mut buffer = snapshot.future_buffer();
                for index in reached(&remembering, &snapshot) {
                    if !run_at(call.call, chain, index, false, &mut buffer).await {
                        continue;
                    }
                    if let Some(error) = take_historic(call.call.call()) {
                        return error;
                    }
                }
                call.call.call().results().end_round();
                remembering.succeed();
                call.call.call().finish(None, Branch::MAIN);
                None
            }));
            InSpan::new(Some(&span), work.as_mut()).await
        };
        span.end(error.as_deref());
        call.end();
    })
}

/// Settles the extensions of a call of `point`, up to where `call` is over; else the call is remembered as `event`.
fn settle_historic<'c>(
    view: &'c View,
    point: &'static PointInfo,
    event: Arc<HistoricEvent>,
    call: &'c mut dyn AsyncSettleErased,
) -> BoxFuture<'c, ()> {
    Box::pin(async move {
        let remembering = Remembering::begin(view.slot.registry(), &event);
        let snapshot = view.load_owned();
        let mut has_failed = false;
        {
            let mut buffer = snapshot.future_buffer();
            for index in reached(&remembering, &snapshot) {
                has_failed = settle_at(call, &snapshot, point, index, false, &mut buffer).await == Flow::Done;
                if has_failed {
                    break;
                }
            }
        }
        let observers = snapshot.observers.clone();
        conclude(remembering, observers, snapshot, has_failed, |panic| call.settle().settle_dropped(panic));
    })
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
            let mut call = Single::<Awaited, P, R, _>::new(self.event.recall_async());
            Driven::new(&mut Lent::new(&mut call, &mut Poller::default()), |call| {
                run_replay(implementation, P::INFO, &observers, call)
            })
            .await;
            observer::release(observers, false);
            let Some(returned) = call.held.take() else { return Ok(()) };
            if let Some(item) = S::split(returned).map_err(&self.box_error)? {
                (self.sink)(item);
            }
            Ok(())
        })
    }
}

/// Runs one implementation on a remembered call of `point`, and holds its result.
fn run_replay<'c>(
    implementation: &'c Arc<Implementation>,
    point: &'static PointInfo,
    observers: &'c Observers,
    call: &'c mut dyn AsyncRunErased,
) -> BoxFuture<'c, bool> {
    Box::pin(async move {
        let tracer = Tracer::new(point, Implementations::One(implementation), observers.as_ref());
        let span = Some(tracer.implementation(Branch::MAIN, 0));
        run(call, implementation, true, span, true, &mut FutureBuffer::default()).await
    })
}
