//~ ERROR: this nests more than 32 levels deep: name a part of it, like `type Inner = …;`
//! A type that nests deeper than the compiler's stack allows macros to read.

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<u8>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>);
}

fn main() {}
