//! Sagas: calls that are undone together.

mod sagas;

use super::kind;
