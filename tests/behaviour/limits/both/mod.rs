//! Timeouts, failure policies, concurrency limits and circuit breakers.

mod breaker;
mod circuits;
mod clocks;
mod failure_policies;
mod runs;
mod timeouts;
mod wrappers;

use super::kind;
