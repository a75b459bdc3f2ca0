//! Starting, stopping and replacing plugins.

mod drains;
mod forgotten;
mod manager_drop;
mod requests;
mod tasks;
mod threads;
