//! Managers as values: their types, threads and kinds.

mod auto_traits;
mod threads;

use super::kind;
