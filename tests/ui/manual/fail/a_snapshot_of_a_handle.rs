//~ ERROR: no method named `load` found

use pluginkit::manual::{Calls, Handle};
use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub type Fetch = pluginkit::point!(Specs::fetch);

pub fn handle(caller: &Caller<Fetch>) -> &Handle<Fetch> {
    caller.handle()
}

pub fn keeps(caller: &Caller<Fetch>) {
    let held = handle(caller).load();
    std::mem::forget(held);
}
