//~ ERROR: a `blocking` extension returns from another thread and cannot return a borrow: remove `blocking`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn pick<'a>(&self, from: &'a [String]) -> &'a str;
}

pub struct First;

#[extension]
impl Specs for First {
    #[extension(blocking)]
    fn pick<'a>(&self, from: &'a [String]) -> &'a str {
        &from[0]
    }
}
