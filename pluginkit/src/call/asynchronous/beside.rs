//! Collecting from extensions that are under way at once.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::base::drops::{Foreign, Gathered, scope};
use crate::base::name::PluginId;
use crate::call::arguments::AsyncArguments;
use crate::call::asynchronous::Entry;
use crate::call::asynchronous::next::Extensions;
use crate::call::asynchronous::seat::Seat;
use crate::call::asynchronous::turn::{begin, watched};
use crate::call::trace::Span;
use crate::erased::room::{ExtensionFuture, Slot};
use crate::observe::observer::{Observers, report};
use crate::plugin::implementation::Implementation;
use crate::spec::point::AsyncExtensionPoint;
use crate::spec::returns::{Many, Returns};

impl<P: AsyncExtensionPoint> Extensions<'_, P> {
    /// Runs every extension, up to `limit` at once, and collects what they contribute in call order, up to
    /// the first error to arrive.
    pub(super) async fn collect_beside<S, R, A>(self, mut args: A, limit: NonZeroUsize) -> Many<S, R>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let mut items = Gathered(Vec::new());
        items.0.resize_with(self.len(), || None);
        let mut next = 0;
        let mut running = Running::new(&self.chain.snapshot.observers);
        loop {
            let (index, done) = if next < self.len() && running.futures.len() < limit.get() {
                let index = next;
                next += 1;
                let (place, conditional) = (self.place(index), self.is_conditional(index));
                let Some(span) = begin(&self.entry(index), self.tracer, place, conditional, &args) else {
                    continue;
                };
                let snapshot = self.chain.snapshot;
                let limited = snapshot.limited.then(|| &**snapshot.extension(index));
                let plugin = snapshot.extension(index).plugin();
                let work = match self.entry(index) {
                    Entry::Direct(extension) => Err(extension),
                    Entry::Awaited(extension) => {
                        Ok(Span::inside(span.as_ref(), || args.call_beside(extension, Slot::own())))
                    }
                    Entry::Offloaded(extension) => args.offload(extension).ok_or(&**extension),
                };
                let work = work.map(|work| Contained::new(work, plugin));
                match (work, limited) {
                    (Err(extension), None) => (index, Done::MayRun(extension, Seat::default(), span)),
                    (work, limited) => {
                        running.futures.push(run::<P, _>(index, limited, span, work, plugin, A::error_text));
                        continue;
                    }
                }
            } else {
                match running.futures.next().await {
                    Some(done) => done,
                    None => break,
                }
            };
            let returned = match done {
                Done::Returned(returned) => returned,
                Done::MayRun(extension, seat, span) => {
                    let returned = seat.hold(|| Span::inside(span.as_ref(), || args.call(extension, false)));
                    if let Some(span) = span {
                        span.end(A::error_text(&returned).as_deref());
                    }
                    returned
                }
            };
            match S::split(returned) {
                Ok(item) => items.0[index] = item,
                Err(error) => {
                    // Dropped while the error is a variable, which contains its own destructor.
                    let error = Foreign::new(error, None);
                    drop(running);
                    return S::lift(Err(error.into_inner()));
                }
            }
        }
        S::lift(Ok(S::all(items.into_vec().into_iter().flatten().collect())))
    }
}

/// Futures that are under way beside each other. Left behind by an error or a panic, they are dropped one at a time.
struct Running<'s, F> {
    futures: FuturesUnordered<F>,
    observers: &'s Observers,
}

impl<'s, F> Running<'s, F> {
    fn new(observers: &'s Observers) -> Self {
        Self { futures: FuturesUnordered::new(), observers }
    }
}

impl<F> Drop for Running<'_, F> {
    fn drop(&mut self) {
        if !self.futures.is_empty() {
            scope(|panic| report(self.observers, panic), || self.futures.clear());
        }
    }
}

/// A future of a plugin that contains its destructor.
struct Contained<F>(Foreign<F>);

impl<F> Contained<F> {
    fn new(future: F, plugin: &PluginId) -> Self {
        Self(Foreign::new(future, Some(plugin)))
    }
}

impl<F: Future + Unpin> Future for Contained<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut *self.0).poll(cx)
    }
}

/// How far one extension has come.
enum Done<'w, P: AsyncExtensionPoint, R> {
    Returned(R),
    /// It is called, not awaited, and has its places.
    MayRun(&'w P::Extension, Seat, Option<Span<'w, 'w>>),
}

/// Awaits what one extension does beside others, or, if it is called, the places that it has to have first.
async fn run<'w, P: AsyncExtensionPoint, R>(
    index: usize,
    limited: Option<&'w Implementation>,
    span: Option<Span<'w, 'w>>,
    work: Result<Contained<ExtensionFuture<'w, R>>, &'w P::Extension>,
    plugin: &'w PluginId,
    error_text: fn(&R) -> Option<String>,
) -> (usize, Done<'w, P, R>) {
    let work = match (work, limited) {
        (Ok(work), _) => work,
        (Err(extension), None) => return (index, Done::MayRun(extension, Seat::default(), span)),
        (Err(extension), Some(limited)) => {
            let seat = Seat::of(span.as_ref(), limited).await;
            return (index, Done::MayRun(extension, seat, span));
        }
    };
    let returned = match limited {
        None => watched(span.as_ref(), work).await,
        Some(limited) => {
            let work = Seat::awaited(span.as_ref(), limited, work.0.into_inner());
            Contained::new(work, plugin).await
        }
    };
    if let Some(span) = span {
        span.end(error_text(&returned).as_deref());
    }
    (index, Done::Returned(returned))
}
