//! `settle` of an async manager.

use std::sync::Arc;

use crate::base::drops::DropPanic;
use crate::base::futures::BoxFuture;
use crate::call::arguments::AsyncArguments;
use crate::call::asynchronous::extension::run_at;
use crate::call::asynchronous::guard::guard;
use crate::call::asynchronous::typed::{AsyncRunErased, offload, start};
use crate::call::chain::{Chain, RunErased};
use crate::call::fold::Flow;
use crate::call::guard::GuardedSnapshot;
use crate::call::settle::{SettleErased, SettleMode, SettledCall, settle};
use crate::call::trace::Tracer;
use crate::call::typed::{Accepts, Awaited};
use crate::erased::driven::{Driven, Lent};
use crate::erased::future_buffer::{Filling, FutureBuffer};
use crate::erased::here::Here;
use crate::plugin::implementation::Implementation;
use crate::registry::Snapshot;
use crate::spec::point::{AsyncPointTypes, PointInfo};
use crate::spec::returns::Returns;

/// A running async call that settles its extensions, as the slow path sees it.
pub(super) trait AsyncSettleErased: AsyncRunErased {
    /// Lets `then` take a step of the call that waits for nothing.
    fn step(&mut self, then: &mut dyn FnMut(&mut dyn SettleErased));
}

/// A running call of the point `P` that settles its extensions.
pub(super) struct Settling<'c, P, S: Returns<R>, R, A, M> {
    /// The result of the last extension, until it is taken in.
    held: Here<R>,
    call: &'c mut SettledCall<Awaited, P, S, R, A, M>,
}

impl<'c, P, S: Returns<R>, R, A, M> Settling<'c, P, S, R, A, M> {
    pub(super) fn new(call: &'c mut SettledCall<Awaited, P, S, R, A, M>) -> Self {
        Self { held: Here::new(), call }
    }
}

impl<P, S, R, A, M> RunErased for Lent<Settling<'_, P, S, R, A, M>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
{
    fn accepts(&self, extension: &Implementation) -> bool {
        Awaited::accepts(&self.get().call.args, extension)
    }

    fn run(&mut self, extension: &Implementation, last: bool) {
        let this = self.get_mut();
        this.held.set(this.call.args.call(extension.object::<P::Extension>(), last));
    }

    fn error_text(&self) -> Option<String> {
        A::error_text(self.get().held.get()?)
    }
}

impl<P, S, R, A, M> AsyncRunErased for Lent<Settling<'_, P, S, R, A, M>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
{
    fn start<'s>(
        &'s mut self,
        extension: &'s Implementation,
        buffer: &'s mut FutureBuffer,
        last: bool,
    ) -> Filling<'s> {
        let this = self.get_mut();
        start::<P, R, A>(&mut this.call.args, &mut this.held, extension, buffer, last)
    }

    fn offload<'s>(&'s mut self, extension: &'s Implementation) -> Option<Filling<'s>> {
        let this = self.get_mut();
        Some(offload::<P, R, A>(&this.call.args, extension)?.filling(&mut this.held))
    }
}

impl<P, S, R, A, M> AsyncSettleErased for Lent<Settling<'_, P, S, R, A, M>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    M: SettleMode<S, R, A>,
{
    fn step(&mut self, then: &mut dyn FnMut(&mut dyn SettleErased)) {
        let this = self.get_mut();
        let mut step = this.call.holding(this.held.take());
        then(&mut step);
        if let Some(held) = step.into_held() {
            this.held.set(held);
        }
    }
}

impl<P, S, R, A, M> SettledCall<Awaited, P, S, R, A, M>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    M: SettleMode<S, R, A>,
{
    /// Settles the extensions of a call.
    pub(super) async fn settle_all(
        mut self,
        loaded: Result<GuardedSnapshot<Arc<Snapshot>>, DropPanic>,
    ) -> Self {
        let mut call = Settling::new(&mut self);
        Driven::new(&mut call, |call| settle_all(loaded, P::INFO, call)).await;
        drop(call);
        self
    }
}

/// Settles the extensions of a call of `point`.
fn settle_all<'c>(
    loaded: Result<GuardedSnapshot<Arc<Snapshot>>, DropPanic>,
    point: &'static PointInfo,
    call: &'c mut dyn AsyncSettleErased,
) -> BoxFuture<'c, ()> {
    Box::pin(async move {
        let dropped = match loaded {
            Err(panic) => Some(panic),
            Ok(loaded) => {
                let snapshot = &*loaded.snapshot;
                snapshot.tell_called();
                let (count, mut buffer) = (snapshot.extension_count(), snapshot.future_buffer());
                call.step(&mut |call| call.reserve(count));
                for index in 0..count {
                    let last = index + 1 == count;
                    if settle_at(call, snapshot, point, index, last, &mut buffer).await == Flow::Done {
                        break;
                    }
                }
                loaded.settle()
            }
        };
        if let Some(panic) = dropped {
            call.step(&mut |call| call.settle_dropped(&panic));
        }
    })
}

/// Runs the extension at `index` separately.
pub(super) async fn settle_at(
    call: &mut dyn AsyncSettleErased,
    snapshot: &Snapshot,
    point: &'static PointInfo,
    index: usize,
    last: bool,
    buffer: &mut FutureBuffer,
) -> Flow {
    call.step(&mut |call| call.prepare());
    let tracer = Tracer::timed(snapshot, point);
    let chain = Chain::new(snapshot, Some(&tracer));
    let ran = guard(&tracer, run_at(call, chain, index, last, buffer)).await;
    let (mut ran, mut flow) = (Some(ran), Flow::Done);
    call.step(&mut |call| {
        if let Some(ran) = ran.take() {
            if ran.is_err() {
                tracer.drop_returned(chain.position(index), &mut || call.drop_held());
            }
            flow = settle(&tracer, snapshot.extension(index).plugin(), ran, call);
        }
    });
    flow
}
