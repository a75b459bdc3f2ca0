//! A plugin that is a function, and that no host has heard of.

use linked_api::Specs;
use pluginkit::prelude::*;

#[plugin(id = "words", project = "linked", extends = Specs::fetch)]
fn words(topic: &str) -> String {
    format!("words[{topic}]")
}
