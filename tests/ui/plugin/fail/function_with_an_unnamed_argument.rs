//~ ERROR: a function takes arguments by their names, and may leave them out: remove this parameter, or write `_` and the name from the point, like `_topic`
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, count: u8) -> String;
}

#[plugin(id = "weather", extends = Specs::fetch)]
fn weather(_: &str, _count: u8) -> String {
    "sunny".to_owned()
}

fn main() {}
