//! Wrappers: extensions that run around the rest of a call.

mod again;
mod calls;
mod closures;
mod crossings;
mod errors;

use super::kind;
