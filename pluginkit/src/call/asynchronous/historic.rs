//! Historic calls of an async manager, remembered and replayed to plugins that come later.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;

use crate::base::drops::{Foreign, Gathered};
use crate::base::name::PluginId;
use crate::call::arguments::{AsyncArguments, AsyncRemembered};
use crate::call::async_caller::AsyncHandle;
use crate::call::asynchronous::AsyncKept;
use crate::call::asynchronous::calls::attempt;
use crate::call::asynchronous::inside::Inside;
use crate::call::asynchronous::next::Extensions;
use crate::call::asynchronous::turn::turn_limited;
use crate::call::historic::{Round, conclude, pour};
use crate::call::trace::Tracer;
use crate::call::{CallError, Settled};
use crate::erased::room::Room;
use crate::plugin::bind_async::BoxFuture;
use crate::plugin::implementation::Implementation;
use crate::registry::{AwaitedReplay, BoxError, HistoricEvent, Replay, Slot};
use crate::spec::point::AsyncExtensionPoint;
use crate::spec::returns::{Many, Returns};

impl<P: AsyncExtensionPoint> AsyncHandle<P> {
    /// Calls the extensions there are, then remembers the call as `event`; returns what they contributed.
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
        let seen = self.seen.clone();
        async move {
            let mut all = Gathered(Vec::new());
            let handle = Self::new(seen);
            let outcome = handle.run_historic::<S, R, A>(args, event, |items| all.0.append(items)).await;
            S::lift(outcome.map(|()| S::all(all.into_vec())))
        }
    }

    /// Calls the extensions there are and hands each result to `sink`, then remembers the call as
    /// `event`; a replay hands its results to `sink` too.
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
        let seen = self.seen.clone();
        async move {
            let handle = Self::new(seen);
            let results = |items: &mut Vec<S::Item>| pour(items, &**sink);
            let outcome = Foreign::new(handle.run_historic::<S, R, A>(args, event, results).await, None);
            drop(sink);
            S::lift(outcome.into_inner())
        }
    }

    /// As [`historic`](Self::historic), up to the first failure, which names its plugin: then the call is not remembered.
    ///
    /// # Errors
    ///
    /// What stopped the call, and whose it is.
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
        let seen = self.seen.clone();
        async move {
            let mut items = Gathered(Vec::new());
            let judge = |_: &PluginId, result: Result<Option<S::Item>, CallError<S::Error>>| {
                items.0.extend(result?);
                Ok(())
            };
            Self::new(seen).attempt_historic::<S, R, A, _, _>(args, event, S::split, judge).await?;
            Ok(S::all(items.into_vec()))
        }
    }

    /// As [`historic`](Self::historic), each extension by itself; none stops the others.
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
        let seen = self.seen.clone();
        async move {
            let mut settled = Gathered(Vec::new());
            let judge = |plugin: &PluginId, result| {
                settled.0.push(Settled { plugin: plugin.clone(), result });
                Ok::<(), Infallible>(())
            };
            match Self::new(seen).attempt_historic::<S, R, A, _, _>(args, event, S::value, judge).await {
                Ok(()) => settled.into_vec(),
            }
        }
    }

    /// Calls each extension by itself, up to where `judge` says that it is over; else the call is remembered.
    async fn attempt_historic<S, R, A, T, X>(
        &self,
        mut args: A,
        event: Arc<HistoricEvent>,
        make: fn(R) -> Result<T, S::Error>,
        mut judge: impl FnMut(&PluginId, Result<T, CallError<S::Error>>) -> Result<(), X>,
    ) -> Result<(), X>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let mut round = Round::new(&self.seen, event);
        let mut used = Vec::new();
        let outcome = loop {
            let (snapshot, base) = self.seen.load_with_base();
            if used.is_empty() {
                snapshot.tell_called();
            }
            let newcomers = round.newcomers(&snapshot);
            let kept = AsyncKept::<P>::new(Arc::clone(&snapshot));
            let chain = kept.chain();
            let mut room = chain.room();
            let mut outcome = Ok(());
            for index in newcomers {
                let result = attempt::<P, S, R, A, T>(chain, index, false, &mut args, &mut room, make).await;
                outcome = result.map_or(Ok(()), |result| judge(snapshot.extension(index).plugin(), result));
                if outcome.is_err() {
                    break;
                }
            }
            let is_over = outcome.is_err() || round.settles(&snapshot, &base);
            used.push((snapshot, base));
            if is_over {
                break outcome;
            }
        };
        conclude(round, used, outcome, |panic| {
            let Settled { plugin, result } = Settled::dropped(panic, P::INFO);
            judge(&plugin, result)
        })
    }

    async fn run_historic<S, R, A>(
        &self,
        mut args: A,
        event: Arc<HistoricEvent>,
        mut contributed: impl FnMut(&mut Vec<S::Item>),
    ) -> Result<(), S::Error>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let mut round = Round::new(&self.seen, event);
        let (first, base) = self.seen.load_with_base();
        let mut loaded = Some((Arc::clone(&first), base));
        let watch = Tracer::new(P::INFO, first.implementations(), first.observers.as_ref());
        let span = watch.call();
        let mut work = pin!(Some(async {
            loop {
                let (snapshot, base) = loaded.take().unwrap_or_else(|| self.seen.load_with_base());
                let newcomers = round.newcomers(&snapshot);
                let kept = AsyncKept::<P>::new(Arc::clone(&snapshot));
                let chain = kept.chain();
                let tracer = chain.tracer();
                let extensions = Extensions { chain, tracer: tracer.as_ref(), beside: None };
                let mut items = Gathered(Vec::new());
                let mut room = chain.room();
                for index in newcomers {
                    let Some(returned) = extensions.turn(index, false, &mut args, &mut room).await else {
                        continue;
                    };
                    let text = A::error_text(&returned);
                    match S::split(returned) {
                        Ok(Some(item)) => items.0.push(item),
                        Ok(None) => {}
                        Err(error) => return Err((error, text)),
                    }
                }
                contributed(&mut items.0);
                if round.settles(&snapshot, &base) {
                    return Ok(());
                }
            }
        }));
        let outcome = Inside::new(Some(&span), work.as_mut()).await;
        span.end(outcome.as_ref().err().and_then(|(_, text)| text.as_deref()));
        outcome.map_err(|(error, _)| error)
    }

    fn event<S, R, E, B, K>(&self, event: E, box_error: B, sink: K) -> Arc<HistoricEvent>
    where
        S: Returns<R> + 'static,
        R: 'static,
        E: AsyncRemembered<P, R>,
        B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
        K: Fn(S::Item) + Send + Sync + 'static,
    {
        let slot = Arc::clone(&self.seen.slot);
        let (event, sink) = (Foreign::new(event, None), Foreign::new(sink, None));
        let replay = Again { slot, event, box_error, sink, point: PhantomData::<fn(P, S) -> R> };
        Arc::new(HistoricEvent::new::<P>(Replay::Awaited(Box::new(replay))))
    }
}

/// One remembered call of `P`.
struct Again<P, S, R, E, B, K> {
    slot: Arc<Slot>,
    event: Foreign<E>,
    box_error: B,
    sink: Foreign<K>,
    point: PhantomData<fn(P, S) -> R>,
}

impl<P, S, R, E, B, K> AwaitedReplay for Again<P, S, R, E, B, K>
where
    P: AsyncExtensionPoint,
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
            let (mut args, mut room) = (self.event.recall_async(), Room::default());
            let work = turn_limited::<P, R, _>(implementation, Some(&tracer), 0, true, &mut args, &mut room);
            let Some(returned) = work.await else { return Ok(()) };
            if let Some(item) = S::split(returned).map_err(&self.box_error)? {
                (self.sink)(item);
            }
            Ok(())
        })
    }
}
