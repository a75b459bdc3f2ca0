//! One extension of an async call: its predicate, its span, its places, its timeout.

use std::pin::{Pin, pin};

use crate::call::arguments::AsyncArguments;
use crate::call::asynchronous::Entry;
use crate::call::asynchronous::inside::Inside;
use crate::call::asynchronous::next::Extensions;
use crate::call::asynchronous::seat::Seat;
#[cfg(feature = "tokio")]
use crate::call::permits::Seated;
use crate::call::trace::{Span, Tracer};
use crate::erased::room::{Room, Slot};
use crate::plugin::implementation::Implementation;
use crate::spec::point::AsyncExtensionPoint;

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
        Entry::Direct(extension) => Span::inside(span.as_ref(), || args.call(extension, last)),
        Entry::Awaited(extension) => {
            let work = {
                let _entered = Span::enter(span.as_ref());
                args.call_async(extension, Slot::of(room), last)
            };
            watched(span.as_ref(), work).await
        }
        Entry::Offloaded(extension) => match args.offload(extension) {
            Some(work) => watched(span.as_ref(), work).await,
            None => Span::inside(span.as_ref(), || args.call(extension, last)),
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
                    let work = {
                        let _entered = Span::enter(span.as_ref());
                        args.call_async(extension, Slot::of(room), last)
                    };
                    break 'ran Seat::awaited(span.as_ref(), implementation, work).await;
                }
                Entry::Offloaded(extension) => match args.offload(extension) {
                    Some(work) => break 'ran Seat::awaited(span.as_ref(), implementation, work).await,
                    None => &**extension,
                },
            };
            let seat = Seat::of(span.as_ref(), implementation).await;
            seat.hold(|| Span::inside(span.as_ref(), || args.call(extension, last)))
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
    let accepts = || match entry {
        Entry::Direct(extension) => args.accepts(extension),
        Entry::Offloaded(extension) => args.accepts(extension),
        Entry::Awaited(extension) => args.accepts_async(extension),
    };
    let accepted = !conditional || Span::inside(span.as_ref(), accepts);
    match span {
        Some(span) if !accepted => span.skip(),
        Some(mut span) => {
            span.started();
            return Some(Some(span));
        }
        None => {}
    }
    accepted.then_some(None)
}

/// Awaits what an extension does, under its span if there is one.
pub(super) async fn watched<F: Future>(span: Option<&Span<'_, '_>>, work: F) -> F::Output {
    if span.is_none() {
        return work.await;
    }
    let (mut work, mut over) = (pin!(Some(work)), pin!(None));
    Inside::new(span, work.as_mut()).limited(over.as_mut()).await
}

/// Awaits what an extension does once it has its places, for which it waits in its time.
#[cfg(feature = "tokio")]
pub(super) async fn seated<R>(span: Option<&Span<'_, '_>>, work: Seated<'_, R>) -> R {
    if span.is_none() {
        return work.await;
    }
    let (mut work, mut over) = (pin!(Some(work)), pin!(None));
    Inside::seated(span, work.as_mut()).limited(over.as_mut()).await
}
