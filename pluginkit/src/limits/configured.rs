//! The limits of plugins that stand in a configuration.

use std::collections::HashMap;
#[cfg(feature = "tokio")]
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError};

use crate::base::name::PluginId;
use crate::config::limits::{BreakerLimits, PluginLimits};
use crate::config::{ConfigProblem, PluginConfig, ProblemKind};
use crate::limits::breaker::{CircuitBreaker, Policies};
use crate::limits::part::LimitsPart;
use crate::limits::policy::BreakerPolicy;
use crate::registry::{Limiter, Registry, Timeouts};

/// What a configuration has set for a plugin.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Set {
    timeout: bool,
    #[cfg(feature = "tokio")]
    max_concurrent: Option<NonZeroUsize>,
}

/// Reads the limits of plugins.
pub(super) struct FromConfig;

impl Limiter for FromConfig {
    fn check(&self, registry: &Registry, config: &PluginConfig) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        for (name, limits) in config.limits() {
            let of_key = |problem: ConfigProblem, key: &str| {
                problem.of_plugin(name).at_key(format!("limits.{name}.{key}"))
            };
            if limits.max_concurrent.is_some()
                && let Some(why) = why_not_concurrent(registry)
            {
                let problem = ConfigProblem::new(ProblemKind::UnknownKey, limits.at.clone(), why);
                problems.push(of_key(problem, "max_concurrent"));
            }
            if let Some(Err((key, message))) = limits.breaker.as_ref().map(policy) {
                let at = limits.breaker.as_ref().map_or(&limits.at, |breaker| &breaker.at);
                let problem = ConfigProblem::new(ProblemKind::Missing, at.clone(), message);
                problems.push(of_key(problem, key));
            }
        }
        problems
    }

    fn timeouts(&self, registry: &Registry, config: &PluginConfig) -> Timeouts {
        let set = registry.part::<LimitsPart>().set.lock().unwrap_or_else(PoisonError::into_inner);
        let before = set.iter().filter(|(_, set)| set.timeout);
        let mut timeouts: HashMap<_, _> = before.map(|(plugin, _)| (plugin.clone(), None)).collect();
        drop(set);
        let now = config.limits().filter(|(_, limits)| limits.timeout.is_some());
        timeouts.extend(now.map(|(id, limits)| (id.into(), limits.timeout)));
        Arc::new(timeouts)
    }

    fn apply(&self, registry: &Registry, config: &PluginConfig) {
        let part = registry.part::<LimitsPart>();
        let limits: HashMap<PluginId, &PluginLimits> =
            config.limits().map(|(id, limits)| (id.into(), limits)).collect();
        let set = limits.iter().map(|(id, limits)| {
            let set = Set {
                timeout: limits.timeout.is_some(),
                #[cfg(feature = "tokio")]
                max_concurrent: limits.max_concurrent,
            };
            (id.clone(), set)
        });
        let before = {
            let mut known = part.set.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *known, set.collect())
        };
        // A plugin that is not there yet has no limits yet. Another one may have its id as an alias.
        let is_there = |id: &PluginId| registry.id_of(id).as_ref() == Some(id);
        for (id, set) in before.iter().filter(|(id, _)| is_there(id)) {
            let now = limits.get(id);
            if set.timeout && now.is_none_or(|now| now.timeout.is_none()) {
                let _ = registry.set_plugin_timeout(id, None);
            }
            #[cfg(feature = "tokio")]
            if set.max_concurrent.is_some() && now.is_none_or(|now| now.max_concurrent.is_none()) {
                let _ = registry.set_plugin_permits(id, None);
            }
        }
        for (id, now) in limits.iter().filter(|(id, _)| is_there(id)) {
            if now.timeout.is_some() {
                let _ = registry.set_plugin_timeout(id, now.timeout);
            }
            #[cfg(feature = "tokio")]
            if now.max_concurrent.is_some() {
                // Those under way keep their permits.
                let is_set = before.get(id).is_some_and(|set| set.max_concurrent == now.max_concurrent)
                    && registry.entry(id).is_some_and(|entry| entry.has_permits());
                if !is_set {
                    let _ = registry.set_plugin_permits(id, now.max_concurrent);
                }
            }
        }
        let policies = limits.into_iter().filter_map(|(id, limits)| {
            let policy = policy(limits.breaker.as_ref()?).ok()?;
            Some((id, Arc::new(policy)))
        });
        let has_any = part.own.replace(policies.collect());
        let breaker = || part.configured.lock().unwrap_or_else(PoisonError::into_inner);
        let known = breaker().take();
        let made = known.or_else(|| {
            has_any.then(|| CircuitBreaker::new(Policies::Configured(Arc::clone(&part.own)), registry))
        });
        made.iter().for_each(CircuitBreaker::release);
        let _other = std::mem::replace(&mut *breaker(), made);
    }
}

/// Returns why a manager does not limit how many extensions of a plugin run at once.
#[cfg_attr(
    not(feature = "tokio"),
    allow(clippy::unnecessary_wraps, reason = "an async manager with tokio limits it")
)]
fn why_not_concurrent(registry: &Registry) -> Option<&'static str> {
    if !registry.is_async() {
        return Some("a `PluginManager` has no `max_concurrent`, as the host has the threads; remove it");
    }
    (!cfg!(feature = "tokio"))
        .then_some("`max_concurrent` needs the feature `tokio`; add it, or remove the key")
}

/// Returns the policy of a plugin.
///
/// # Errors
///
/// Returns the key that is wrong, and why.
fn policy(breaker: &BreakerLimits) -> Result<BreakerPolicy, (&'static str, &'static str)> {
    let policy = match (breaker.failures, breaker.rate, breaker.window) {
        (Some(failures), None, _) => BreakerPolicy::new(failures),
        (None, Some(rate), Some(window)) => BreakerPolicy::by_rate(rate, window),
        (None, Some(_), None) => {
            return Err(("breaker.window", "a rate is counted over a time; set `window`"));
        }
        (Some(_), Some(_), _) => {
            return Err(("breaker.rate", "a circuit opens by `failures` in a row or by `rate`; remove one"));
        }
        (None, None, _) => {
            return Err((
                "breaker.failures",
                "nothing opens the circuit; set `failures`, or `rate` and `window`",
            ));
        }
    };
    let policy = breaker.min_calls.into_iter().fold(policy, BreakerPolicy::min_calls);
    let policy = breaker.retry_after.into_iter().fold(policy, BreakerPolicy::retry_after);
    let policy = breaker.probes.into_iter().fold(policy, BreakerPolicy::probes);
    Ok(if breaker.wrappers == Some(true) { policy.including_wrappers() } else { policy })
}
