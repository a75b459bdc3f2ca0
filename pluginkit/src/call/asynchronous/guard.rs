//! Futures whose panics and overruns are caught, and the extensions of calls that go on after them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use crate::base::drops::message;
use crate::call::arguments::{AsyncArguments, ThreadedArguments};
use crate::call::asynchronous::next::Extensions;
use crate::call::guard::Stopped;
use crate::call::pipeline::running;
use crate::call::policy::sift;
use crate::call::trace::Tracer;
use crate::erased::room::Room;
use crate::spec::point::AsyncExtensionPoint;
use crate::spec::returns::{Always, Returns, Threaded};

/// Awaits `work` up to a panic, or to where `tracer` sees an implementation run out of time.
///
/// Then `work` is dropped, the innermost part first. Observers are told of a destructor that panics in a work that ran
/// out of time.
pub(super) async fn guard<T>(tracer: &Tracer<'_>, work: impl Future<Output = T>) -> Result<T, Stopped> {
    let mut work = std::pin::pin!(Some(work));
    std::future::poll_fn(|cx| {
        let Some(running) = work.as_mut().as_pin_mut() else { return Poll::Pending };
        match catch_unwind(AssertUnwindSafe(|| running.poll(cx))) {
            Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
            Ok(Poll::Pending) if tracer.has_expired() => {
                tracer.drop_reporting(|| work.set(None));
                Poll::Ready(Err(Stopped::Expired))
            }
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(Stopped::Panicked(message(panic)))),
        }
    })
    .await
}

impl<P: AsyncExtensionPoint> Extensions<'_, P> {
    /// Whether the call goes on after an extension that failed.
    pub(super) fn spares(&self) -> bool {
        self.tracer.is_some_and(Tracer::spares)
    }

    /// Runs the extension at `index` in a call that goes on after failures; `None` if it declined or failed.
    pub(super) async fn attend<S, R, A>(
        &self,
        index: usize,
        last: bool,
        args: &mut A,
        room: &mut Room,
    ) -> Option<R>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let Some(tracer) = self.tracer else { return self.turn(index, last, args, room).await };
        let returned = guard(tracer, self.turn(index, last, args, room)).await;
        sift::<P, S, R, A>(tracer, self.place(index), returned)
    }

    /// Passes the threaded argument through every extension; one that fails leaves it as it was before.
    pub(super) async fn thread_on<S, R, A>(self, mut args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: AsyncArguments<P, R> + ThreadedArguments<S::Item>,
    {
        let (mut room, count) = (self.chain.room(), self.len());
        for index in 0..count {
            let last = index + 1 == count;
            // Of a value that cannot be cloned nothing is left if the extension fails, so that the call ends.
            let spare = args.spare();
            let returned = match spare {
                Some(_) => self.attend::<S, R, A>(index, last, &mut args, &mut room).await,
                None => self.turn(index, last, &mut args, &mut room).await,
            };
            let Some(returned) = returned else {
                *args.threaded() = args.threaded().take().or(spare);
                continue;
            };
            match S::value(returned) {
                Ok(changed) => *args.threaded() = Some(changed),
                Err(error) => return S::lift(Err(error)),
            }
        }
        self.chain.leave(&room);
        S::lift(Ok(running(&mut args)))
    }
}
