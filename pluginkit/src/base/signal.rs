//! [`CancellationSignal`]: how what a plugin set going hears that it is to end.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::base::clock::{HAS_CLOCKS, Stopwatch};
use crate::base::drops::wake_each;
use crate::base::sync::{Condvar, Mutex, MutexGuard};

/// A signal that tells the threads and tasks of a plugin to end.
///
/// [`PluginContext::cancellation`](crate::lifecycle::PluginContext::cancellation) says when the signal is given. Each
/// start of a plugin has its own signal.
///
/// ```
/// use std::thread;
/// use std::time::Duration;
/// use pluginkit::lifecycle::CancellationSignal;
///
/// let signal = CancellationSignal::new();
/// let theirs = signal.clone();
/// let worker = thread::spawn(move || {
///     while !theirs.wait(Duration::from_secs(60)) {
///         // What is to be done every minute.
///     }
/// });
/// signal.cancel();
/// worker.join().unwrap();
/// ```
#[derive(Clone, Default)]
pub struct CancellationSignal {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    cancelled: bool,
    /// The tasks that wait, each under a number of its own.
    wakers: BTreeMap<u64, Waker>,
    waits: u64,
}

impl CancellationSignal {
    /// Returns a signal that has not been given.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the signal; it cannot be taken back.
    pub fn cancel(&self) {
        let wakers = {
            let mut state = self.lock();
            state.cancelled = true;
            std::mem::take(&mut state.wakers)
        };
        self.shared.changed.notify_all();
        wake_each(wakers.into_values());
    }

    /// Returns whether the signal has been given.
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// Waits for the signal on the current thread, for at most this time. Returns whether the signal has been given.
    pub fn wait(&self, at_most: Duration) -> bool {
        if !HAS_CLOCKS {
            // Such a target has one thread, which nothing can wake.
            return self.is_cancelled();
        }
        let begin = Stopwatch::start();
        let mut state = self.lock();
        while !state.cancelled {
            let Some(left) = at_most.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) else {
                return false;
            };
            let woken = self.shared.changed.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Returns a future that is ready when the signal has been given. The future runs on any executor.
    pub fn cancelled(&self) -> Cancelled {
        Cancelled { signal: self.clone(), number: None }
    }
}

impl fmt::Debug for CancellationSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationSignal").field("is_cancelled", &self.is_cancelled()).finish()
    }
}

/// The future of [`CancellationSignal::cancelled`].
#[derive(Debug)]
#[must_use = "it waits when it is awaited"]
pub struct Cancelled {
    signal: CancellationSignal,
    number: Option<u64>,
}

impl Future for Cancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let this = &mut *self;
        let old = {
            let mut state = this.signal.lock();
            if state.cancelled {
                return Poll::Ready(());
            }
            let number = *this.number.get_or_insert_with(|| {
                state.waits += 1;
                state.waits
            });
            state.wakers.insert(number, waker)
        };
        drop(old);
        Poll::Pending
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let old = {
            let mut state = self.signal.lock();
            state.wakers.remove(&number)
        };
        drop(old);
    }
}
