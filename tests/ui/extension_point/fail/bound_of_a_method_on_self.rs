//~ ERROR: a point is a call to all plugins, which have different types: remove this bound

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String
    where
        Self: Sized;
}
