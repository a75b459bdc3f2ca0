//! Managers for one thread.

mod around;
mod borrows;
mod calls;
mod changes;
mod destructors;
mod exclusive;
mod guarded;
mod historic;
mod modes;
mod order;
mod overrides;
mod parameters;
mod refused;
mod registration;
mod wrappers;
