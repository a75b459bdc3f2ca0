//! Observers, spans and metrics of calls.

mod passed_on;
mod spans;
pub mod tree;
