//! Registration, look-ups and the order of extensions.

mod lookups;
mod ordering;
mod reentrancy;
mod registration;
mod scale;
mod switches;

use super::kind;
