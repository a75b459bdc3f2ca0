//! Errors and their messages.

mod messages;

use super::kind;
