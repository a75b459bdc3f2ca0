//~ ERROR: wrappers and `async fn`s do not run on the blocking pool, and this block has no other methods: remove `blocking`
//~ ERROR: a wrapper runs around the rest of the call and cannot move to the blocking pool: remove `blocking`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn count(&self) -> u8;
}

pub struct Weather;

#[extension(blocking)]
impl Specs for Weather {
    async fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    #[extension(wrapper)]
    async fn count(&self, next: Next<'_>) -> Vec<u8> {
        next.run().await
    }
}

pub struct Tides;

#[extension(blocking)]
impl Specs for Tides {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    #[extension(wrapper, blocking)]
    async fn count(&self, next: Next<'_>) -> Vec<u8> {
        next.run().await
    }
}
