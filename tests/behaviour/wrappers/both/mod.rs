//! Wrappers: extensions that run around the rest of a call.

mod calls;
mod closures;
mod errors;

use super::kind;
