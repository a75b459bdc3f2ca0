//~ ERROR: `#[extension]` belongs on an impl block: `#[extension] impl Specs for Plugin { … }`

use pluginkit::prelude::*;

#[extension]
pub fn fetch(topic: &str) -> String {
    topic.to_owned()
}
