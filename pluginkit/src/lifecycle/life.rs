//! [`Life`]: where one plugin is in its life, kept with its entry.

#[cfg(feature = "async")]
use std::sync::Arc;
use std::sync::PoisonError;
use std::task::Waker;
#[cfg(feature = "async")]
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use crate::base::drops::wake_each;
use crate::base::signal::CancellationSignal;
use crate::base::sync::{Condvar, Mutex, MutexGuard};
use crate::lifecycle::Lives;
#[cfg(feature = "async")]
use crate::lifecycle::shared::Shared;
use crate::plugin::{Cause, Phase, PluginDescriptor, PluginState};
use crate::registry::{Entry, EntryPart};

/// The state of a plugin's life.
pub(crate) struct Life {
    status: Mutex<Status>,
    settled: Condvar,
}

/// The state of a plugin.
pub(crate) struct Status {
    pub(crate) state: PluginState,
    /// When it entered this state.
    pub(crate) since: SystemTime,
    pub(crate) failure: Option<(Phase, Cause)>,
    /// Whether its `init` ended well, so that its `unload` is due.
    pub(crate) unload_due: bool,
    /// Whether its `start` ended well, so that its `stop` is due.
    pub(crate) stop_due: bool,
    /// The number of its last start among all starts that ended.
    pub(crate) start: u64,
    /// The number of its last start among all starts that began.
    pub(crate) begun: u64,
    /// Whether an operation takes it away, so that others do not start it.
    pub(crate) away: Option<Away>,
    /// What was asked of it while a change takes it away, or what it requires. The change does that in the end.
    pub(crate) asked: Option<Asked>,
    /// How long its stop waits for calls, if the plugin has a limit of its own.
    drain_limit: Option<Duration>,
    /// The number of calls that were still under way at the drain limit of its last stop.
    pub(crate) calls_left: usize,
    signal: CancellationSignal,
    waiting: Vec<Waker>,
    /// Returns the phases that are under way.
    #[cfg(feature = "async")]
    shared: Option<Arc<Shared>>,
}

/// An operation that comes beside a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Start,
    Stop,
}

/// The state of a plugin before a change.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Before {
    /// Whether it was started, or about to be.
    pub(crate) ran: bool,
    pub(crate) was_active: bool,
}

/// An operation that takes a plugin away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Away {
    /// It is being removed.
    Removed,
    /// The change with this number replaces it, removes it or restarts it in place. If the change fails, it runs as
    /// before.
    Changed(u64),
}

impl Away {
    fn is_changed(self) -> bool {
        matches!(self, Self::Changed(_))
    }
}

impl Life {
    fn new(now: SystemTime) -> Self {
        let status = Status {
            state: PluginState::Loaded,
            since: now,
            failure: None,
            unload_due: false,
            stop_due: false,
            start: 0,
            begun: 0,
            away: None,
            asked: None,
            drain_limit: None,
            calls_left: 0,
            signal: CancellationSignal::new(),
            waiting: Vec::new(),
            #[cfg(feature = "async")]
            shared: None,
        };
        Self { status: Mutex::new(status), settled: Condvar::new() }
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EntryPart for Life {
    fn describe(&self, descriptor: &mut PluginDescriptor) {
        let (state, since, failure, calls_left) = {
            let status = self.status();
            (status.state, status.since, status.failure.clone(), status.calls_left)
        };
        descriptor.state = state;
        descriptor.calls_left = calls_left;
        descriptor.last_state_change = since;
        descriptor.set_failure(failure.map(|(_, cause)| cause));
    }

    fn state(&self) -> Option<PluginState> {
        Some(self.status().state)
    }

    fn is_available(&self) -> bool {
        !matches!(self.status().state, PluginState::Stopped | PluginState::Failed)
    }

    /// Tells what the plugin set going that this is to end.
    fn left(&self) {
        let signal = self.status().signal.clone();
        signal.cancel();
    }
}

/// The life of a plugin.
impl Entry {
    fn life(&self) -> &Life {
        self.part(|| Life::new(self.loaded_at()))
    }

    pub(crate) fn status(&self) -> MutexGuard<'_, Status> {
        self.life().status()
    }

    /// Cancels the signal of the plugin, if its phases were given one.
    pub(crate) fn tell_end(&self) {
        if let Some(life) = self.part_if_any::<Life>() {
            life.left();
        }
    }

    /// Returns whether it runs or is about to, or a failed start left something to stop.
    pub(crate) fn is_active(&self) -> bool {
        self.part_if_any::<Life>().is_some_and(|life| life.status().is_active())
    }

    pub(crate) fn state(&self) -> PluginState {
        self.status().state
    }

    /// Returns how long a stop waits for calls, if the plugin has a limit of its own.
    pub(crate) fn drain_limit(&self) -> Option<Duration> {
        self.part_if_any::<Life>().and_then(|life| life.status().drain_limit)
    }

    pub(crate) fn set_drain_limit(&self, limit: Duration) {
        self.status().drain_limit = Some(limit);
    }

    /// Notes that it is to be started when the change ends that takes `other` away. Returns false if that change is over.
    pub(crate) fn ask_start(&self, other: &Self, lives: &Lives) -> bool {
        self.status().asked = Some(Asked::Start);
        lives.note_asked();
        // A change that ends looks at what was asked after it gives its plugins back.
        let is_changing = other.status().away.is_some_and(Away::is_changed);
        if !is_changing {
            self.status().asked = None;
        }
        is_changing
    }

    /// Returns whether this was asked of it.
    pub(crate) fn is_asked(&self, what: Asked) -> bool {
        self.status().asked == Some(what)
    }

    /// Takes note that this was asked of it. Returns whether it was.
    pub(crate) fn take_asked(&self, what: Asked) -> bool {
        self.status().asked.take_if(|asked| *asked == what).is_some()
    }

    /// Keeps other operations from the plugin for the change with this number, unless it is being removed.
    ///
    /// Returns its state, of which the change goes out: what is asked of it from now on is done when the change ends.
    pub(crate) fn set_changed(&self, change: u64) -> Before {
        let mut status = self.status();
        status.away.get_or_insert(Away::Changed(change));
        let ran = matches!(status.state, PluginState::Starting | PluginState::Started);
        Before { ran, was_active: status.is_active() }
    }

    /// Lets other operations at the plugin again, after a change.
    pub(crate) fn set_unchanged(&self, change: u64) {
        self.status().away.take_if(|away| *away == Away::Changed(change));
    }

    /// Hands over to the plugin that replaces it what was asked of it.
    pub(crate) fn pass_asked(&self, to: &Self) {
        let asked = self.status().asked.take();
        to.status().asked = asked;
    }

    /// Notes that it is to be stopped, should a change take it away now.
    pub(crate) fn ask_stop(&self) {
        if let Some(life) = self.part_if_any::<Life>() {
            let mut status = life.status();
            let is_changing = status.away.is_some_and(Away::is_changed);
            status.asked = is_changing.then_some(Asked::Stop);
        }
    }

    pub(crate) fn signal(&self) -> CancellationSignal {
        self.status().signal.clone()
    }

    /// Makes a signal for a start that begins. Returns the old one, to be dropped without a lock.
    #[must_use = "it must not be dropped under a lock"]
    pub(crate) fn renew_signal(&self) -> CancellationSignal {
        std::mem::take(&mut self.status().signal)
    }

    /// Changes the state at the time `now`, and wakes whatever waits for it to settle. Returns the result of `change`,
    /// which hands out what must not be dropped under the lock.
    pub(crate) fn change<R>(&self, now: SystemTime, change: impl FnOnce(&mut Status) -> R) -> R {
        #[cfg(feature = "async")]
        let _ended;
        let (result, waiting) = {
            let mut status = self.status();
            let result = change(&mut status);
            status.since = now;
            #[cfg(feature = "async")]
            {
                _ended = status.shared.take();
            }
            let waiting = if status.is_settled() { std::mem::take(&mut status.waiting) } else { Vec::new() };
            (result, waiting)
        };
        self.life().settled.notify_all();
        wake_each(waiting);
        result
    }

    /// Waits on the current thread until no phase is under way.
    pub(crate) fn wait(&self) {
        let life = self.life();
        let mut status = life.status();
        while !status.is_settled() {
            status = life.settled.wait(status).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes the phases that are under way, for operations that wait for them.
    #[cfg(feature = "async")]
    pub(crate) fn share(&self, shared: Arc<Shared>) {
        let waiting = {
            let mut status = self.status();
            if status.is_settled() {
                return;
            }
            status.shared = Some(shared);
            std::mem::take(&mut status.waiting)
        };
        wake_each(waiting);
    }

    /// Returns the phases that are under way.
    #[cfg(feature = "async")]
    pub(crate) fn shared(&self) -> Option<Arc<Shared>> {
        self.status().shared.clone()
    }

    /// Returns whether no phase is under way. Otherwise the task is woken when the phase has ended.
    #[cfg(feature = "async")]
    pub(crate) fn poll_settled(&self, cx: &Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut status = self.status();
        if status.is_settled() {
            return Poll::Ready(());
        }
        if !status.waiting.iter().any(|other| other.will_wake(&waker)) {
            status.waiting.push(waker);
        }
        Poll::Pending
    }
}

impl Status {
    /// Returns whether no phase is under way.
    pub(crate) fn is_settled(&self) -> bool {
        !matches!(self.state, PluginState::Starting | PluginState::Stopping)
    }

    /// Returns whether it runs or is about to, or a failed start left something to stop.
    pub(crate) fn is_active(&self) -> bool {
        match self.state {
            PluginState::Starting | PluginState::Started | PluginState::Stopping => true,
            PluginState::Failed => self.stop_due || self.unload_due,
            PluginState::Loaded | PluginState::Stopped => false,
        }
    }

    /// Returns the phases that undo those that ended well.
    pub(crate) fn due(&self) -> impl Iterator<Item = Phase> + use<> {
        let stop = self.stop_due.then_some(Phase::Stop);
        stop.into_iter().chain(self.unload_due.then_some(Phase::Unload))
    }

    /// Notes that a phase ended well.
    pub(crate) fn note(&mut self, phase: Phase) {
        match phase {
            Phase::Init => self.unload_due = true,
            Phase::Start => self.stop_due = true,
            Phase::Stop => self.stop_due = false,
            Phase::Unload => self.unload_due = false,
        }
    }
}
