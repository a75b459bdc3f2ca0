//~ ERROR: this nests more than 32 levels deep
//! A return type that nests deeper than the compiler's stack allows macros to read.

use pluginkit::prelude::*;

struct Plugin;

#[extension]
impl Specs for Plugin {
    fn fetch(&self) -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> fn() -> u8 {
        0
    }
}

fn main() {}
