//! Extension points: their attributes, arguments and modes.

mod arguments;
mod lifetimes;
mod specs;

use super::kind;
