//~ ERROR: method `load` is private

use pluginkit::manual::AsyncHandle;
use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub type Fetch = pluginkit::point!(Specs::fetch);

pub fn keeps(handle: &AsyncHandle<Fetch>) {
    let held = handle.load();
    std::mem::forget(held);
}
