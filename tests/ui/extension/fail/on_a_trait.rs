//~ ERROR: `#[extension]` belongs on an impl block: `#[extension] impl Specs for Plugin { … }`

use pluginkit::prelude::*;

#[extension]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}
