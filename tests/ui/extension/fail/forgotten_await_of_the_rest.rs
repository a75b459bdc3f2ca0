//~ ERROR: mismatched types
//~ ERROR: mismatched types

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub struct Loud;

#[extension(wrapper)]
impl Specs for Loud {
    async fn fetch(&self, next: Next<'_>) -> Vec<String> {
        next.run()
    }
}

pub struct Quiet;

#[extension(wrapper)]
impl Specs for Quiet {
    async fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        next.run(topic)
    }
}
