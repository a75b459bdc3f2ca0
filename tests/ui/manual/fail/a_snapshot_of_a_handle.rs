//~ ERROR: no method named `load` found

use pluginkit::manual::Handle;
use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub type Fetch = pluginkit::point!(Specs::fetch);

pub fn keeps(handle: &Handle<Fetch>) {
    let held = handle.load();
    std::mem::forget(held);
}
