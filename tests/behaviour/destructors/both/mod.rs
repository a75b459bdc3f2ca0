//! Destructors that panic or call the manager.

mod arguments;
mod drops;
mod in_calls;
mod in_changes;
mod observers;
mod values;

use super::kind;
