//! Plugins for the documentation of a Rust library. No file lists them: the generator finds them because it names this
//! crate.

mod badges;
mod report;
mod rustdoc;
