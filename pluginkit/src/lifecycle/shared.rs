//! [`Shared`]: the phases of a plugin that are under way, which every operation that waits for them can poll.
//!
//! The operation that began them polls them, and drops them when it is dropped. If its future is forgotten, an
//! operation that waits polls them instead.

use std::mem;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::base::drops::{drop_and_wake, wake_each};
use crate::base::sync::{Mutex, MutexGuard};
use crate::lifecycle::driver::Work;

/// Phases that are under way.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// The runtime of the operation that began them. Others enter it to poll them.
    #[cfg(feature = "tokio")]
    runtime: Option<tokio::runtime::Handle>,
}

struct State {
    stage: Stage,
    /// Whether they can go on since they were polled last.
    is_woken: bool,
    waiting: Vec<Waker>,
}

enum Stage {
    Resting(Work<'static, ()>),
    /// A thread polls them.
    Polled,
    Ended,
}

impl Shared {
    pub(crate) fn new(phases: Work<'static, ()>) -> Arc<Self> {
        let state = State { stage: Stage::Resting(phases), is_woken: true, waiting: Vec::new() };
        Arc::new(Self {
            state: Mutex::new(state),
            #[cfg(feature = "tokio")]
            runtime: tokio::runtime::Handle::try_current().ok(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Polls the phases for the operation that began them.
    pub(crate) fn poll(self: &Arc<Self>, cx: &Context<'_>) -> Poll<()> {
        self.go_on(cx, &mut true)
    }

    /// Polls the phases for an operation that waits for them. The one that began them goes first: this one lets it
    /// pass once, and notes that in `has_yielded`.
    pub(crate) fn help(self: &Arc<Self>, cx: &Context<'_>, has_yielded: &mut bool) {
        #[cfg(feature = "tokio")]
        let _entered = self.runtime.as_ref().map(tokio::runtime::Handle::enter);
        let _ = self.go_on(cx, has_yielded);
    }

    fn go_on(self: &Arc<Self>, cx: &Context<'_>, has_yielded: &mut bool) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        if matches!(state.stage, Stage::Ended) {
            return Poll::Ready(());
        }
        if !state.waiting.iter().any(|other| other.will_wake(&waker)) {
            state.waiting.push(waker);
        }
        if !state.is_woken || !matches!(state.stage, Stage::Resting(_)) {
            *has_yielded = false;
            return Poll::Pending;
        }
        if !*has_yielded {
            *has_yielded = true;
            drop(state);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        state.is_woken = false;
        // If they panic, they are over: dropped after them.
        let over = Over(self);
        let Stage::Resting(mut phases) = mem::replace(&mut state.stage, Stage::Polled) else {
            unreachable!("they rest");
        };
        drop(state);
        let waker = Waker::from(Arc::clone(self));
        if phases.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            return Poll::Ready(());
        }
        mem::forget(over);
        let mut state = self.lock();
        if !matches!(state.stage, Stage::Polled) {
            // Given up meanwhile.
            drop(state);
            drop(phases);
            return Poll::Ready(());
        }
        state.stage = Stage::Resting(phases);
        // An operation that was woken meanwhile found them polled.
        let waiting = if state.is_woken { mem::take(&mut state.waiting) } else { Vec::new() };
        drop(state);
        wake_each(waiting);
        Poll::Pending
    }

    /// Gives the phases up: what is left of them is dropped, here or by the thread that polls them.
    fn end(&self) {
        let (stage, waiting) = {
            let mut state = self.lock();
            (mem::replace(&mut state.stage, Stage::Ended), mem::take(&mut state.waiting))
        };
        drop_and_wake(stage, waiting);
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let waiting = {
            let mut state = self.lock();
            state.is_woken = true;
            mem::take(&mut state.waiting)
        };
        wake_each(waiting);
    }
}

/// Ends phases when it is dropped.
struct Over<'s>(&'s Arc<Shared>);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The operation that began phases: awaits their end, and gives them up if it is dropped before.
pub(crate) struct Began(pub(crate) Arc<Shared>);

impl Future for Began {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(cx)
    }
}

impl Drop for Began {
    fn drop(&mut self) {
        self.0.end();
    }
}
