//~ ERROR: a point is a method of a trait: put `#[extension_point]` on the trait that declares it

use pluginkit::prelude::*;

#[extension_point]
pub fn fetch(topic: &str) -> String {
    topic.to_owned()
}

pub fn uses() -> String {
    fetch("harbor")
}
