//! Circuit breakers: plugins that fail again and again are taken out of calls.
#![forbid(unsafe_code)]

mod breaker;
mod methods;

pub use breaker::{BreakerPolicy, CircuitBreaker, CircuitState};
