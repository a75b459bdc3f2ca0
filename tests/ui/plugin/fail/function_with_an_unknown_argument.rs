//~ ERROR: no field `subject` on type
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "weather", extends = Specs::fetch)]
fn weather(subject: &str) -> String {
    subject.to_owned()
}

fn main() {}
