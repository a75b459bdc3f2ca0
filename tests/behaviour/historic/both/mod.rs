//! Historic points: calls that are replayed to later plugins.

mod calls;
mod failures;
mod guarded;
mod recorder;
mod reentrancy;
mod replay_errors;

use super::kind;
