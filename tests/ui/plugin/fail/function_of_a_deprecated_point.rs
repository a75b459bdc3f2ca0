//~ ERROR: ::fetch`: use `fetch_all`
//~ ERROR: ::fetch`: use `fetch_all`

#![deny(deprecated)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    #[deprecated = "use `fetch_all`"]
    fn fetch(&self, topic: &str) -> String;

    fn fetch_all(&self, topic: &str) -> String;
}

#[plugin(id = "weather", extends = Specs::fetch)]
fn weather(topic: &str) -> String {
    topic.to_owned()
}

#[plugin(id = "loud", extends = Specs::fetch)]
#[extension(wrapper)]
fn loud(topic: &str, next: Next<'_>) -> Vec<String> {
    next.run(topic)
}

/// A function may be deprecated itself, or may know that its point is.
#[plugin(id = "tides", extends = Specs::fetch_all)]
#[deprecated]
fn tides(topic: &str) -> String {
    topic.to_owned()
}

#[plugin(id = "stars", extends = Specs::fetch)]
#[allow(deprecated)]
fn stars(topic: &str) -> String {
    topic.to_owned()
}
