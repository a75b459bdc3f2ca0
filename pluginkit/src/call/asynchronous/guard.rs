//! Async calls with caught panics and overruns.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use crate::base::drops::message;
use crate::base::futures::BoxFuture;
use crate::call::around::Host;
use crate::call::asynchronous::next::{Left, run_traced};
use crate::call::asynchronous::typed::AsyncWrapErased;
use crate::call::asynchronous::within::Within;
use crate::call::chain::{Chain, Clear};
use crate::call::guard::{Conclusion, GuardedSnapshot, Stopped, conclude_call};
use crate::call::overruns::Visit;
use crate::call::trace::Tracer;
use crate::registry::Snapshot;
use crate::spec::point::PointInfo;

/// Awaits `work` until it is ready, panics, or expires: the implementation of `only` exceeds its time limit or, without
/// one, any that it contains.
///
/// Expired work is dropped. Observers get a fault for each destructor that panics then.
pub(super) async fn guard<T>(
    tracer: &Tracer<'_>,
    only: Option<Visit>,
    work: impl Future<Output = T>,
) -> Result<T, Stopped> {
    let mut work = pin!(Some(work));
    let has_expired =
        || only.map_or_else(|| tracer.overruns.has_expired(), |visit| tracer.overruns.has_expired_at(visit));
    std::future::poll_fn(|cx| {
        let Some(running) = work.as_mut().as_pin_mut() else { return Poll::Pending };
        match catch_unwind(AssertUnwindSafe(|| running.poll(cx))) {
            Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
            Ok(Poll::Pending) if has_expired() => {
                tracer.drop_reporting(&mut || work.set(None));
                Poll::Ready(Err(Stopped::Expired))
            }
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(Stopped::Panicked(message(panic)))),
        }
    })
    .await
}

impl GuardedSnapshot<Arc<Snapshot>> {
    /// Runs an async call of `point` under its failure policy and releases the snapshot. Work of a `host` runs in the place
    /// of the extensions.
    pub(super) fn run_async<'c>(
        self,
        point: &'static PointInfo,
        call: &'c mut dyn AsyncWrapErased,
        host: Option<&'c (dyn Host + 'c)>,
    ) -> BoxFuture<'c, Conclusion> {
        Box::pin(Within::of(&self.snapshot).call(async move {
            let conclusion = {
                let tracer =
                    Tracer::timed(&self.snapshot, point).under_policy(&self.snapshot).with_host(host);
                let left = Left::all(Chain::new(&self.snapshot, Some(&tracer)));
                let ran = guard(&tracer, None, run_traced(&tracer, left, call)).await;
                if ran.is_err() {
                    tracer.drop_reporting(&mut || call.call().clear_all());
                }
                conclude_call(&tracer, ran, call.call().results().outcome())
            };
            self.conclude(conclusion, call.call().results().outcome())
        }))
    }
}
