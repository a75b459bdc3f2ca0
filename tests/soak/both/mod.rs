//! The work that both managers do. Each module is compiled twice: `kind` has the manager, and `own` the rest that differs.

mod calls;
mod changes;
pub(crate) mod fleet;
mod limits;
pub(crate) mod worker;

use super::{kind, own};
