//! Timeouts, failure policies, concurrency limits and circuit breakers.

mod failure_policies;
mod max_blocking;
mod plugin_concurrency;
mod probes;
mod timeouts;
