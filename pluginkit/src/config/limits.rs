//! [`PluginLimits`]: the limits of a plugin, as a configuration has them.
#![forbid(unsafe_code)]

use std::num::NonZeroUsize;
use std::time::Duration;

use super::Location;
use super::by_plugin::OfPlugin;
#[cfg(feature = "macros")]
use super::plugin_config::PluginConfig;

/// The limits of a plugin, merged from all sources.
#[derive(Clone, Debug)]
pub struct PluginLimits {
    /// The place in the first source.
    pub at: Location,
    /// The time limit of each extension.
    pub timeout: Option<Duration>,
    /// The greatest number of calls at the same time.
    pub max_concurrent: Option<NonZeroUsize>,
    /// The circuit breaker.
    pub breaker: Option<BreakerLimits>,
}

/// The circuit of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakerLimits {
    /// The place in the configuration.
    pub at: Location,
    /// The number of failures in a row that opens the circuit.
    pub failures: Option<u32>,
    /// The rate of failures that opens the circuit.
    pub rate: Option<f64>,
    /// The time over which the rate is counted.
    pub window: Option<Duration>,
    /// The number of calls without which the rate does not count.
    pub min_calls: Option<u32>,
    /// The time after which an open circuit lets a call through.
    pub retry_after: Option<Duration>,
    /// The number of calls that a half-open circuit lets through.
    pub probes: Option<u32>,
    /// Whether the failures of wrappers count.
    pub wrappers: Option<bool>,
}

impl PluginLimits {
    pub(super) fn new(at: Location) -> Self {
        Self { at, timeout: None, max_concurrent: None, breaker: None }
    }

    /// Returns whether both are the same limits, wherever they stand.
    #[cfg(feature = "macros")]
    pub fn is_same(&self, other: &Self) -> bool {
        let moved = |breaker: &BreakerLimits| BreakerLimits { at: other.at.clone(), ..breaker.clone() };
        self.timeout == other.timeout
            && self.max_concurrent == other.max_concurrent
            && self.breaker.as_ref().map(moved) == other.breaker.as_ref().map(moved)
    }
}

impl OfPlugin for PluginLimits {
    #[cfg(feature = "macros")]
    const CONTENTS: &'static str = "limits for";

    #[cfg(feature = "macros")]
    fn at(&self) -> &Location {
        &self.at
    }

    fn update(&mut self, upper: &Self) {
        self.timeout = upper.timeout.or(self.timeout);
        self.max_concurrent = upper.max_concurrent.or(self.max_concurrent);
        match (&mut self.breaker, &upper.breaker) {
            (Some(lower), Some(upper)) => lower.update(upper),
            (lower, Some(upper)) => *lower = Some(upper.clone()),
            (_, None) => {}
        }
    }
}

impl BreakerLimits {
    pub(super) fn new(at: Location) -> Self {
        Self {
            at,
            failures: None,
            rate: None,
            window: None,
            min_calls: None,
            retry_after: None,
            probes: None,
            wrappers: None,
        }
    }

    fn update(&mut self, upper: &Self) {
        // Failures in a row and a rate exclude each other: the later one counts.
        if upper.failures.is_some() || upper.rate.is_some() {
            (self.failures, self.rate) = (upper.failures, upper.rate);
        }
        self.window = upper.window.or(self.window);
        self.min_calls = upper.min_calls.or(self.min_calls);
        self.retry_after = upper.retry_after.or(self.retry_after);
        self.probes = upper.probes.or(self.probes);
        self.wrappers = upper.wrappers.or(self.wrappers);
        self.at = upper.at.clone();
    }
}

#[cfg(feature = "macros")]
impl PluginConfig {
    /// Returns the limits of each plugin, by the names that the sources use.
    #[doc(hidden)]
    pub fn limits(&self) -> impl Iterator<Item = (&str, &PluginLimits)> {
        self.resolved().limits.iter()
    }
}
