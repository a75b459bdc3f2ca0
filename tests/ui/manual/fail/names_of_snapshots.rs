//~ ERROR: unresolved imports `pluginkit::manual::Extensions`, `pluginkit::manual::Loaded`

use pluginkit::manual::{Extensions, Handle, Loaded};
use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub type Fetch = pluginkit::point!(Specs::fetch);

pub struct Holds<'c> {
    pub handle: Handle<Fetch>,
    pub loaded: Loaded<Fetch>,
    pub extensions: Extensions<'c, Fetch>,
}
