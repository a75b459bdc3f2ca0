//~ ERROR: a function has no settings and no constructor: remove this, or put `#[plugin]` on a type
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
