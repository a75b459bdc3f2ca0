//! Services that plugins provide.

mod providers;
mod requirements;

use super::kind;
