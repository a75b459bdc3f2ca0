//! Observers, spans and metrics of calls.

mod observers;
mod sources;
mod spans;

use super::kind;
