//! `settle` of an async manager.

use std::sync::Arc;

use crate::base::drops::DropPanic;
use crate::base::futures::BoxFuture;
use crate::call::arguments::AsyncArguments;
use crate::call::asynchronous::extension::run_at;
use crate::call::asynchronous::guard::guard;
use crate::call::asynchronous::typed::AsyncSettleErased;
use crate::call::asynchronous::within::Within;
use crate::call::chain::Chain;
use crate::call::fold::Flow;
use crate::call::guard::GuardedSnapshot;
use crate::call::settle::{SettleMode, SettledCall, prepare, settle};
use crate::call::trace::Tracer;
use crate::call::typed::Awaited;
use crate::erased::driven::{Driven, Lent, Poller};
use crate::erased::future_buffer::FutureBuffer;
use crate::registry::Snapshot;
use crate::spec::point::{AsyncPointTypes, PointInfo};
use crate::spec::returns::Returns;

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
        Driven::new(&mut Lent::new(&mut self.step(), &mut Poller::default()), |call| {
            settle_all(loaded, P::INFO, call)
        })
        .await;
        self
    }
}

/// Settles the extensions of a call of `point`.
fn settle_all<'c>(
    loaded: Result<GuardedSnapshot<Arc<Snapshot>>, DropPanic>,
    point: &'static PointInfo,
    call: &'c mut dyn AsyncSettleErased,
) -> BoxFuture<'c, ()> {
    let within = loaded.as_ref().map_or(Within::NOTHING, |loaded| Within::of(&loaded.snapshot));
    Box::pin(within.call(async move {
        let dropped = match loaded {
            Err(panic) => Some(panic),
            Ok(loaded) => {
                let snapshot = &*loaded.snapshot;
                let (count, mut buffer) = (snapshot.extension_count(), snapshot.future_buffer());
                call.settle().reserve(count);
                let mut has_answer = false;
                for index in 0..count {
                    let last = index + 1 == count;
                    if has_answer && snapshot.is_default(index) {
                        break;
                    }
                    match settle_at(call, snapshot, point, index, last, &mut buffer).await {
                        Flow::Next => has_answer = true,
                        Flow::Pass => {}
                        Flow::Done => break,
                    }
                }
                loaded.settle()
            }
        };
        if let Some(panic) = dropped {
            call.settle().settle_dropped(&panic);
        }
    }))
}

/// Runs the extension at `index` separately.
pub(super) async fn settle_at(
    call: &mut dyn AsyncSettleErased,
    snapshot: &Snapshot,
    point: &'static PointInfo,
    index: usize,
    last: bool,
    buffer: &mut FutureBuffer<'_>,
) -> Flow {
    let plugin = snapshot.extension(index).plugin();
    if let Err(flow) = prepare(plugin, call.settle()) {
        return flow;
    }
    let tracer = Tracer::timed(snapshot, point);
    let chain = Chain::new(snapshot, Some(&tracer));
    let ran = guard(&tracer, None, run_at(call, chain, index, last, buffer)).await;
    if ran.is_err() {
        tracer.drop_returned(chain.position(index), &mut || call.settle().drop_held());
    }
    settle(&tracer, plugin, ran, call.settle())
}
