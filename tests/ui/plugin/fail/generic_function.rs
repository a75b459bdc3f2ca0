//~ ERROR: a function that is a plugin cannot have type parameters: write the types of the point
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "weather", extends = Specs::fetch)]
fn weather<T: AsRef<str>>(topic: T) -> String {
    topic.as_ref().to_owned()
}

fn main() {}
