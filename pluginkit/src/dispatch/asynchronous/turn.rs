//! One extension of an async call: its predicate, its span, its timeout.

use crate::arguments::AsyncArguments;
use crate::dispatch::asynchronous::Entry;
use crate::dispatch::asynchronous::next::Extensions;
use crate::dispatch::trace::{Span, Tracer};
use crate::erased::room::{ExtensionFuture, Room, Slot};
use crate::point::AsyncExtensionPoint;

impl<P: AsyncExtensionPoint> Extensions<'_, P> {
    /// Where the extension at `index` stands among all implementations.
    pub(super) fn place(&self, index: usize) -> usize {
        self.chain.wrappers.len() + index
    }

    pub(super) fn is_conditional(&self, index: usize) -> bool {
        self.chain.snapshot.extension(index).contribution.conditional
    }

    /// Runs the extension at `index`; `None` if it has a predicate and that says no.
    pub(super) async fn turn<R, A>(
        &self,
        index: usize,
        last: bool,
        args: &mut A,
        room: &mut Room,
    ) -> Option<R>
    where
        A: AsyncArguments<P, R>,
    {
        let place = self.place(index);
        turn(self.entry(index), self.tracer, place, self.is_conditional(index), last, args, room).await
    }
}

/// Runs one extension, the one at `place` for the tracer; `None` if it has a predicate and that says no.
pub(super) async fn turn<P, R, A>(
    entry: Entry<'_, P>,
    tracer: Option<&Tracer<'_>>,
    place: usize,
    conditional: bool,
    last: bool,
    args: &mut A,
    room: &mut Room,
) -> Option<R>
where
    P: AsyncExtensionPoint,
    A: AsyncArguments<P, R>,
{
    let span = begin(&entry, tracer, place, conditional, args)?;
    let returned = match entry {
        Entry::Direct(extension) => args.call(extension, last),
        Entry::Awaited(extension) => {
            Tracer::within(tracer, place, args.call_async(extension, Slot::of(room), last)).await
        }
        Entry::Offloaded(extension) => match args.offload(extension) {
            Some(work) => Tracer::within(tracer, place, work).await,
            None => args.call(extension, last),
        },
    };
    if let Some(span) = span {
        span.end(A::error_text(&returned).as_deref());
    }
    Some(returned)
}

/// The span of an extension that is about to run; `None` if its predicate says no.
#[allow(clippy::option_option, reason = "whether it runs, and whether anybody watches")]
pub(super) fn begin<'t, 'c, P, R, A>(
    entry: &Entry<'_, P>,
    tracer: Option<&'t Tracer<'c>>,
    place: usize,
    conditional: bool,
    args: &A,
) -> Option<Option<Span<'t, 'c>>>
where
    P: AsyncExtensionPoint,
    A: AsyncArguments<P, R>,
{
    let span = tracer.map(|tracer| tracer.implementation(place));
    let accepted = !conditional
        || match entry {
            Entry::Direct(extension) => args.accepts(extension),
            Entry::Offloaded(extension) => args.accepts(extension),
            Entry::Awaited(extension) => args.accepts_async(extension),
        };
    match span {
        Some(span) if !accepted => span.skip(),
        Some(span) => {
            span.started();
            return Some(Some(span));
        }
        None => {}
    }
    accepted.then_some(None)
}

impl Tracer<'_> {
    /// Awaits what the implementation at `place` does, and drops it when its timeout is over, if somebody
    /// holds it to that: the call is then at its end.
    pub(super) async fn within<T>(tracer: Option<&Self>, place: usize, work: ExtensionFuture<'_, T>) -> T {
        #[cfg(feature = "tokio")]
        if let Some(tracer) = tracer
            && let Some(limit) = tracer.limit(place)
        {
            // Before the timer is made, so that what it ends has never taken less than it.
            let started = tokio::time::Instant::now();
            if let Some(over) = crate::runtime::timer(limit) {
                return tracer.race(place, limit, started, over, work).await;
            }
        }
        #[cfg(not(feature = "tokio"))]
        let _ = (tracer, place);
        work.await
    }

    #[cfg(feature = "tokio")]
    async fn race<T>(
        &self,
        place: usize,
        limit: std::time::Duration,
        started: tokio::time::Instant,
        over: tokio::time::Sleep,
        work: ExtensionFuture<'_, T>,
    ) -> T {
        use std::pin::Pin;
        use std::task::Poll;

        let mut over = std::pin::pin!(over);
        let mut work = Some(work);
        std::future::poll_fn(|cx| {
            let Some(running) = &mut work else { return Poll::Pending };
            let polled = Pin::new(running).poll(cx);
            if polled.is_pending() && over.as_mut().poll(cx).is_ready() {
                self.expire(place, limit, started.elapsed());
                work = None;
            }
            polled
        })
        .await
    }
}
