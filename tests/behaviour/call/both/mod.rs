//! Calls in every mode and form.

mod callers;
mod collecting;
mod fast_first;
mod first_result;
mod guarded;
mod iterating;
mod pipeline;
mod settled_pipelines;

use super::kind;
