//! One extension of an async call: its predicate, its span, its permits, its timeout.

use std::pin::{Pin, pin};

use crate::call::arguments::AsyncArguments;
use crate::call::asynchronous::in_span::InSpan;
use crate::call::asynchronous::permits::Permits;
use crate::call::chain::{self, Chain};
#[cfg(feature = "tokio")]
use crate::call::permits::Permitted;
use crate::call::trace::{Span, Tracer};
use crate::call::typed::{Accepts, Awaited};
use crate::erased::future_buffer::{ExtensionFuture, FutureBuffer, FutureSlot};
use crate::plugin::implementation::{Implementation, Run};
use crate::spec::point::AsyncPointTypes;

/// Starts an extension on the blocking pool, if it is a blocking one.
pub(super) fn offload<'w, P, R, A>(args: &A, extension: &'w Implementation) -> Option<ExtensionFuture<'w, R>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    if extension.contribution.run == Run::OnPool && P::OFFLOADS {
        args.offload(extension.share::<P::Extension>())
    } else {
        None
    }
}

/// Runs the extension at `index` of `chain` and returns its result; `None` if its predicate declines.
pub(super) async fn run_at<P, R, A>(
    args: &mut A,
    chain: Chain<'_>,
    index: usize,
    last: bool,
    buffer: &mut FutureBuffer,
) -> Option<R>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    let extension = chain.snapshot.extension(index);
    let span = Tracer::extension(chain.tracer, chain.snapshot, index);
    if chain.snapshot.limited {
        return run_limited::<P, R, A>(args, extension, span, last, buffer).await;
    }
    let span = chain::begin(extension, span, &|extension| Awaited::accepts(args, extension))?;
    let returned = if extension.contribution.run == Run::Awaited {
        let work = {
            let _entered = Span::enter(span.as_ref());
            args.call_async(extension.object::<P::AsyncExtension>(), FutureSlot::of(buffer), last)
        };
        run_in_span(span.as_ref(), work).await
    } else if let Some(work) = Span::inside(span.as_ref(), || offload::<P, R, A>(args, extension)) {
        run_in_span(span.as_ref(), work).await
    } else {
        Span::inside(span.as_ref(), || args.call(extension.object::<P::Extension>(), last))
    };
    chain::end(span, &|| A::error_text(&returned));
    Some(returned)
}

/// Runs an extension like [`run_at`], under its permits. The future is boxed, because few calls need it.
pub(super) fn run_limited<'r, P, R, A>(
    args: &'r mut A,
    extension: &'r Implementation,
    span: Option<Span<'r, 'r>>,
    last: bool,
    buffer: &'r mut FutureBuffer,
) -> Pin<Box<impl Future<Output = Option<R>> + use<'r, P, R, A>>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    Box::pin(async move {
        let span = chain::begin(extension, span, &|extension| Awaited::accepts(args, extension))?;
        let returned = if extension.contribution.run == Run::Awaited {
            let work = {
                let _entered = Span::enter(span.as_ref());
                args.call_async(extension.object::<P::AsyncExtension>(), FutureSlot::of(buffer), last)
            };
            Permits::run(span.as_ref(), extension, work).await
        } else if let Some(work) = Span::inside(span.as_ref(), || offload::<P, R, A>(args, extension)) {
            Permits::run(span.as_ref(), extension, work).await
        } else {
            let permits = Permits::acquire(span.as_ref(), extension).await;
            let call = || args.call(extension.object::<P::Extension>(), last);
            permits.call(|| Span::inside(span.as_ref(), call))
        };
        chain::end(span, &|| A::error_text(&returned));
        Some(returned)
    })
}

/// Awaits the work of an extension, under its span if there is one.
pub(super) async fn run_in_span<F: Future>(span: Option<&Span<'_, '_>>, work: F) -> F::Output {
    if span.is_none() {
        return work.await;
    }
    let (mut work, mut over) = (pin!(Some(work)), pin!(None));
    InSpan::new(span, work.as_mut()).limited(over.as_mut()).await
}

/// Awaits the work of an extension that needs permits. The wait for permits counts towards the time limit.
#[cfg(feature = "tokio")]
pub(super) async fn permitted<R>(span: Option<&Span<'_, '_>>, work: Permitted<'_, R>) -> R {
    if span.is_none() {
        return work.await;
    }
    let (mut work, mut over) = (pin!(Some(work)), pin!(None));
    InSpan::permitted(span, work.as_mut()).limited(over.as_mut()).await
}
