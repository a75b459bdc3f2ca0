//~ ERROR: a function is made of nothing; remove this, or make the plugin a type that keeps its settings
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

struct Settings;

#[plugin(id = "weather", extends = Specs::fetch, config = Settings)]
fn weather(topic: &str) -> String {
    topic.to_owned()
}

fn main() {}
