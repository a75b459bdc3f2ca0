//! Points and plugins without the macros.

mod asynchronous;
mod failures;
mod modes;
mod pipeline;
mod plain_caller;
mod points;

use plain_caller::PlainCaller;
