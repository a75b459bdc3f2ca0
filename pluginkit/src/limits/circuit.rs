//! [`Circuit`]: the state of one plugin's circuit, and what changes it.
//!
//! It runs no foreign code, and is told the time.

use std::time::{Duration, SystemTime};

use crate::base::name::PluginId;
use crate::limits::policy::{BreakerPolicy, Trips};
use crate::observe::circuit::CircuitState;
use crate::observe::observer::Fault;

/// What the end of a run says of its plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Bad,
    Undecided,
}

/// The circuit of one plugin.
pub(super) struct Circuit {
    /// The name of its registration. The address of the name tells it from a later plugin of the same name.
    pub(super) plugin: PluginId,
    pub(super) state: CircuitState,
    /// The generation that its state is in. What began in an earlier one does not count.
    pub(super) generation: u64,
    in_a_row: u32,
    window: Window,
    /// Since when it is open or half-open.
    since: SystemTime,
    /// Whether the plugin is out of calls by now, where the circuit is open: if not, it is about to be.
    pub(super) is_left_out: bool,
    /// The runs of a half-open circuit that have not ended, and those that have succeeded.
    under_way: u32,
    succeeded: u32,
}

impl Circuit {
    /// Returns a closed circuit.
    pub(super) fn new(plugin: &PluginId) -> Self {
        Self {
            plugin: plugin.clone(),
            state: CircuitState::Closed,
            generation: 0,
            in_a_row: 0,
            window: Window::default(),
            since: SystemTime::UNIX_EPOCH,
            is_left_out: false,
            under_way: 0,
            succeeded: 0,
        }
    }

    /// Returns whether it is the circuit of this very registration.
    pub(super) fn is_of(&self, plugin: &PluginId) -> bool {
        self.plugin.is_same(plugin)
    }

    /// Changes its state.
    pub(super) fn enter(&mut self, state: CircuitState, generation: u64, now: SystemTime) {
        self.state = state;
        self.generation = generation;
        self.since = now;
        (self.is_left_out, self.under_way, self.succeeded) = (false, 0, 0);
        if state == CircuitState::Closed {
            self.in_a_row = 0;
            self.window = Window::default();
        }
    }

    /// Returns whether a half-open circuit lets one more run through, and counts it.
    pub(super) fn lets_through(&mut self, policy: &BreakerPolicy) -> bool {
        let has_place = self.under_way.saturating_add(self.succeeded) < policy.probes;
        self.under_way += u32::from(has_place);
        has_place
    }

    /// Returns whether it has been open for the retry time; or half-open, with runs that do not end.
    pub(super) fn is_due(&self, policy: &BreakerPolicy, now: SystemTime) -> bool {
        let Some(after) = policy.retry_after else { return false };
        let waits = match self.state {
            CircuitState::Closed => false,
            CircuitState::Open => self.is_left_out,
            CircuitState::HalfOpen => self.under_way > 0,
        };
        waits && now.duration_since(self.since).is_ok_and(|elapsed| elapsed >= after)
    }

    /// Takes in the end of a run that began in this generation. Returns the state that it should change to, if any.
    ///
    /// An end that `decides` is that of an implementation that an open circuit leaves out. Any other counts only if it
    /// is bad, while the circuit is closed.
    pub(super) fn take(
        &mut self,
        verdict: Verdict,
        decides: bool,
        policy: &BreakerPolicy,
        now: SystemTime,
    ) -> Option<CircuitState> {
        match self.state {
            CircuitState::Open => None,
            CircuitState::Closed => {
                match verdict {
                    Verdict::Good if decides => self.in_a_row = 0,
                    Verdict::Bad => self.in_a_row = self.in_a_row.saturating_add(1),
                    Verdict::Good | Verdict::Undecided => return None,
                }
                let is_bad = verdict == Verdict::Bad;
                let trips = match policy.trips {
                    Trips::InARow(failures) => self.in_a_row >= failures,
                    Trips::ByRate { share, window, min_calls } => {
                        self.window.add(is_bad, window, now);
                        let Runs { all, bad } = self.window.sum(window, now);
                        all >= min_calls && f64::from(bad) >= share * f64::from(all)
                    }
                };
                (is_bad && trips).then_some(CircuitState::Open)
            }
            CircuitState::HalfOpen if !decides => None,
            CircuitState::HalfOpen => {
                self.under_way = self.under_way.saturating_sub(1);
                match verdict {
                    Verdict::Undecided => None,
                    Verdict::Good => {
                        self.succeeded += 1;
                        (self.succeeded >= policy.probes).then_some(CircuitState::Closed)
                    }
                    Verdict::Bad => {
                        self.in_a_row = self.in_a_row.saturating_add(1);
                        Some(CircuitState::Open)
                    }
                }
            }
        }
    }

    /// Returns the reason why it opens, with its last failure.
    pub(super) fn reason(&self, policy: &BreakerPolicy, last: &Fault<'_>, now: SystemTime) -> String {
        let Fault { point, kind, .. } = last;
        match policy.trips {
            Trips::ByRate { window, .. } if self.state == CircuitState::Closed => {
                let Runs { all, bad } = self.window.sum(window, now);
                format!("failed in {bad} of {all} runs within {window:?}, at last by {kind} in `{point}`")
            }
            Trips::InARow(_) if self.in_a_row > 1 => {
                format!("failed {} times in a row, at last by {kind} in `{point}`", self.in_a_row)
            }
            _ => format!("failed by {kind} in `{point}`"),
        }
    }
}

/// Runs and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Runs {
    all: u32,
    bad: u32,
}

/// The number of slices of a window.
const SLICES: usize = 10;

/// The runs of the last time, in slices.
#[derive(Clone, Copy, Debug, Default)]
struct Window([(u128, Runs); SLICES]);

impl Window {
    /// Returns the number of the slice that is now.
    fn now(window: Duration, now: SystemTime) -> u128 {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        since.as_nanos() / (window.as_nanos() / SLICES as u128).max(1)
    }

    fn add(&mut self, is_bad: bool, window: Duration, now: SystemTime) {
        let number = Self::now(window, now);
        let index = usize::try_from(number % SLICES as u128).unwrap_or_default();
        let slice = &mut self.0[index];
        if slice.0 != number {
            *slice = (number, Runs::default());
        }
        slice.1.all = slice.1.all.saturating_add(1);
        slice.1.bad = slice.1.bad.saturating_add(u32::from(is_bad));
    }

    fn sum(&self, window: Duration, now: SystemTime) -> Runs {
        let number = Self::now(window, now);
        let is_recent = |slice: u128| slice <= number && number - slice < SLICES as u128;
        let recent = self.0.iter().filter(|(slice, _)| is_recent(*slice));
        recent.fold(Runs::default(), |sum, (_, runs)| Runs {
            all: sum.all.saturating_add(runs.all),
            bad: sum.bad.saturating_add(runs.bad),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_window_forgets_what_is_older_than_it() {
        let (mut window, length) = (Window::default(), Duration::from_secs(10));
        for second in 0..10 {
            window.add(second % 2 == 0, length, at(100 + second));
        }
        assert_eq!(window.sum(length, at(109)), Runs { all: 10, bad: 5 });
        assert_eq!(window.sum(length, at(112)), Runs { all: 7, bad: 3 });
        window.add(true, length, at(112));
        assert_eq!(window.sum(length, at(112)), Runs { all: 8, bad: 4 });
        assert_eq!(window.sum(length, at(200)), Runs::default());
    }

    #[test]
    fn a_clock_that_goes_back_hides_what_is_ahead_of_it() {
        let (mut window, length) = (Window::default(), Duration::from_secs(10));
        window.add(true, length, at(105));
        assert_eq!(window.sum(length, at(100)), Runs::default());
        assert_eq!(window.sum(length, at(105)), Runs { all: 1, bad: 1 });
        window.add(true, length, SystemTime::UNIX_EPOCH - Duration::from_secs(5));
        window.add(true, Duration::from_nanos(1), at(3));
    }
}
