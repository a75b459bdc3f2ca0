//! Starting, stopping and replacing plugins.

mod forgotten;
mod manager_drop;
mod requests;
mod tasks;
mod threads;
