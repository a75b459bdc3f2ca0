//! A plugin that no host has heard of.

use linked_api::Specs;
use pluginkit::prelude::*;

#[plugin(id = "weather", project = "linked")]
#[derive(Default)]
struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        format!("weather[{topic}]")
    }
}
