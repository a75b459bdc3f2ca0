//! The code that the attributes share.

pub(crate) mod attributes;
pub(crate) mod bodies;
pub(crate) mod checks;
pub(crate) mod debug;
pub(crate) mod editor;
pub(crate) mod errors;
pub(crate) mod grammar;
pub(crate) mod krate;
pub(crate) mod lifetimes;
pub(crate) mod names;
pub(crate) mod nesting;
pub(crate) mod options;
pub(crate) mod unfinished;
