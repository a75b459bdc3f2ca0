//! One extension of an async call: its predicate, its span, its places, its timeout.

use std::pin::Pin;

use crate::arguments::AsyncArguments;
use crate::dispatch::asynchronous::Entry;
use crate::dispatch::asynchronous::next::Extensions;
use crate::dispatch::asynchronous::seat::Seat;
use crate::dispatch::trace::{Span, Tracer};
use crate::erased::room::{ExtensionFuture, Room, Slot};
use crate::implementation::Implementation;
#[cfg(feature = "tokio")]
use crate::limit::places::Seated;
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
        let (snapshot, place) = (self.chain.snapshot, self.place(index));
        if snapshot.limited {
            return turn_limited::<P, R, A>(snapshot.extension(index), self.tracer, place, last, args, room)
                .await;
        }
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

/// Runs one extension as [`turn`] does, once it has its places; on the heap, as few need that.
pub(super) fn turn_limited<'t, P, R, A>(
    implementation: &'t Implementation,
    tracer: Option<&'t Tracer<'t>>,
    place: usize,
    last: bool,
    args: &'t mut A,
    room: &'t mut Room,
) -> Pin<Box<impl Future<Output = Option<R>> + use<'t, P, R, A>>>
where
    P: AsyncExtensionPoint,
    A: AsyncArguments<P, R>,
{
    Box::pin(async move {
        let entry = Entry::<P>::of(implementation);
        let span = begin(&entry, tracer, place, implementation.contribution.conditional, args)?;
        let returned = 'ran: {
            let extension = match entry {
                Entry::Direct(extension) => extension,
                Entry::Awaited(extension) => {
                    let work = args.call_async(extension, Slot::of(room), last);
                    break 'ran Seat::awaited(tracer, place, implementation, work).await;
                }
                Entry::Offloaded(extension) => match args.offload(extension) {
                    Some(work) => break 'ran Seat::awaited(tracer, place, implementation, work).await,
                    None => &**extension,
                },
            };
            Seat::of(tracer, place, implementation).await.hold(|| args.call(extension, last))
        };
        if let Some(span) = span {
            span.end(A::error_text(&returned).as_deref());
        }
        Some(returned)
    })
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
                return tracer.race(place, limit, started, over, work, |_| true).await;
            }
        }
        #[cfg(not(feature = "tokio"))]
        let _ = (tracer, place);
        work.await
    }

    /// Awaits what the extension at `place` does once it has its places, for which it waits in its time.
    #[cfg(feature = "tokio")]
    pub(super) async fn seated<T>(tracer: Option<&Self>, place: usize, work: Seated<'_, T>) -> T {
        if let Some(tracer) = tracer
            && let Some(limit) = tracer.limit(place)
        {
            let started = tokio::time::Instant::now();
            if let Some(over) = crate::runtime::timer(limit) {
                return tracer.race(place, limit, started, over, work, Seated::has_begun).await;
            }
        }
        work.await
    }

    #[cfg(feature = "tokio")]
    async fn race<W: Future + Unpin>(
        &self,
        place: usize,
        limit: std::time::Duration,
        started: tokio::time::Instant,
        over: tokio::time::Sleep,
        work: W,
        has_begun: fn(&W) -> bool,
    ) -> W::Output {
        use std::pin::Pin;
        use std::task::Poll;

        let mut over = std::pin::pin!(over);
        let mut work = Some(work);
        std::future::poll_fn(|cx| {
            let Some(running) = &mut work else { return Poll::Pending };
            let polled = Pin::new(&mut *running).poll(cx);
            if polled.is_pending() && over.as_mut().poll(cx).is_ready() {
                self.expire(place, limit, started.elapsed(), has_begun(running));
                work = None;
            }
            polled
        })
        .await
    }
}
