//~ ERROR: method `load` is private

use pluginkit::manual::{AsyncCalls, AsyncHandle};
use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub type Fetch = pluginkit::point!(Specs::fetch);

pub fn handle(caller: &AsyncCaller<Fetch>) -> &AsyncHandle<Fetch> {
    caller.handle()
}

pub fn keeps(caller: &AsyncCaller<Fetch>) {
    let held = handle(caller).load();
    std::mem::forget(held);
}
