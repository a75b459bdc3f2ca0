//! `settle` of an async manager.

use crate::base::drops::DropPanic;
use crate::call::arguments::AsyncArguments;
use crate::call::asynchronous::extension::run_at;
use crate::call::asynchronous::guard::guard;
use crate::call::chain::Chain;
use crate::call::fold::Flow;
use crate::call::guard::GuardedSnapshot;
use crate::call::settle::{SettleErased, SettleMode, SettledCall, prepare, settle};
use crate::call::trace::Tracer;
use crate::call::typed::Awaited;
use crate::erased::future_buffer::FutureBuffer;
use crate::registry::Snapshot;
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::Returns;

impl<P, S, R, A, M> SettledCall<Awaited, P, S, R, A, M>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    M: SettleMode<S, R, A>,
{
    /// Runs the extension at `index` separately.
    pub(super) async fn settle_at(
        &mut self,
        snapshot: &Snapshot,
        index: usize,
        last: bool,
        buffer: &mut FutureBuffer,
    ) -> Flow {
        let plugin = snapshot.extension(index).plugin();
        if let Err(flow) = prepare(plugin, &mut self.step()) {
            return flow;
        }
        let tracer = Tracer::timed(snapshot, P::INFO);
        let chain = Chain::new(snapshot, Some(&tracer));
        let ran = guard(&tracer, run_at::<P, R, A>(&mut self.args, chain, index, last, buffer)).await;
        let (ran, held) = match ran {
            Ok(returned) => (Ok(returned.is_some()), returned),
            Err(stopped) => (Err(stopped), None),
        };
        settle(&tracer, plugin, ran, &mut self.holding(held))
    }

    /// Settles the extensions of a call.
    pub(super) async fn settle_all(
        mut self,
        loaded: Result<GuardedSnapshot<std::sync::Arc<Snapshot>>, DropPanic>,
    ) -> Self {
        let dropped = match loaded {
            Err(panic) => Some(panic),
            Ok(loaded) => {
                let snapshot = &*loaded.snapshot;
                snapshot.tell_called();
                let (count, mut buffer) = (snapshot.extension_count(), snapshot.future_buffer());
                self.step().reserve(count);
                for index in 0..count {
                    if self.settle_at(snapshot, index, index + 1 == count, &mut buffer).await == Flow::Done {
                        break;
                    }
                }
                loaded.settle()
            }
        };
        if let Some(panic) = dropped {
            self.step().settle_dropped(&panic);
        }
        self
    }
}
