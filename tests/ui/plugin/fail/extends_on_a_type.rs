//~ ERROR: `extends` is an option of functions: extend a point with `#[extension] impl Specs for …`
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "weather", extends = Specs::fetch)]
struct Weather;

fn main() {}
