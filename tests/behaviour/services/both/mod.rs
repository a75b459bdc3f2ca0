//! Services that plugins provide.

mod providers;

use super::kind;
