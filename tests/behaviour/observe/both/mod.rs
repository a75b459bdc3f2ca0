//! Observers, spans and metrics of calls.

mod not_started;
mod observers;
mod spans;

use super::kind;
