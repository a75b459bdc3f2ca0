//! Services that plugins provide.

mod places;
mod providers;
mod requirements;

use super::kind;
