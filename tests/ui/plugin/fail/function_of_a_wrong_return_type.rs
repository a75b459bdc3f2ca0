//~ ERROR: an extension has another return type than its point
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "weather", extends = Specs::fetch)]
fn weather(topic: &str) -> usize {
    topic.len()
}

fn main() {}
