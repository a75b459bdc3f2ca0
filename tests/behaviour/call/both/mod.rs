//! Calls in every mode and form.

mod callers;
mod collecting;
mod control_flow;
mod default_bodies;
mod extra_built;
mod fast_first;
mod first_result;
mod guarded;
mod iterating;
mod pipeline;
mod reducers;
mod settled_pipelines;

use super::kind;
