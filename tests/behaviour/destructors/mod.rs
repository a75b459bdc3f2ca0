//! Destructors that panic or call the manager.

mod futures;
mod observed;
mod reentrancy;
