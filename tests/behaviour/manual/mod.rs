//! Points and plugins without the macros.

mod asynchronous;
mod failures;
mod names;
mod pipeline;
mod points;
