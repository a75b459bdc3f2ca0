//! Historic points: calls that are replayed to later plugins.

mod asynchronous;
mod batches;
