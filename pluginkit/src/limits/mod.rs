//! Reactions to failures: circuit breakers and failure policies.
//!
//! [`guide::limits`](crate::guide::limits) shows both, and timeouts and concurrency limits.

#![forbid(unsafe_code)]

mod breaker;
mod circuit;
#[cfg(all(feature = "config", feature = "macros"))]
mod configured;
mod methods;
mod part;
mod policy;

pub use crate::observe::circuit::CircuitState;
pub use crate::spec::failure_policy::FailurePolicy;
pub use breaker::CircuitBreaker;
pub use policy::BreakerPolicy;

/// Reads the limits of plugins from configurations.
#[cfg(all(feature = "config", feature = "macros"))]
pub(crate) fn install(registry: &crate::registry::Registry) {
    registry.set_limiter(&configured::FromConfig);
}
