//! Sagas: calls that are undone together.

mod destructors;
mod drops;
