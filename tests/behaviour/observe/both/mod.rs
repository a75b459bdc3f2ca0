//! Observers, spans and metrics of calls.

mod observers;
mod spans;

use super::kind;
