//! One extension of an async call: its predicate, its span, its permits, its timeout.

use std::pin::pin;

use crate::call::asynchronous::in_span::InSpan;
use crate::call::asynchronous::permits::Permits;
use crate::call::asynchronous::typed::AsyncRunErased;
use crate::call::chain::{self, Chain};
#[cfg(feature = "tokio")]
use crate::call::permits::Permitted;
use crate::call::trace::Span;
use crate::erased::future_buffer::{Filling, FutureBuffer};
use crate::plugin::implementation::{Implementation, Run};

/// Runs the extension at `index` of `chain` and holds its result. Returns whether its predicate accepted the call.
pub(super) async fn run_at(
    call: &mut dyn AsyncRunErased,
    chain: Chain<'_>,
    index: usize,
    last: bool,
    buffer: &mut FutureBuffer<'_>,
) -> bool {
    let extension = chain.snapshot.extension(index);
    let span = chain.span(chain.position(index));
    run(call, extension, chain.snapshot.limited, span, last, buffer).await
}

/// Runs an extension and holds its result. Returns whether its predicate accepted the call.
pub(super) async fn run(
    call: &mut dyn AsyncRunErased,
    extension: &Implementation,
    is_limited: bool,
    span: Option<Span<'_, '_>>,
    last: bool,
    buffer: &mut FutureBuffer<'_>,
) -> bool {
    let Some(span) = begin(call, extension, span) else { return false };
    if extension.contribution.run == Run::Awaited {
        let (started, room) = (&mut *call, &mut *buffer);
        let work = Span::inside(span.as_ref(), move || started.start(extension, room, last));
        run_work(span.as_ref(), extension, is_limited, work).await;
    } else if let Some(work) = Span::inside(span.as_ref(), || call.offload(extension)) {
        run_work(span.as_ref(), extension, is_limited, work).await;
    } else {
        let permits =
            if is_limited { Permits::acquire(span.as_ref(), extension).await } else { Permits::default() };
        permits.call(|| Span::inside(span.as_ref(), || call.run().run(extension, last)));
    }
    end(call, span);
    true
}

/// Begins an extension under its span, if its predicate accepts the call.
#[allow(clippy::option_option, reason = "whether it runs, and whether it is traced")]
fn begin<'t, 'c>(
    call: &mut dyn AsyncRunErased,
    extension: &Implementation,
    span: Option<Span<'t, 'c>>,
) -> Option<Option<Span<'t, 'c>>> {
    let run = call.run();
    chain::begin(extension, span, &|extension| run.accepts(extension))
}

/// Ends an extension under its span.
fn end(call: &mut dyn AsyncRunErased, span: Option<Span<'_, '_>>) {
    chain::end_extension(span, call.run());
}

/// Awaits the work of an extension, under its span and its permits.
async fn run_work(
    span: Option<&Span<'_, '_>>,
    extension: &Implementation,
    is_limited: bool,
    work: Filling<'_>,
) {
    if is_limited {
        Permits::run(span, extension, work).await;
    } else {
        run_in_span(span, work).await;
    }
}

/// Awaits work, under its span if there is one.
pub(super) async fn run_in_span<F: Future>(span: Option<&Span<'_, '_>>, work: F) -> F::Output {
    if span.is_none() {
        return work.await;
    }
    let (mut work, mut over) = (pin!(Some(work)), pin!(None));
    InSpan::new(span, work.as_mut()).limited(over.as_mut()).await
}

/// Awaits the work of an extension that needs permits. The wait for permits counts towards the time limit.
#[cfg(feature = "tokio")]
pub(super) async fn permitted<F: Future + Unpin>(
    span: Option<&Span<'_, '_>>,
    work: Permitted<'_, F>,
) -> F::Output {
    if span.is_none() {
        return work.await;
    }
    let (mut work, mut over) = (pin!(Some(work)), pin!(None));
    InSpan::permitted(span, work.as_mut()).limited(over.as_mut()).await
}
