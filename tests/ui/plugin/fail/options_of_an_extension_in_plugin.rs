//~ ERROR: `tryfirst` is an option of an extension: write `#[extension(tryfirst)]` below `#[plugin(…)]` on a function, or on the method
//~ ERROR: `priority` is an option of an extension: write `#[extension(priority = …)]` below `#[plugin(…)]` on a function, or on the method
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "weather", extends = Specs::fetch, tryfirst, priority = 3)]
fn weather(topic: &str) -> String {
    topic.to_owned()
}

fn main() {}
