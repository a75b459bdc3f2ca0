//! Destructors that panic or call the manager.

mod around;
mod futures;
mod handled;
mod observed;
mod reentrancy;
