//! [`BreakerPolicy`]: when a circuit opens, and when it closes again.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use crate::base::clock::Clock;
use crate::base::drops::{Foreign, contain_quietly};
use crate::base::name::PluginId;
use crate::observe::observer::{Fault, FaultKind};
use crate::plugin::implementation::Excluded;

/// The policy of a [`CircuitBreaker`](crate::limits::CircuitBreaker): when it takes a plugin out of calls, and when it
/// tries the plugin again.
///
/// ```
/// use std::time::Duration;
/// use pluginkit::limits::BreakerPolicy;
/// use pluginkit::observe::FaultKind;
///
/// let policy = BreakerPolicy::new(3)
///     .retry_after(Duration::from_secs(30))
///     .count_if(|fault| fault.kind != FaultKind::Failed)
///     .for_plugin("geo", BreakerPolicy::by_rate(0.5, Duration::from_secs(60)).min_calls(20))
///     .required(["store"]);
/// ```
#[derive(Clone)]
#[must_use = "a policy does nothing before a manager breaks circuits by it"]
pub struct BreakerPolicy {
    pub(super) trips: Trips,
    pub(super) retry_after: Option<Duration>,
    pub(super) probes: u32,
    takes_wrappers: bool,
    counts: Option<Arc<Foreign<Box<Counts>>>>,
    plugins: HashMap<PluginId, Arc<BreakerPolicy>>,
    pub(super) required: HashSet<PluginId>,
    pub(super) clock: Option<Clock>,
}

/// When a circuit opens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Trips {
    /// After this number of failures in a row.
    InARow(u32),
    /// When this share of the runs within the time fails, of so many runs at least.
    ByRate { share: f64, window: Duration, min_calls: u32 },
}

/// Returns whether a failure counts.
type Counts = dyn Fn(&Fault<'_>) -> bool + Send + Sync;

/// The least number of runs by which a rate is judged, unless the policy sets another.
const MIN_CALLS: u32 = 10;

impl BreakerPolicy {
    fn of(trips: Trips) -> Self {
        Self {
            trips,
            retry_after: None,
            probes: 1,
            takes_wrappers: false,
            counts: None,
            plugins: HashMap::new(),
            required: HashSet::new(),
            clock: None,
        }
    }

    /// Returns a policy that opens a circuit after this number of failures in a row.
    ///
    /// # Panics
    ///
    /// Panics if `failures` is 0.
    #[track_caller]
    pub fn new(failures: u32) -> Self {
        assert!(failures > 0, "a circuit breaks after at least 1 failure, but `failures` is 0");
        Self::of(Trips::InARow(failures))
    }

    /// Returns a policy that opens a circuit when this share of the runs within `window` fails: `0.5` is one half.
    ///
    /// A circuit opens after [`min_calls`](Self::min_calls) runs at the earliest. The window moves in tenths of its length.
    ///
    /// # Panics
    ///
    /// Panics if `share` is not between 0 and 1, or 0, or if `window` is zero.
    #[track_caller]
    pub fn by_rate(share: f64, window: Duration) -> Self {
        assert!(share > 0.0 && share <= 1.0, "a share is more than 0 and at most 1, but `share` is {share}");
        assert!(!window.is_zero(), "failures are counted over a time, but `window` is zero");
        Self::of(Trips::ByRate { share, window, min_calls: MIN_CALLS })
    }

    /// Sets how many runs within the window a [rate](Self::by_rate) needs before it opens a circuit. The default is 10.
    /// A policy of failures in a row has no such number.
    pub fn min_calls(mut self, calls: u32) -> Self {
        if let Trips::ByRate { min_calls, .. } = &mut self.trips {
            *min_calls = calls;
        }
        self
    }

    /// Tries a plugin again after this time: its circuit is half-open from then on.
    ///
    /// Without a retry time, a circuit stays open until the host enables the plugin.
    pub fn retry_after(self, time: Duration) -> Self {
        Self { retry_after: Some(time), ..self }
    }

    /// Sets how many runs a half-open circuit lets through. The default is 1.
    ///
    /// The circuit closes when so many runs have succeeded, and opens again when one fails. Other calls leave the
    /// plugin out meanwhile.
    ///
    /// # Panics
    ///
    /// Panics if `probes` is 0.
    #[track_caller]
    pub fn probes(self, probes: u32) -> Self {
        assert!(probes > 0, "a plugin is tried again with at least 1 run, but `probes` is 0");
        Self { probes, ..self }
    }

    /// Takes wrappers out of calls, too, when a circuit opens.
    ///
    /// By default, wrappers stay in calls: a wrapper may protect what it wraps.
    pub fn including_wrappers(self) -> Self {
        Self { takes_wrappers: true, ..self }
    }

    /// Counts the failures for which `counts` returns true, and no other. A failure that does not count is a success.
    ///
    /// By default, each failure counts but the `Err` of a wrapper. `counts` runs under no lock, on the thread of the
    /// call. If it panics, the failure counts.
    pub fn count_if(self, counts: impl Fn(&Fault<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self { counts: Some(Arc::new(Foreign::new(Box::new(counts), None))), ..self }
    }

    /// Sets the policy of one plugin. Its required plugins and its clock are those of the policy that it is added to.
    pub fn for_plugin(mut self, plugin: impl Into<PluginId>, policy: Self) -> Self {
        self.plugins.insert(plugin.into(), Arc::new(policy));
        self
    }

    /// Never takes these plugins out of calls, nor the plugins that these plugins require.
    pub fn required(mut self, plugins: impl IntoIterator<Item = impl Into<PluginId>>) -> Self {
        self.required.extend(plugins.into_iter().map(Into::into));
        self
    }

    /// Sets the clock. The default is the clock of the manager.
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { clock: Some(Clock::new(now)), ..self }
    }

    /// Returns the policy of a plugin, if it has one of its own.
    pub(super) fn of_plugin(&self, plugin: &PluginId) -> Option<&Arc<Self>> {
        if self.plugins.is_empty() { None } else { self.plugins.get(plugin) }
    }

    /// Returns whether a failure counts. Runs code of the host.
    pub(super) fn counts(&self, fault: &Fault<'_>) -> bool {
        let Some(counts) = &self.counts else {
            return !(fault.is_wrapper && fault.kind == FaultKind::Failed);
        };
        let mut does = true;
        contain_quietly(&mut || does = counts(fault));
        does
    }

    /// Returns what an open circuit leaves out.
    pub(super) fn leaves_out(&self) -> Excluded {
        if self.takes_wrappers { Excluded::All } else { Excluded::Extensions }
    }

    /// Returns whether an open circuit leaves out a wrapper or, if it is none, an extension.
    pub(super) fn concerns(&self, is_wrapper: bool) -> bool {
        self.takes_wrappers || !is_wrapper
    }
}

impl fmt::Debug for BreakerPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("BreakerPolicy");
        match &self.trips {
            Trips::InARow(failures) => shown.field("failures", failures),
            Trips::ByRate { share, window, min_calls } => {
                shown.field("share", share).field("window", window).field("min_calls", min_calls)
            }
        };
        shown
            .field("retry_after", &self.retry_after)
            .field("probes", &self.probes)
            .field("takes_wrappers", &self.takes_wrappers)
            .field("plugins", &self.plugins)
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}
