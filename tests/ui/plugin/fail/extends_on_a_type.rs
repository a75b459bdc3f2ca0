//~ ERROR: `extends` is for functions; a type extends points with `#[extension] impl Specs for …`
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "weather", extends = Specs::fetch)]
struct Weather;

fn main() {}
