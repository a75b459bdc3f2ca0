//! Registration, look-ups and the order of extensions.

mod aliases;
mod features;
mod lookups;
mod ordering;
mod overrides;
mod reentrancy;
mod registration;
mod scale;
mod switches;
mod unbound;

use super::kind;
