//! Plugins: blocks of extensions, metadata, conditions and versions.

mod conditions;
mod extensions;
mod generic_blocks;
mod metadata;
mod versions;

use super::kind;
