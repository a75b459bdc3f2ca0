//! The wait for the calls that are under way with a plugin that stops.

use std::sync::Arc;
#[cfg(feature = "async")]
use std::sync::PoisonError;
#[cfg(feature = "async")]
use std::task::Poll;
use std::time::Duration;

#[cfg(feature = "async")]
use crate::base::sync::{Condvar, Mutex, thread};
#[cfg(feature = "async")]
use crate::call::drain_is_pending;
use crate::lifecycle::Conductor;
#[cfg(feature = "async")]
use crate::lifecycle::driver::Work;
use crate::observe::observer::Event;
#[cfg(feature = "async")]
use crate::registry::Drain;
use crate::registry::Entry;

/// The drain limit of a manager that sets none.
pub(super) const DEFAULT_LIMIT: Duration = Duration::from_secs(30);

/// The drain limit of a plugin that has none, whatever that of the manager is.
pub(super) const UNLIMITED: Duration = Duration::MAX;

impl Conductor<'_> {
    /// Takes a plugin out of the calls that start from now on, and waits for the calls under way with it, up to its drain
    /// limit.
    pub(super) async fn drain(&self, life: &Entry) {
        let lives = self.registry.lives();
        if !lives.calls_follow_states() {
            return;
        }
        let drain = self.registry.leave_calls(&[life.number]);
        let closes = lives.closes().then_some(Duration::ZERO);
        let limit = closes
            .or_else(|| life.drain_limit())
            .or_else(|| lives.drain_limit())
            .filter(|limit| *limit != UNLIMITED);
        let since = life.status().since;
        let drain = Arc::new(drain.limited(limit, since));
        let has_waited = !drain.is_over();
        if has_waited {
            self.driver.drain(&drain).await;
        }
        let calls_left = drain.end();
        life.status().calls_left = calls_left;
        if !has_waited && calls_left == 0 {
            return;
        }
        self.registry.tell(&Event::Drained { plugin: life.id(), elapsed: drain.elapsed(), calls_left });
    }
}

/// Awaits the end of the calls of `drain`, up to its limit.
///
/// The time is that of a thread, because awaiting needs no runtime. It looks at a clock of the host now and then.
#[cfg(feature = "async")]
pub(super) fn drained(drain: Arc<Drain>) -> Work<'static, ()> {
    Box::pin(async move {
        let _waiting = drain.waiting();
        let mut timer = None;
        let mut was_pending = false;
        std::future::poll_fn(|cx| {
            if drain.poll(cx.waker().clone()) {
                return Poll::Ready(());
            }
            if timer.get_or_insert_with(|| Timer::start(&drain)).is_over() {
                if was_pending {
                    return Poll::Ready(());
                }
                // A drain does not give up the calls that it is part of. They tell it so after it was pending.
                cx.waker().wake_by_ref();
            }
            was_pending = true;
            drain_is_pending(&drain);
            Poll::Pending
        })
        .await;
    })
}

/// A thread that wakes a drain at its limit and, if the drain is part of a call, whenever other calls may have ended.
#[cfg(feature = "async")]
struct Timer(Arc<Shared>);

#[cfg(feature = "async")]
#[derive(Default)]
struct Shared {
    state: Mutex<TimerState>,
    changed: Condvar,
}

#[cfg(feature = "async")]
#[derive(Default)]
struct TimerState {
    is_over: bool,
    is_dropped: bool,
}

#[cfg(feature = "async")]
impl Timer {
    fn start(drain: &Arc<Drain>) -> Self {
        let shared = Arc::<Shared>::default();
        let (own, drain) = (Arc::clone(&shared), Arc::clone(drain));
        let spawned = thread::Builder::new().name("pluginkit-drain".to_owned()).spawn(move || {
            loop {
                // The clock may be the host's, so it is asked without a lock.
                let left = drain.left();
                let mut state = own.lock();
                if state.is_dropped {
                    break;
                }
                if left.is_some_and(|left| left.is_zero()) {
                    state.is_over = true;
                    break;
                }
                let is_within = drain.is_part_of_call();
                match drain.look(left, is_within) {
                    None => drop(own.changed.wait(state)),
                    Some(time) => {
                        let woken = own.changed.wait_timeout(state, time);
                        let (state, result) = woken.unwrap_or_else(PoisonError::into_inner);
                        drop(state);
                        if is_within && result.timed_out() {
                            drain.wake();
                        }
                    }
                }
            }
            drain.wake();
        });
        if spawned.is_err() {
            shared.lock().is_over = true;
        }
        Self(shared)
    }

    /// Returns whether the limit is over, and lets the thread look again at how long to wait.
    fn is_over(&self) -> bool {
        self.0.changed.notify_all();
        self.0.lock().is_over
    }
}

#[cfg(feature = "async")]
impl Shared {
    fn lock(&self) -> crate::base::sync::MutexGuard<'_, TimerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "async")]
impl Drop for Timer {
    fn drop(&mut self) {
        self.0.lock().is_dropped = true;
        self.0.changed.notify_all();
    }
}
