//! Wrappers: extensions that run around the rest of a call.

mod around;
mod around_borrows;
mod asynchronous;
mod futures;
mod sources;
mod tries;
