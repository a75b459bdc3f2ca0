//! Services that plugins provide.

mod services;

use super::kind;
