//! Observers, spans and metrics of calls.

mod not_started;
mod observers;
mod sources;
mod spans;

use super::kind;
