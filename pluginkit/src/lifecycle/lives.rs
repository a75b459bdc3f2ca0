//! [`Lives`]: what the lives of a manager's plugins share, and how two operations on them keep clear of
//! each other.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::base::futures::now;
use crate::base::sync::{AtomicBool, AtomicU64, Mutex, MutexGuard, thread_local};
use crate::base::topology::reach;
use crate::error::Error;
use crate::lifecycle::Conductor;
use crate::lifecycle::drain::DEFAULT_LIMIT;
use crate::lifecycle::driver::{driver_of, point_of};
use crate::plugin::Phase;
use crate::registry::{Entry, Registry, RegistryPart};

/// State that the lives of a manager's plugins share.
#[derive(Default)]
pub(crate) struct Lives {
    /// The number of starts that have begun.
    begun_starts: AtomicU64,
    /// The number of starts that have ended.
    ended_starts: AtomicU64,
    /// Whether something was asked of plugins that changes keep from it.
    has_asked: AtomicBool,
    /// Locked while an operation claims a plugin, never while code of plugins runs.
    decisions: Mutex<()>,
    /// Which plugin waits for which, by their addresses.
    waits: Mutex<Vec<(usize, usize)>>,
    settings: Mutex<Settings>,
    /// Whether all plugins were started, and were not stopped since.
    runs: AtomicBool,
    /// Whether the manager is being dropped: its plugins stop without a wait for calls.
    closes: AtomicBool,
}

/// The settings of a manager for the lives of its plugins.
struct Settings {
    drain_limit: Option<Duration>,
    calls_follow_states: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { drain_limit: Some(DEFAULT_LIMIT), calls_follow_states: true }
    }
}

thread_local! {
    /// The addresses of the plugins that this thread runs a phase of, the innermost last.
    ///
    /// It has no destructor, so that destructors of other thread locals can start and stop plugins. Between phases it
    /// owns no memory.
    static WITHIN: ManuallyDrop<RefCell<Vec<usize>>> = const { ManuallyDrop::new(RefCell::new(Vec::new())) };
}

fn within<R>(look: impl FnOnce(&mut Vec<usize>) -> R) -> R {
    WITHIN.with(|within| look(&mut within.borrow_mut()))
}

fn address(life: &Entry) -> usize {
    std::ptr::from_ref(life).addr()
}

impl Registry {
    pub(crate) fn lives(&self) -> &Lives {
        self.part()
    }

    /// Lets the states of plugins decide on their calls, or not.
    pub(crate) fn set_calls_follow_states(&self, follow: bool) {
        let gates = if follow { &[Phase::Init, Phase::Start][..] } else { &[] };
        self.set_gates(gates.iter().map(|phase| point_of(*phase)));
        self.lives().settings().calls_follow_states = follow;
    }
}

impl RegistryPart for Lives {
    /// Stops the plugins of a sync manager, as far as they are started. An async manager cannot await their phases:
    /// it tells what the plugins have set going that this is to end.
    fn close(&self, registry: &Arc<Registry>) {
        let entries = registry.entries();
        if registry.is_async() {
            for entry in entries {
                entry.tell_end();
            }
            return;
        }
        let is_any_active = entries.iter().any(|entry| entry.is_active());
        drop(entries);
        if is_any_active {
            // A drop must not wait for an iterator that the same thread holds.
            self.closes.store(true, Ordering::Relaxed);
            let _ = now(Conductor::new(registry, driver_of(registry)).stop_all());
        }
    }
}

impl Lives {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how long a stop waits for calls; `None` if it waits for as long as they take.
    pub(crate) fn drain_limit(&self) -> Option<Duration> {
        self.settings().drain_limit
    }

    pub(crate) fn set_drain_limit(&self, limit: Option<Duration>) {
        self.settings().drain_limit = limit;
    }

    /// Returns whether the state of a plugin decides on its calls.
    pub(crate) fn calls_follow_states(&self) -> bool {
        self.settings().calls_follow_states
    }

    /// Returns whether the manager runs: plugins that a load adds are started.
    pub(crate) fn runs(&self) -> bool {
        self.runs.load(Ordering::Relaxed)
    }

    pub(crate) fn closes(&self) -> bool {
        self.closes.load(Ordering::Relaxed)
    }

    /// Sets whether the manager runs, and returns whether it did before.
    pub(crate) fn set_runs(&self, runs: bool) -> bool {
        self.runs.swap(runs, Ordering::Relaxed)
    }

    /// Notes that something is asked of a plugin that a change keeps from it.
    pub(crate) fn note_asked(&self) {
        self.has_asked.store(true, Ordering::SeqCst);
    }

    /// Returns whether something was asked since the last time.
    pub(crate) fn take_asked(&self) -> bool {
        self.has_asked.swap(false, Ordering::SeqCst)
    }

    /// Returns the number of a start that begins.
    pub(crate) fn next_begun(&self) -> u64 {
        self.begun_starts.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Returns the number of a start that ends.
    pub(crate) fn next_start(&self) -> u64 {
        self.ended_starts.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn decide(&self) -> MutexGuard<'_, ()> {
        self.decisions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the phase this thread is in, if it is in one, waits for `life`.
    ///
    /// # Errors
    ///
    /// If that plugin waits for this one in turn, so that the wait would never end.
    pub(crate) fn wait_for(&self, life: &Entry) -> Result<Waiting<'_>, Error> {
        let target = address(life);
        let within = within(|within| within.clone());
        let Some(&waiter) = within.last() else { return Ok(Waiting { lives: self, edge: None }) };
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        let waited_for = |own: &usize| {
            let own = *own;
            waits.iter().filter(move |(from, _)| *from == own).map(|(_, to)| *to).collect::<Vec<_>>()
        };
        if reach([target], waited_for).iter().any(|reached| within.contains(reached)) {
            let (plugin, state) = (life.id().clone(), life.state());
            return Err(Error::LifecycleBusy { plugin, state });
        }
        waits.push((waiter, target));
        Ok(Waiting { lives: self, edge: Some((waiter, target)) })
    }

    /// Runs `work`, a phase of `life`, and notes meanwhile that it is under way.
    pub(crate) async fn within<T>(&self, life: &Entry, work: impl Future<Output = T>) -> T {
        let own = address(life);
        // A phase that runs another plugin's phase waits for it.
        let outer = within(|within| within.last().copied());
        let _waiting = Waiting { lives: self, edge: outer.map(|outer| (outer, own)) };
        if let Some(outer) = outer {
            self.waits.lock().unwrap_or_else(PoisonError::into_inner).push((outer, own));
        }
        let mut work = pin!(work);
        std::future::poll_fn(|cx| {
            let _inside = Inside::enter(own);
            work.as_mut().poll(cx)
        })
        .await
    }

    /// Runs `work` as if in a phase of `life`, which it must not wait for.
    pub(crate) fn run_within(life: &Entry, work: impl FnOnce()) {
        let _inside = Inside::enter(address(life));
        work();
    }

    /// Returns whether this thread is in a phase of `life`.
    pub(crate) fn is_within(life: &Entry) -> bool {
        within(|within| within.contains(&address(life)))
    }
}

/// A wait that is under way.
pub(crate) struct Waiting<'l> {
    lives: &'l Lives,
    edge: Option<(usize, usize)>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(edge) = self.edge else { return };
        let mut waits = self.lives.waits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = waits.iter().position(|other| *other == edge) {
            waits.swap_remove(at);
        }
    }
}

/// This thread's being in a phase.
struct Inside;

impl Inside {
    fn enter(life: usize) -> Self {
        within(|within| within.push(life));
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        within(|within| {
            within.pop();
            if within.is_empty() {
                *within = Vec::new();
            }
        });
    }
}
