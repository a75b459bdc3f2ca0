//! Reactions to failures: circuit breakers and failure policies.
//!
//! [`guide::limits`](crate::guide::limits) shows both, and timeouts and concurrency limits.

#![forbid(unsafe_code)]

mod breaker;
mod methods;

pub use crate::spec::failure_policy::FailurePolicy;
pub use breaker::{BreakerPolicy, CircuitBreaker, CircuitState};
