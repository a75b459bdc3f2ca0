//! Collecting from extensions that are under way at once.

use std::num::NonZeroUsize;

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::arguments::AsyncArguments;
use crate::base::drops::Gathered;
use crate::dispatch::asynchronous::Entry;
use crate::dispatch::asynchronous::next::Extensions;
use crate::dispatch::asynchronous::seat::Seat;
use crate::dispatch::asynchronous::turn::{begin, watched};
use crate::dispatch::trace::Span;
use crate::erased::room::{ExtensionFuture, Slot};
use crate::implementation::Implementation;
use crate::point::AsyncExtensionPoint;
use crate::returns::{Many, Returns};

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
        let mut running = FuturesUnordered::new();
        loop {
            let (index, done) = if next < self.len() && running.len() < limit.get() {
                let index = next;
                next += 1;
                let (place, conditional) = (self.place(index), self.is_conditional(index));
                let Some(span) = begin(&self.entry(index), self.tracer, place, conditional, &args) else {
                    continue;
                };
                let snapshot = self.chain.snapshot;
                let limited = snapshot.limited.then(|| &**snapshot.extension(index));
                let work = match self.entry(index) {
                    Entry::Direct(extension) => Err(extension),
                    Entry::Awaited(extension) => {
                        Ok(Span::inside(span.as_ref(), || args.call_beside(extension, Slot::own())))
                    }
                    Entry::Offloaded(extension) => args.offload(extension).ok_or(&**extension),
                };
                match (work, limited) {
                    (Err(extension), None) => (index, Done::MayRun(extension, Seat::default(), span)),
                    (work, limited) => {
                        running.push(run::<P, _>(index, limited, span, work, A::error_text));
                        continue;
                    }
                }
            } else {
                match running.next().await {
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
                Err(error) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(S::all(items.into_vec().into_iter().flatten().collect())))
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
    work: Result<ExtensionFuture<'w, R>, &'w P::Extension>,
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
        Some(limited) => Seat::awaited(span.as_ref(), limited, work).await,
    };
    if let Some(span) = span {
        span.end(error_text(&returned).as_deref());
    }
    (index, Done::Returned(returned))
}
