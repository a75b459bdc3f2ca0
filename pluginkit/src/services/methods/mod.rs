//! Services, as methods of managers and of the context of a plugin.

mod context;
mod manager;
