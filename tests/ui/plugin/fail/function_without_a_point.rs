//~ ERROR: a function needs its extension point: write `#[plugin(id = "weather", extends = Specs::fetch)]`
use pluginkit::prelude::*;

#[plugin(id = "weather")]
fn weather(topic: &str) -> String {
    topic.to_owned()
}

fn main() {}
