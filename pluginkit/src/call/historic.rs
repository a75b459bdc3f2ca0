//! Historic: a collecting call that is remembered and replayed to plugins that come later.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::drops::{DropPanic, Foreign, Gathered};
use crate::base::name::PluginId;
use crate::call::arguments::{Arguments, Remembered};
use crate::call::caller::Handle;
use crate::call::chain::{Chain, Extensions, run};
use crate::call::release::release;
use crate::call::settle::attempt;
use crate::call::trace::{Span, Tracer};
use crate::call::view::Seen;
use crate::call::{CallError, Settled};
use crate::observe::observer::report;
use crate::plugin::implementation::Implementation;
use crate::registry::{BoxError, HistoricEvent, Replay, Snapshot};
use crate::spec::point::ExtensionPoint;
use crate::spec::returns::{Many, Returns};

impl<P: ExtensionPoint> Handle<P> {
    /// Calls the extensions there are, then remembers the call as `event`; returns what they contributed.
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
        let mut all = Gathered(Vec::new());
        let event = self.event::<S, R, E>(event, box_error, |_| ());
        let outcome = self.run_historic::<S, R, A>(args, event, |items| all.0.append(items));
        S::lift(outcome.map(|()| S::all(all.into_vec())))
    }

    /// Calls the extensions there are and hands each result to `sink`, then remembers the call as
    /// `event`; a replay hands its results to `sink` too.
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
        let outcome = self.run_historic::<S, R, A>(args, event, |items| pour(items, &**sink));
        // Dropped while the outcome is a variable, which contains its own destructor.
        let outcome = Foreign::new(outcome, None);
        drop(sink);
        S::lift(outcome.into_inner())
    }

    /// As [`historic`](Self::historic), up to the first failure, which names its plugin: then the call is not remembered.
    ///
    /// # Errors
    ///
    /// What stopped the call, and whose it is.
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
        let mut items = Gathered(Vec::new());
        self.attempt_historic::<S, R, A, _, _>(args, event, S::split, |_, result| {
            items.0.extend(result?);
            Ok(())
        })?;
        Ok(S::all(items.into_vec()))
    }

    /// As [`historic`](Self::historic), each extension by itself; none stops the others.
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
        let mut settled = Gathered(Vec::new());
        let outcome: Result<(), Infallible> =
            self.attempt_historic::<S, R, A, _, _>(args, event, S::value, |plugin, result| {
                settled.0.push(Settled { plugin: plugin.clone(), result });
                Ok(())
            });
        match outcome {
            Ok(()) => settled.into_vec(),
        }
    }

    /// Calls each extension by itself, up to where `judge` says that it is over; else the call is remembered.
    fn attempt_historic<S, R, A, T, X>(
        &self,
        mut args: A,
        event: Arc<HistoricEvent>,
        make: fn(R) -> Result<T, S::Error>,
        mut judge: impl FnMut(&PluginId, Result<T, CallError<S::Error>>) -> Result<(), X>,
    ) -> Result<(), X>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let mut round = Round::new(&self.seen, event);
        let mut used = Vec::new();
        let outcome = loop {
            let (snapshot, base) = self.seen.load_with_base();
            if used.is_empty() {
                snapshot.tell_called();
            }
            let chain = Chain::<P>::new(&snapshot);
            let outcome = round.newcomers(&snapshot).into_iter().try_for_each(|index| {
                let result = attempt::<P, S, R, A, T>(&chain, index, false, &mut args, make);
                result.map_or(Ok(()), |result| judge(snapshot.extension(index).plugin(), result))
            });
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

    fn run_historic<S, R, A>(
        &self,
        mut args: A,
        event: Arc<HistoricEvent>,
        mut contributed: impl FnMut(&mut Vec<S::Item>),
    ) -> Result<(), S::Error>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let mut round = Round::new(&self.seen, event);
        let (first, base) = self.seen.load_with_base();
        let mut loaded = Some((Arc::clone(&first), base));
        let watch = Tracer::new(P::INFO, first.implementations(), first.observers.as_ref());
        let span = watch.call();
        let outcome = Span::inside(Some(&span), || {
            loop {
                let (snapshot, base) = loaded.take().unwrap_or_else(|| self.seen.load_with_base());
                let chain = Chain::<P>::new(&snapshot);
                let tracer = chain.tracer();
                let extensions = Extensions { chain: &chain, tracer: tracer.as_ref() };
                let mut items = Gathered(Vec::new());
                for index in round.newcomers(&snapshot) {
                    let Some(returned) = extensions.visit(index, false, &mut args) else { continue };
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
        });
        span.end(outcome.as_ref().err().and_then(|(_, text)| text.as_deref()));
        outcome.map_err(|(error, _)| error)
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
        let slot = Arc::clone(&self.seen.slot);
        let (event, replayed) = (Foreign::new(event, None), Foreign::new(replayed, None));
        let replay = Replay::Direct(Box::new(move |implementation| {
            let observers = slot.observers();
            let own = [Arc::clone(implementation)];
            let tracer = Tracer::new(P::INFO, &own, observers.as_ref());
            let extension = implementation.object::<P::Extension>();
            let conditional = implementation.contribution.conditional;
            let span = Some(tracer.implementation(0));
            let Some(returned) = run(&**extension, span, conditional, true, &mut event.recall()) else {
                return Ok(());
            };
            if let Some(item) = S::split(returned).map_err(&box_error)? {
                replayed(item);
            }
            Ok(())
        }));
        Arc::new(HistoricEvent::new::<P>(replay))
    }
}

/// Hands `items` to `sink` one by one. If that panics, the others are dropped.
pub(super) fn pour<I>(items: &mut Vec<I>, sink: impl Fn(I)) {
    Gathered(std::mem::take(items)).into_iter().for_each(sink);
}

/// Ends a guarded historic call that has `used` these snapshots. `judge` is told of a destructor that panics now, unless
/// the call has failed already.
pub(super) fn conclude<X>(
    round: Round<'_>,
    used: Vec<(Arc<Snapshot>, Arc<Snapshot>)>,
    outcome: Result<(), X>,
    judge: impl FnOnce(&DropPanic) -> Result<(), X>,
) -> Result<(), X> {
    let observers = used.last().and_then(|(snapshot, _)| snapshot.observers.clone());
    match (outcome, release(&observers, (round, used))) {
        (outcome, None) => outcome,
        (Ok(()), Some(panic)) => judge(&panic),
        (Err(stopped), Some(panic)) => {
            report(&observers, &panic);
            Err(stopped)
        }
    }
}

/// The rounds of one historic call: in each, whoever came in since the one before is called, until
/// nobody did; then the call is remembered.
///
/// Whoever has calls replayed to it is not there yet: this one is replayed to it after those before.
pub(crate) struct Round<'s> {
    seen: &'s Seen,
    event: Arc<HistoricEvent>,
    /// Kept over all rounds: one that was disabled and enabled meanwhile is not called twice.
    reached: Vec<Arc<Implementation>>,
    /// Where those are, to find one.
    addresses: HashSet<usize>,
}

impl<'s> Round<'s> {
    pub(crate) fn new(seen: &'s Seen, event: Arc<HistoricEvent>) -> Self {
        Self { seen, event, reached: Vec::new(), addresses: HashSet::new() }
    }

    fn is_newcomer(&self, implementation: &Arc<Implementation>) -> bool {
        !implementation.owner.replaying.load(Ordering::Acquire)
            && !self.addresses.contains(&Arc::as_ptr(implementation).addr())
    }

    /// The indices of those in `snapshot` whom no round has reached yet; this one does.
    pub(crate) fn newcomers(&mut self, snapshot: &Snapshot) -> Vec<usize> {
        let mut newcomers = Vec::new();
        for (index, implementation) in snapshot.implementations().iter().enumerate() {
            if self.is_newcomer(implementation) {
                self.addresses.insert(Arc::as_ptr(implementation).addr());
                self.reached.push(Arc::clone(implementation));
                newcomers.push(index);
            }
        }
        newcomers
    }

    /// Whether nobody came in since `snapshot` was taken over `base`, so that the call is remembered now:
    /// whoever came in meanwhile must be called, as it would find nothing to replay.
    pub(crate) fn settles(&self, snapshot: &Snapshot, base: &Arc<Snapshot>) -> bool {
        let Some(registry) = self.seen.slot.registry() else { return true };
        registry.remember(&self.event, || {
            self.seen.slot.shows(base)
                && !snapshot.implementations().iter().any(|each| self.is_newcomer(each))
        })
    }
}
