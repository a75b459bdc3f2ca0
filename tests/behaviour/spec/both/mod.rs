//! Extension points: their attributes, arguments and modes.

mod arguments;
mod specs;

use super::kind;
