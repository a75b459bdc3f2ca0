//! A body may nest as deep as the compiler takes it, and a type by 25 levels.

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &Option<&Option<&Option<&Option<&Option<&Option<&Option<&Option<&Option<&Option<&Option<u8>>>>>>>>>>>) -> u8;
}

#[plugin(id = "plugin")]
#[derive(Default)]
pub struct Plugin;

#[extension]
impl Specs for Plugin {
    fn fetch(&self) -> u8 {
        #![allow(unused_braces, clippy::let_and_return)]
        { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { 1 } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } }
    }
}
