//! Reactions to failures: circuit breakers and failure policies.
//!
//! [`guide::limits`](crate::guide::limits) shows both, and timeouts and concurrency limits.

#![forbid(unsafe_code)]

mod breaker;
mod circuit;
mod methods;
mod policy;

pub use crate::spec::failure_policy::FailurePolicy;
pub use breaker::CircuitBreaker;
pub use circuit::CircuitState;
pub use policy::BreakerPolicy;
