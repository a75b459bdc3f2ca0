//~ ERROR: this is not a predicate for this function
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "weather", extends = Specs::fetch)]
#[extension(when = is_even)]
fn weather(topic: &str) -> String {
    topic.to_owned()
}

fn is_even(number: u32) -> bool {
    number % 2 == 0
}

fn main() {}
