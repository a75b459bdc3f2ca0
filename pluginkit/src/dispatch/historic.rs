//! Historic: a collecting call that is remembered and replayed to plugins that come later.

use std::any::TypeId;
use std::sync::Arc;

use crate::caller::Handle;
use crate::dispatch::chain::{Chain, Extensions, Visit};
use crate::dispatch::trace::Tracer;
use crate::implementation::Implementation;
use crate::point::ExtensionPoint;
use crate::registry::{BoxError, HistoricEvent, Replay};
use crate::returns::{Many, Returns};

/// What a historic call needs besides its arguments.
pub struct Remembered<E, A, B, D> {
    /// The arguments, owned.
    pub event: E,
    /// Runs one extension on the remembered arguments.
    pub again: A,
    /// Turns an error into one of any type, for a replay that fails.
    pub box_error: B,
    /// Turns an error into a text, for observers.
    pub describe: D,
}

impl<E, A, B, D> std::fmt::Debug for Remembered<E, A, B, D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered").finish_non_exhaustive()
    }
}

impl<P: ExtensionPoint> Handle<P> {
    /// Calls the extensions there are, then remembers the call; returns what they contributed.
    pub fn call_historic<S, R, E, A, B, D>(
        &self,
        remembered: Remembered<E, A, B, D>,
        call: impl FnMut(&P::Extension, Visit<'_>) -> Option<R>,
    ) -> Many<S, R>
    where
        S: Returns<R>,
        E: Send + Sync + 'static,
        A: Fn(&P::Extension, &E, Visit<'_>) -> Option<R> + Send + Sync + 'static,
        B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
        D: Fn(&S::Error) -> String + Clone + Send + Sync + 'static,
    {
        let mut all = Vec::new();
        let outcome =
            self.run_historic::<S, R, _, _, _, _>(remembered, call, |items| all.append(items), |_| ());
        S::lift(outcome.map(|()| S::all(all)))
    }

    /// Calls the extensions there are and hands each result to `sink`, then remembers the call; a
    /// replay hands its results to `sink` too.
    pub fn call_historic_with<S, R, E, A, B, D>(
        &self,
        remembered: Remembered<E, A, B, D>,
        call: impl FnMut(&P::Extension, Visit<'_>) -> Option<R>,
        sink: impl Fn(S::Item) + Send + Sync + 'static,
    ) -> S::Lift<()>
    where
        S: Returns<R>,
        E: Send + Sync + 'static,
        A: Fn(&P::Extension, &E, Visit<'_>) -> Option<R> + Send + Sync + 'static,
        B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
        D: Fn(&S::Error) -> String + Clone + Send + Sync + 'static,
    {
        let sink = Arc::new(sink);
        let later = Arc::clone(&sink);
        S::lift(self.run_historic::<S, R, _, _, _, _>(
            remembered,
            call,
            |items| items.drain(..).for_each(&*sink),
            move |item| later(item),
        ))
    }

    fn run_historic<S, R, E, A, B, D>(
        &self,
        remembered: Remembered<E, A, B, D>,
        mut call: impl FnMut(&P::Extension, Visit<'_>) -> Option<R>,
        mut contributed: impl FnMut(&mut Vec<S::Item>),
        replayed: impl Fn(S::Item) + Send + Sync + 'static,
    ) -> Result<(), S::Error>
    where
        S: Returns<R>,
        E: Send + Sync + 'static,
        A: Fn(&P::Extension, &E, Visit<'_>) -> Option<R> + Send + Sync + 'static,
        B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
        D: Fn(&S::Error) -> String + Clone + Send + Sync + 'static,
    {
        let describe = remembered.describe.clone();
        let event = Arc::new(HistoricEvent {
            point: TypeId::of::<P>(),
            replay: self.replay::<S, R, _, _, _, _>(remembered, replayed),
        });
        let mut reached: Vec<Arc<Implementation>> = Vec::new();
        let (first, _) = self.seen.load_with_base();
        let watch = Tracer::new(P::INFO, &first.implementations, first.observers.as_ref());
        let span = watch.call();
        loop {
            let (snapshot, base) = self.seen.load_with_base();
            let chain = Chain::<P>::new(&snapshot);
            let tracer = chain.tracer();
            let extensions = Extensions { chain: &chain, tracer: tracer.as_ref() };
            let mut items = Vec::new();
            for (index, implementation) in snapshot.implementations.iter().enumerate() {
                if reached.iter().any(|each| Arc::ptr_eq(each, implementation)) {
                    continue;
                }
                let failure = |returned: &R| S::returned_error(returned).map(&describe);
                let returned = extensions.visit_keeping(index, failure, &mut call);
                match returned.map(S::split) {
                    None | Some(Ok(None)) => {}
                    Some(Ok(Some(item))) => items.push(item),
                    Some(Err(error)) => {
                        span.end(Some(&describe(&error)));
                        return Err(error);
                    }
                }
            }
            // Kept over all rounds: one that was disabled and enabled meanwhile is not called twice.
            for implementation in &snapshot.implementations {
                if !reached.iter().any(|each| Arc::ptr_eq(each, implementation)) {
                    reached.push(Arc::clone(implementation));
                }
            }
            contributed(&mut items);
            // Whoever came in meanwhile is called too: it would find nothing to replay.
            let Some(registry) = self.seen.slot.registry() else { break };
            if registry.remember(&event, || Arc::ptr_eq(&base, &self.seen.slot.load())) {
                break;
            }
        }
        span.end(None);
        Ok(())
    }

    fn replay<S, R, E, A, B, D>(
        &self,
        remembered: Remembered<E, A, B, D>,
        replayed: impl Fn(S::Item) + Send + Sync + 'static,
    ) -> Replay
    where
        S: Returns<R>,
        E: Send + Sync + 'static,
        A: Fn(&P::Extension, &E, Visit<'_>) -> Option<R> + Send + Sync + 'static,
        B: Fn(S::Error) -> BoxError + Send + Sync + 'static,
        D: Fn(&S::Error) -> String + Send + Sync + 'static,
    {
        let Remembered { event, again, box_error, describe } = remembered;
        let slot = Arc::clone(&self.seen.slot);
        Box::new(move |implementation| {
            let snapshot = slot.load();
            let own = [Arc::clone(implementation)];
            let tracer = Tracer::new(P::INFO, &own, snapshot.observers.as_ref());
            let span = tracer.implementation(0);
            let visit = Visit::checked(implementation.contribution.conditional, Some(&span));
            let Some(returned) = again(implementation.object::<P::Extension>(), &event, visit) else {
                span.skip();
                return Ok(());
            };
            span.end(S::returned_error(&returned).map(&describe).as_deref());
            if let Some(item) = S::split(returned).map_err(&box_error)? {
                replayed(item);
            }
            Ok(())
        })
    }
}
