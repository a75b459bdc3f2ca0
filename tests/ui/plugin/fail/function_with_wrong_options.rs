//~ ERROR: unknown option `tryfrist` of an extension
//~ ERROR: an extension cannot be both `tryfirst` and `trylast`: remove one
//~ ERROR: a function names its point in `#[plugin(extends = Specs::fetch)]`: remove `target`
//~ ERROR: an `async fn` is awaited and must not block: remove `blocking`, or write a `fn`
//~ ERROR: a wrapper needs the rest of the call as its last parameter: add `next: Next<'_>`
//~ ERROR: only a wrapper has a `next`: add `#[extension(wrapper)]`, or remove this parameter
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "misspelled", extends = Specs::fetch)]
#[extension(tryfrist)]
fn misspelled(topic: &str) -> String {
    topic.to_owned()
}

#[plugin(id = "both", extends = Specs::fetch)]
#[extension(tryfirst, trylast)]
fn both(topic: &str) -> String {
    topic.to_owned()
}

#[plugin(id = "target", extends = Specs::fetch)]
#[extension(target = "fetch")]
fn target(topic: &str) -> String {
    topic.to_owned()
}

#[plugin(id = "blocking", extends = Specs::fetch)]
#[extension(blocking)]
async fn blocking(topic: &str) -> String {
    topic.to_owned()
}

#[plugin(id = "alone", extends = Specs::fetch)]
#[extension(wrapper)]
fn alone(topic: &str) -> Vec<String> {
    vec![topic.to_owned()]
}

#[plugin(id = "inner", extends = Specs::fetch)]
fn inner(topic: &str, next: Next<'_>) -> Vec<String> {
    let _ = topic;
    next.run()
}

fn main() {}
