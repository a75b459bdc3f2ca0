//! Managers as values: their types, threads and kinds.

mod kinds;
