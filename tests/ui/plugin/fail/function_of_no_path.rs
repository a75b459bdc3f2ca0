//~ ERROR: expected the path of an extension point, like `extends = Specs::fetch`
//~ ERROR: expected the path of an extension point, like `extends = Specs::fetch`
use pluginkit::prelude::*;

#[extension_point]
trait Specs<V: Send + Sync> {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "weather", extends = "Specs::fetch")]
fn weather() -> String {
    "sunny".to_owned()
}

#[plugin(id = "tides", extends = <Specs<u8>>::fetch)]
fn tides() -> String {
    "high".to_owned()
}

#[plugin(id = "stars", extends = Specs<u8>::fetch)]
fn stars() -> String {
    "many".to_owned()
}

fn main() {}
