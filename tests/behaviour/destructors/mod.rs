//! Destructors that panic or call the manager.

mod futures;
mod handled;
mod observed;
mod reentrancy;
