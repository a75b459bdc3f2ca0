//~ ERROR: use of moved value: `next`
//~ ERROR: use of moved value: `next`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub struct Twice;

#[extension(wrapper)]
impl Specs for Twice {
    fn fetch(&self, next: Next<'_>) -> Vec<String> {
        next.run();
        next.run()
    }
}

pub struct AsyncTwice;

#[extension(wrapper)]
impl Specs for AsyncTwice {
    async fn fetch(&self, next: Next<'_>) -> Vec<String> {
        next.run().await;
        next.run().await
    }
}
