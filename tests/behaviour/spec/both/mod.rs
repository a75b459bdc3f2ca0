//! Extension points: their attributes, arguments and modes.

mod arguments;
mod generics;
mod lifetimes;
mod shapes;
mod specs;

use super::kind;
