//! Extension points: their attributes, arguments and modes.

mod arguments;
mod lifetimes;
mod shapes;
mod specs;

use super::kind;
