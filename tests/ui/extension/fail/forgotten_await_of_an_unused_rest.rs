//~ ERROR: unused implementer of `Future` that must be used
#![deny(unused_must_use)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub struct Loud;

#[extension(wrapper)]
impl Specs for Loud {
    async fn fetch(&self, next: Next<'_>) -> Vec<String> {
        next.clone().run();
        next.run().await
    }
}
