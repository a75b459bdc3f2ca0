//! The checks of both managers. Each module is compiled twice, and `kind` has its manager.

mod beside;
mod drains;
mod guards;
mod handles;
mod lives;

use super::kind;
