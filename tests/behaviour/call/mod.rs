//! Calls in every mode and form.

mod around_modes;
mod asynchronous;
mod blocking;
mod cancellation;
mod concurrent;
mod executors;
mod guarded;
mod iterators;
mod matrix;
