//! The rules of loading that hold for both managers. Each module is compiled twice, and `kind` has its manager.

mod after_step;
mod ambiguous;
mod changes;
mod crossings;
mod discovery;
mod extensions;
mod factories;
mod groups;
mod json;
mod limits;
mod loads;
mod meanwhile;
mod names;
mod one_by_one;
mod places;
mod policies;
mod reloads;
mod runs;
mod schemas;
mod turned_off;

use super::kind;
