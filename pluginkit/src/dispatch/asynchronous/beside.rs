//! Collecting from extensions that are under way at once.

use std::num::NonZeroUsize;

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::arguments::AsyncArguments;
use crate::dispatch::asynchronous::Entry;
use crate::dispatch::asynchronous::next::Extensions;
use crate::dispatch::asynchronous::turn::{begin, watched};
use crate::dispatch::trace::Span;
use crate::erased::room::{ExtensionFuture, Slot};
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
        let mut items = Vec::new();
        items.resize_with(self.len(), || None);
        let mut next = 0;
        let mut running = FuturesUnordered::new();
        loop {
            let (index, returned) = if next < self.len() && running.len() < limit.get() {
                let index = next;
                next += 1;
                let (place, conditional) = (self.place(index), self.is_conditional(index));
                let Some(span) = begin(&self.entry(index), self.tracer, place, conditional, &args) else {
                    continue;
                };
                let work = match self.entry(index) {
                    Entry::Direct(extension) => Err(extension),
                    Entry::Awaited(extension) => {
                        Ok(Span::inside(span.as_ref(), || args.call_beside(extension, Slot::own())))
                    }
                    Entry::Offloaded(extension) => args.offload(extension).ok_or(&**extension),
                };
                match work {
                    Err(extension) => {
                        let returned = Span::inside(span.as_ref(), || args.call(extension, false));
                        if let Some(span) = span {
                            span.end(A::error_text(&returned).as_deref());
                        }
                        (index, returned)
                    }
                    Ok(work) => {
                        running.push(run(index, span, work, A::error_text));
                        continue;
                    }
                }
            } else {
                match running.next().await {
                    Some(done) => done,
                    None => break,
                }
            };
            match S::split(returned) {
                Ok(item) => items[index] = item,
                Err(error) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(S::all(items.into_iter().flatten().collect())))
    }
}

/// Awaits what one extension does beside others.
async fn run<R>(
    index: usize,
    span: Option<Span<'_, '_>>,
    work: ExtensionFuture<'_, R>,
    error_text: fn(&R) -> Option<String>,
) -> (usize, R) {
    let returned = watched(span.as_ref(), work).await;
    if let Some(span) = span {
        span.end(error_text(&returned).as_deref());
    }
    (index, returned)
}
