//~ ERROR: a function needs the extension point that it extends: write `#[plugin(id = "weather", extends = Specs::fetch)]`
use pluginkit::prelude::*;

#[plugin(id = "weather")]
fn weather(topic: &str) -> String {
    topic.to_owned()
}

fn main() {}
