//! [`Drain`]: the calls under way with plugins that have left calls.
//!
//! A call holds its snapshot. When a change replaces a snapshot that calls still hold, the snapshot goes to the
//! [`Drains`] of the manager, by a weak reference. A call costs nothing more for that: the number of calls on a replaced
//! snapshot is the number of its references.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};
use std::task::Waker;
use std::time::{Duration, SystemTime};

use crate::base::clock::{Clock, LOOK, Moment};
use crate::base::drops::wake_each;
use crate::base::sync::{AtomicBool, AtomicUsize, Condvar, Mutex, MutexGuard};
#[cfg(feature = "async")]
use crate::base::threads;
use crate::erased::hazard_cell::held_here;
use crate::registry::Snapshot;

/// The replaced snapshots of a manager that calls still hold.
pub(crate) struct Drains {
    /// The clock of the manager, if the host has set one.
    pub(super) clock: Option<Clock>,
    state: Mutex<State>,
    ended: Condvar,
    /// The number of drains that wait.
    waiting: AtomicUsize,
}

#[derive(Default)]
struct State {
    replaced: Vec<Replaced>,
    /// The number of snapshots at which those without calls are removed.
    full: usize,
    wakers: Vec<Waker>,
}

/// A snapshot that calls hold and that is not current any more.
struct Replaced {
    snapshot: Weak<Snapshot>,
    /// The address of the slot.
    slot: usize,
    /// The number of the publication of the snapshot.
    number: u64,
    /// The longest time after which a drain has given up on its calls.
    given_up: Option<Duration>,
}

impl Drains {
    pub(super) fn new(clock: Option<Clock>) -> Self {
        Self { clock, state: Mutex::default(), ended: Condvar::new(), waiting: AtomicUsize::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes `snapshot` of the slot at this address. The caller has one reference, which is not that of a call.
    pub(crate) fn note(&self, snapshot: &Arc<Snapshot>, slot: usize) {
        if snapshot.is_published() && Arc::strong_count(snapshot) > 1 {
            let mut state = self.lock();
            if state.replaced.len() >= state.full {
                state.replaced.retain(|replaced| replaced.snapshot.strong_count() > 0);
                state.full = 2 * state.replaced.len() + 8;
            }
            let (snapshot, number) = (Arc::downgrade(snapshot), snapshot.number);
            state.replaced.push(Replaced { snapshot, slot, number, given_up: None });
        }
    }

    /// Tells the drains that the last call on a snapshot has ended.
    pub(super) fn tell(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            let wakers = std::mem::take(&mut self.lock().wakers);
            self.ended.notify_all();
            wake_each(wakers);
        }
    }
}

/// The calls that were under way with some plugins when the plugins left calls.
pub struct Drain {
    drains: Arc<Drains>,
    /// The slots that the plugins left, each with the numbers of the first and the last publication in which they took part.
    left: Vec<(usize, u64, u64)>,
    /// How long it waits at most, from when.
    limit: Option<Duration>,
    began: Moment,
    /// Whether it has found no call to wait for. Then it stays over: no call starts on what it left.
    over: AtomicBool,
    #[cfg(feature = "async")]
    within: Mutex<std::collections::HashMap<WaitingCall, Polled>>,
}

/// A call that waits for the drain, because the drain is part of it: the addresses of its snapshot and of its future.
#[cfg(feature = "async")]
pub(crate) type WaitingCall = (usize, usize);

/// The poll of a waiting call that is under way.
#[cfg(feature = "async")]
#[derive(Default)]
struct Polled {
    /// The number of the thread that polls it. The call may have released its snapshot in this poll.
    by: Option<u64>,
    /// Whether the drain has looked from another thread meanwhile.
    is_missed: bool,
}

/// The calls under way of a drain, without those that the drain is part of.
#[derive(Default)]
struct Calls {
    awaited: usize,
    given_up: usize,
    /// Whether the drain is part of a call.
    is_within: bool,
}

impl Drain {
    pub(super) fn new(drains: Arc<Drains>, left: Vec<(usize, u64, u64)>) -> Self {
        Self {
            began: Moment::now(drains.clock.as_ref()),
            drains,
            left,
            limit: None,
            over: AtomicBool::new(false),
            #[cfg(feature = "async")]
            within: Mutex::default(),
        }
    }

    /// Returns the same drain, which waits for at most `limit`. A clock of the host says since when it does: `since`.
    #[must_use]
    pub fn limited(self, limit: Option<Duration>, since: SystemTime) -> Self {
        let began = if self.drains.clock.is_some() { Moment::told(since) } else { self.began };
        Self { limit, began, ..self }
    }

    /// Returns how long the drain has waited.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed(self.drains.clock.as_ref())
    }

    /// Returns how long the drain waits from now on; `None` if it has no limit. May run code of the host.
    pub fn left(&self) -> Option<Duration> {
        self.limit.map(|limit| limit.saturating_sub(self.elapsed()))
    }

    /// Returns after what time to look again at the clock and, if the drain `is_within` a call, at the other calls. The
    /// last reference of such a call is not the last of the snapshot, so that nothing tells of its end.
    pub fn look(&self, left: Option<Duration>, is_within: bool) -> Option<Duration> {
        let looks = is_within || self.drains.clock.is_some() && left.is_some();
        if looks { Some(left.map_or(LOOK, |left| left.min(LOOK))) } else { left }
    }

    /// Returns whether the plugins of the drain take part in calls on a snapshot.
    fn concerns(&self, replaced: &Replaced) -> bool {
        self.left
            .iter()
            .any(|(slot, first, last)| *slot == replaced.slot && (*first..=*last).contains(&replaced.number))
    }

    /// Counts the calls under way.
    fn count(&self, state: &State) -> Calls {
        let mut calls = Calls::default();
        for replaced in state.replaced.iter().filter(|replaced| self.concerns(replaced)) {
            let all = replaced.snapshot.strong_count();
            let own = if all == 0 { 0 } else { self.held_by_own(replaced.snapshot.as_ptr()) };
            let others = all.saturating_sub(own);
            calls.is_within |= own > 0;
            let is_given_up =
                replaced.given_up.is_some_and(|after| self.limit.is_some_and(|limit| limit <= after));
            *(if is_given_up { &mut calls.given_up } else { &mut calls.awaited }) += others;
        }
        calls
    }

    /// Returns how many references of a snapshot are those of calls that the drain is part of.
    #[cfg_attr(not(feature = "async"), allow(clippy::unused_self, reason = "as in builds with async calls"))]
    fn held_by_own(&self, snapshot: *const Snapshot) -> usize {
        #[cfg(feature = "async")]
        {
            let mut within = self.within.lock().unwrap_or_else(PoisonError::into_inner);
            let own = within.iter_mut().filter(|((held, _), _)| *held == snapshot.addr());
            let mut own = own.map(|(_, polled)| polled).peekable();
            if own.peek().is_some() {
                let this = threads::current();
                // One that another thread polls may hold nothing any more.
                let holds = |polled: &mut Polled| {
                    let elsewhere = polled.by.is_some_and(|by| by != this);
                    polled.is_missed |= elsewhere;
                    usize::from(!elsewhere)
                };
                return own.map(holds).sum();
            }
        }
        held_here(snapshot)
    }

    /// Returns whether there is no call to wait for.
    pub fn is_over(&self) -> bool {
        self.ends_with(&self.count(&self.drains.lock()))
    }

    /// Returns whether the drain is over with this count.
    fn ends_with(&self, calls: &Calls) -> bool {
        let is_over = calls.awaited == 0 || self.over.load(Ordering::SeqCst);
        self.over.store(is_over, Ordering::SeqCst);
        is_over
    }

    /// Notes that a call waits for the drain.
    #[cfg(feature = "async")]
    pub(crate) fn is_within(&self, call: WaitingCall) {
        if self
            .within
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(call, Polled::default())
            .is_none()
        {
            self.drains.tell();
        }
    }

    /// Notes whether this thread polls a call that waits for the drain.
    #[cfg(feature = "async")]
    pub(crate) fn is_polled(&self, call: WaitingCall, is_polled: bool) {
        let by = is_polled.then(threads::current);
        let mut within = self.within.lock().unwrap_or_else(PoisonError::into_inner);
        let before =
            within.get_mut(&call).map(|polled| std::mem::replace(polled, Polled { by, is_missed: false }));
        drop(within);
        if before.is_some_and(|polled| polled.is_missed) {
            self.drains.tell();
        }
    }

    /// Notes that a call that waited for the drain has ended.
    #[cfg(feature = "async")]
    pub(crate) fn is_without(&self, call: WaitingCall) {
        self.within.lock().unwrap_or_else(PoisonError::into_inner).remove(&call);
        self.drains.tell();
    }

    /// Gives up on the calls that are still under way: no later drain waits for them that has no longer limit. Returns the
    /// number of calls that this drain and others have given up.
    pub fn end(&self) -> usize {
        let mut state = self.drains.lock();
        let mut calls = self.count(&state);
        if self.over.load(Ordering::SeqCst) {
            // What waits for the drain may have gone on meanwhile.
            calls.awaited = 0;
        }
        if calls.awaited > 0 {
            for replaced in state.replaced.iter_mut().filter(|replaced| self.concerns(replaced)) {
                replaced.given_up = replaced.given_up.max(self.limit);
            }
        }
        calls.awaited + calls.given_up
    }

    /// Waits on the current thread until the calls have ended, up to its limit.
    ///
    /// A drain does not wait for the calls that the thread is in.
    pub fn wait(&self) {
        let _waiting = self.waiting();
        loop {
            // The clock may be the host's, so it is asked without the lock.
            let left = self.left();
            let state = self.drains.lock();
            let calls = self.count(&state);
            if self.ends_with(&calls) || left.is_some_and(|left| left.is_zero()) {
                return;
            }
            match self.look(left, calls.is_within) {
                Some(time) => drop(self.drains.ended.wait_timeout(state, time)),
                None => drop(self.drains.ended.wait(state)),
            }
        }
    }

    /// Returns whether the calls have ended. Otherwise `waker` is woken after the next end of one.
    #[cfg(feature = "async")]
    pub fn poll(&self, waker: Waker) -> bool {
        let mut state = self.drains.lock();
        let is_over = self.ends_with(&self.count(&state));
        if !is_over && !state.wakers.iter().any(|other| other.will_wake(&waker)) {
            state.wakers.push(waker);
        }
        is_over
    }

    /// Wakes everything that waits.
    #[cfg(feature = "async")]
    pub fn wake(&self) {
        self.drains.tell();
    }

    /// Returns a guard of a wait: as long as it exists, the drain is told of calls that end.
    pub fn waiting(&self) -> Waiting<'_> {
        Waiting::new(&self.drains)
    }

    /// Returns whether the drain is part of a call.
    #[cfg(feature = "async")]
    pub fn is_part_of_call(&self) -> bool {
        !self.within.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// A drain that waits.
pub struct Waiting<'d>(&'d Drains);

impl<'d> Waiting<'d> {
    fn new(drains: &'d Drains) -> Self {
        drains.waiting.fetch_add(1, Ordering::SeqCst);
        Self(drains)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erased::hazard_cell::HeldHere;

    #[test]
    fn a_drain_is_part_of_the_calls_of_its_own_thread_and_waits_for_the_others() {
        let drains = Arc::new(Drains::new(None));
        let snapshot = Arc::new(Snapshot::new(Vec::new(), None).measured_by(&drains));
        let call = Arc::clone(&snapshot);
        drains.note(&snapshot, 7);
        drop(snapshot);
        let drain = Drain::new(Arc::clone(&drains), vec![(7, 0, u64::MAX)]);
        let counted = || {
            let calls = drain.count(&drains.lock());
            (calls.awaited, calls.is_within)
        };
        // That of another thread: nothing has to look for its end.
        assert_eq!(counted(), (1, false));
        let here = HeldHere::note(&*call);
        assert_eq!(counted(), (0, true));
        drop(here);
        assert!(!drain.is_over());
        drop(call);
        assert!(drain.is_over());
        assert_eq!(counted(), (0, false));
    }

    #[cfg(feature = "async")]
    #[test]
    fn a_call_that_another_thread_polls_may_have_released_its_snapshot() {
        let drains = Arc::new(Drains::new(None));
        let snapshot = Arc::new(Snapshot::new(Vec::new(), None).measured_by(&drains));
        let (own, other) = (Arc::clone(&snapshot), Arc::clone(&snapshot));
        drains.note(&snapshot, 7);
        drop(snapshot);
        let drain = Arc::new(Drain::new(Arc::clone(&drains), vec![(7, 0, u64::MAX)]));
        let awaited = || drain.count(&drains.lock()).awaited;
        let call = (Arc::as_ptr(&own).addr(), 1);
        drain.is_within(call);
        assert_eq!(awaited(), 1);
        // On its own thread, the drain is polled by the call, which holds its snapshot.
        drain.is_polled(call, true);
        assert_eq!(awaited(), 1);
        drain.is_polled(call, false);
        let theirs = Arc::clone(&drain);
        let polling = std::thread::spawn(move || {
            theirs.is_polled(call, true);
            drop(own);
            theirs
        });
        let theirs = polling.join().unwrap();
        assert_eq!(awaited(), 1, "the other call is still under way");
        theirs.is_without(call);
        assert_eq!(awaited(), 1);
        drop(other);
        assert!(drain.is_over());
    }
}
