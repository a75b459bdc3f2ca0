//~ ERROR: this does not fit the extension point

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn pick<'a>(&self, from: &'a str) -> &'a str;
}

pub struct Words;

#[extension(local)]
impl Specs for Words {
    fn pick<'a>(&mut self, from: &'a str) -> &'a str {
        from
    }
}
