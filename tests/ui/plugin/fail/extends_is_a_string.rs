//~ ERROR: expected the path of an extension point, like `extends = Specs::fetch`

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "static", extends = "Specs::fetch")]
fn fetch(topic: &str) -> String {
    topic.to_owned()
}

fn main() {}
