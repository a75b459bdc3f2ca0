//! A plugin that no host has heard of.

use linked_api::Specs;
use pluginkit::prelude::*;

#[plugin(id = "unnamed", project = "linked")]
#[derive(Default)]
struct Unnamed;

#[extension]
impl Specs for Unnamed {
    fn fetch(&self, topic: &str) -> String {
        format!("unnamed[{topic}]")
    }
}
